// The conversation between the runtime and the child that becomes a container's process, over a
// SOCK_SEQPACKET pair. Both ends are close-on-exec: the runtime sees the end of the channel at the
// child's execve (or death).
//
//   runtime                                   child
//   ------------------------------------------------------------------------------
//   limits, cgroup, id maps
//   kGo ------------------------------------>
//                                             session, namespaces' settings, mounts
//   <------------------------------ kMounted  (init only)
//   prestart and createRuntime hooks
//   kContinue ------------------------------>
//                                             createContainer hooks, console, pivot_root
//   <--------------------- kReady, [console]
//   state on disk, console handed on
//   kStart (or exec.fifo is opened) -------->
//                                             credentials, startContainer hooks, execve
//   <------------------------- end of channel
//
// At any point the child may send kFailed and exit, and the runtime may close its end to end the
// child.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::runtime {

inline constexpr std::size_t kLongestText = std::size_t{64} << 10;

enum class Message : std::uint32_t {
  kGo = 1,
  kMounted,
  kContinue,
  kReady,
  kStart,
  kFailed,
  kListener,  // see seccomp_listener.h
};

struct Received {
  Message message = Message::kFailed;
  std::string text;
  UniqueFd fd;
};

class InitChannel {
 public:
  explicit InitChannel(UniqueFd socket) : socket_(std::move(socket)) {}
  int fd() const { return socket_.get(); }

  // `passed_fd` is -1 for none. `text` is at most kLongestText bytes.
  Result<void> send(Message message, std::string_view text = {}, int passed_fd = -1) const;
  // Without a descriptor, and by write(2) alone: a seccomp profile may hold sendmsg(2) up, but not
  // that one.
  Result<void> write(Message message, std::string_view text) const;
  // Waits for `expected`. A kFailed comes back as the child's own Error; the end of the channel as
  // kTaskDied.
  Result<Received> expect(Message expected) const;
  // Waits for the end of the channel; a kFailed before it is the child's Error.
  Result<void> expect_end() const;
  // Never fails: there is nobody to tell.
  void send_failure(const Error& error) const;

 private:
  Result<Received> receive() const;
  UniqueFd socket_;
};

// The two ends: the runtime's, the child's.
Result<std::pair<InitChannel, InitChannel>> make_init_channel();

// An Error as one line of text and back: kFailed carries it, and so does exec.fifo.
std::string encode_error(const Error& error);
Error decode_error(std::string_view text);

}  // namespace stasis::runtime
