// linux.seccomp of config.json, compiled by libseccomp into the program that the kernel loads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "oci/seccomp.h"

namespace stasis::runtime {

// Who is told of calls with SCMP_ACT_NOTIFY.
struct SeccompListener {
  std::string path;      // of the agent's socket
  std::string metadata;  // for the agent
};

struct SeccompProgram {
  std::vector<std::uint64_t> instructions;  // struct sock_filter each
  unsigned flags = 0;                       // SECCOMP_FILTER_FLAG_
  std::optional<SeccompListener> listener;  // of filters with SCMP_ACT_NOTIFY only
};

// Names of system calls that libseccomp does not know are passed over, as other runtimes do: they
// are newer than the library, or of another architecture.
Result<SeccompProgram> compile_seccomp(const oci::Seccomp& config);

std::vector<std::string> known_seccomp_actions();
std::vector<std::string> known_seccomp_operators();
std::vector<std::string> known_seccomp_architectures();
std::vector<std::string> known_seccomp_flags();

}  // namespace stasis::runtime
