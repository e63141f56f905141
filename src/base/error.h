// The one error type of the project: a kind that callers may branch on, the errno behind it (0 when
// no system call failed), and a sentence built from the inside out, one frame per layer.
// Nobody matches on the text.
#pragma once

#include <string>
#include <string_view>

namespace stasis {

enum class ErrorKind {
  kInvalidArgument,  // what the caller asked for makes no sense (flags, names, config)
  kNotFound,         // the named object does not exist
  kConflict,         // the object exists already, or is in the wrong state
  kUnsupported,      // asked for or found something that stasis or this kernel cannot do
  kCorruptImage,     // image bytes are not what the format says
  kTaskDied,         // a process that was worked on ended meanwhile
  kTimeout,          // the kernel did not get there in time
  kInterrupted,      // the caller wants it no more
  kKernel,           // any other system call failure; see error_number()
};

std::string_view to_string(ErrorKind kind);

// "ENOENT" for ENOENT; "errno 4095" for a number without a name.
std::string errno_name(int error_number);

class Error {
 public:
  Error(ErrorKind kind, std::string message, int error_number = 0)
      : kind_(kind), errno_(error_number), message_(std::move(message)) {}

  // The innermost frame of a failed system call: `call` is the call and its arguments,
  // "openat '/etc/passwd'". The kind follows from the errno (ENOENT: kNotFound, EEXIST: kConflict,
  // ESRCH: kTaskDied, ENOSYS and EOPNOTSUPP: kUnsupported, else kKernel).
  static Error from_errno(std::string call, int error_number);

  ErrorKind kind() const { return kind_; }
  int error_number() const { return errno_; }
  // "restoring fd 7 of pid 12: connect unix socket '/run/db.sock': ECONNREFUSED"
  const std::string& message() const { return message_; }

  // Adds an outer frame: what the caller was doing, with the object's name. Keeps kind and errno.
  Error context(std::string_view frame) &&;
  // Replaces the kind and keeps the rest: for callers that know better what an errno means here.
  Error as(ErrorKind kind) &&;

 private:
  ErrorKind kind_;
  int errno_ = 0;
  std::string message_;
};

}  // namespace stasis
