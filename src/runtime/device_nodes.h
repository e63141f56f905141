// /dev of a container: device nodes, the customary symlinks, and the console. Runs in the child.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/environment.h"

namespace stasis::runtime {

// Makes the nodes of the plan, or binds the host's where making is not allowed (user namespaces),
// and the symlinks /dev/fd, /dev/stdin, /dev/stdout, /dev/stderr, /dev/ptmx.
Result<void> make_devices(const Environment& environment, int root_fd);

struct Terminal {
  UniqueFd master;
  std::string path;  // of the slave, inside: "/dev/pts/0"
};

// A new pty of the container's own devpts. Its slave becomes /dev/console, the standard
// descriptors and, with ConsoleUse::kInit, the controlling terminal; it belongs to the container's
// user.
Result<Terminal> make_console(const Environment& environment, int root_fd);

// The part of make_console() that a process has which `exec` brings in: no /dev/console.
struct TerminalRequest {
  std::optional<oci::ConsoleSize> size;
  std::uint32_t uid = 0;
};
Result<Terminal> make_terminal(const TerminalRequest& request, int root_fd);

}  // namespace stasis::runtime
