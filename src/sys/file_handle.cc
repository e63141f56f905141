#include "sys/file_handle.h"

#include <fcntl.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr int kHandleFid = 0x200;  // AT_HANDLE_FID, linux/fcntl.h

struct RawHandle {
  alignas(file_handle) std::array<std::byte, sizeof(file_handle) + MAX_HANDLE_SZ> bytes{};
  file_handle* get() { return reinterpret_cast<file_handle*>(bytes.data()); }
};

}  // namespace

Result<std::optional<FileHandle>> get_file_handle(int dir_fd, const std::string& name) {
  RawHandle raw;
  raw.get()->handle_bytes = MAX_HANDLE_SZ;
  int mount_id = 0;
  if (::name_to_handle_at(dir_fd, name.c_str(), raw.get(), &mount_id, kHandleFid) != 0) {
    if (errno == EOPNOTSUPP) return std::optional<FileHandle>();
    return last_error("name_to_handle_at '{}'", name);
  }
  FileHandle handle;
  handle.type = raw.get()->handle_type;
  handle.bytes.assign(raw.get()->f_handle, raw.get()->f_handle + raw.get()->handle_bytes);
  return std::optional(std::move(handle));
}

Result<UniqueFd> open_by_handle(int mount_fd, const FileHandle& handle) {
  if (handle.bytes.size() > MAX_HANDLE_SZ) {
    return fail(ErrorKind::kInvalidArgument, "a file handle of {} bytes", handle.bytes.size());
  }
  RawHandle raw;
  raw.get()->handle_type = handle.type;
  raw.get()->handle_bytes = static_cast<unsigned>(handle.bytes.size());
  std::memcpy(raw.get()->f_handle, handle.bytes.data(), handle.bytes.size());
  UniqueFd fd(::open_by_handle_at(mount_fd, raw.get(), O_PATH | O_CLOEXEC));
  if (!fd) return last_error("open_by_handle_at");
  return fd;
}

}  // namespace stasis::sys
