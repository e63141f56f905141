#include "base/error.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace stasis {
namespace {

ErrorKind kind_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
      return ErrorKind::kNotFound;
    case EEXIST:
      return ErrorKind::kConflict;
    case ESRCH:
      return ErrorKind::kTaskDied;
    case ENOSYS:
    case EOPNOTSUPP:
      return ErrorKind::kUnsupported;
    case ETIMEDOUT:
      return ErrorKind::kTimeout;
    default:
      return ErrorKind::kKernel;
  }
}

}  // namespace

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
      return "invalid argument";
    case ErrorKind::kNotFound:
      return "not found";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kCorruptImage:
      return "corrupt image";
    case ErrorKind::kTaskDied:
      return "task died";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kInterrupted:
      return "interrupted";
    case ErrorKind::kKernel:
      return "kernel";
  }
  return "unknown";
}

std::string errno_name(int error_number) {
  const char* name = ::strerrorname_np(error_number);
  return name != nullptr ? name : fmt::format("errno {}", error_number);
}

Error Error::from_errno(std::string call, int error_number) {
  Error error(kind_of_errno(error_number),
              fmt::format("{}: {}", std::move(call), errno_name(error_number)));
  error.errno_ = error_number;
  return error;
}

Error Error::context(std::string_view frame) && {
  message_ = fmt::format("{}: {}", frame, message_);
  return std::move(*this);
}

Error Error::as(ErrorKind kind) && {
  kind_ = kind;
  return std::move(*this);
}

}  // namespace stasis
