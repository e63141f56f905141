// A container's terminal, as seen from outside: sent to whoever listens on --console-socket, or
// proxied to the caller's own terminal.
#pragma once

#include <optional>
#include <string>

#include <termios.h>

#include "base/result.h"
#include "base/unique_fd.h"
#include "oci/spec.h"

namespace stasis::runtime {

enum class Attachment { kAttached, kDetached };

// The rules of runc: a detached terminal needs a console socket, and a console socket needs a
// detached terminal.
Result<void> check_console(const oci::Process& process, Attachment attachment,
                           const std::string& console_socket);

// Connected before anything is made, so that a wrong path changes nothing.
Result<UniqueFd> connect_console_socket(const std::string& path);
Result<void> send_console(const UniqueFd& socket, const UniqueFd& master);

// The first of standard input, output and error that is a terminal; -1: none is.
int find_own_terminal();

// Copies bytes between the caller's terminal (raw meanwhile) and the container's.
class TerminalProxy {
 public:
  // Standard input need not be a terminal: then nothing is put into raw mode.
  static Result<TerminalProxy> start(UniqueFd master);
  TerminalProxy(TerminalProxy&& other) noexcept = default;
  TerminalProxy& operator=(TerminalProxy&&) = delete;
  ~TerminalProxy();

  int master_fd() const { return master_.get(); }
  // -1 once there is no more input to take.
  int input_fd() const { return input_open_ ? 0 : -1; }
  // One read and the writes it takes. False: the container's side is closed.
  bool copy_output();
  void copy_input();
  // What is still in the terminal when the container has ended.
  void drain();
  void resize() const;

 private:
  explicit TerminalProxy(UniqueFd master) : master_(std::move(master)) {}

  UniqueFd master_;
  std::optional<termios> original_;
  bool input_open_ = true;
};

}  // namespace stasis::runtime
