#include "runtime/console.h"

#include <array>
#include <utility>

#include <poll.h>

#include "sys/fd_passing.h"
#include "sys/file.h"
#include "sys/terminal.h"

namespace stasis::runtime {
namespace {

constexpr char kEndOfInput = 4;  // ^D, VEOF of a terminal in its usual mode

}  // namespace

Result<void> check_console(const oci::Process& process, Attachment attachment,
                           const std::string& console_socket) {
  const bool detached = attachment == Attachment::kDetached;
  if (detached && process.terminal && console_socket.empty()) {
    return fail(ErrorKind::kInvalidArgument,
                "cannot allocate a terminal for a detached process without --console-socket");
  }
  if (!console_socket.empty() && !(detached && process.terminal)) {
    return fail(ErrorKind::kInvalidArgument,
                "--console-socket is of use only for a detached process with a terminal");
  }
  return {};
}

Result<UniqueFd> connect_console_socket(const std::string& path) {
  if (path.empty()) return UniqueFd();
  return sys::connect_unix(path).context("--console-socket");
}

Result<void> send_console(const UniqueFd& socket, const UniqueFd& master) {
  if (!socket || !master) return {};
  const std::array<int, 1> fds{master.get()};
  return sys::send_fds(socket.get(), "/dev/pts/0", fds).context("sending the terminal");
}

int find_own_terminal() {
  for (int fd = 0; fd < 3; ++fd) {
    if (sys::is_terminal(fd)) return fd;
  }
  return -1;
}

Result<TerminalProxy> TerminalProxy::start(UniqueFd master) {
  TerminalProxy proxy(std::move(master));
  if (sys::is_terminal(0)) {
    proxy.resize();
    STASIS_ASSIGN(proxy.original_, sys::get_terminal_mode(0));
    STASIS_TRY(sys::set_terminal_mode(0, sys::raw_mode(*proxy.original_)));
  }
  return proxy;
}

TerminalProxy::~TerminalProxy() {
  if (master_ && original_) static_cast<void>(sys::set_terminal_mode(0, *original_));
}

bool TerminalProxy::copy_output() {
  std::array<std::byte, 8192> buffer;
  // EIO: the last process that had the slave open is gone.
  const auto got = sys::read_some(master_.get(), buffer);
  if (!got || *got == 0) return false;
  static_cast<void>(sys::write_all(1, std::span(buffer).first(*got)));
  return true;
}

void TerminalProxy::copy_input() {
  std::array<std::byte, 4096> buffer;
  const auto got = sys::read_some(0, buffer);
  if (!got || *got == 0) {
    input_open_ = false;
    static_cast<void>(sys::write_all(master_.get(), std::string_view(&kEndOfInput, 1)));
    return;
  }
  static_cast<void>(sys::write_all(master_.get(), std::span(buffer).first(*got)));
}

void TerminalProxy::drain() {
  pollfd ready{master_.get(), POLLIN, 0};
  while (::poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0 && copy_output()) {
  }
}

void TerminalProxy::resize() const {
  const auto size = sys::get_window_size(0);
  if (size) static_cast<void>(sys::set_window_size(master_.get(), *size));
}

}  // namespace stasis::runtime
