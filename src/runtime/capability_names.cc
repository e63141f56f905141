#include "runtime/capability_names.h"

#include <algorithm>
#include <array>

namespace stasis::runtime {
namespace {

// In the order of their numbers (linux/capability.h, Linux 5.9 to 6.18).
constexpr std::array<std::string_view, 41> kNames{"CHOWN",
                                                  "DAC_OVERRIDE",
                                                  "DAC_READ_SEARCH",
                                                  "FOWNER",
                                                  "FSETID",
                                                  "KILL",
                                                  "SETGID",
                                                  "SETUID",
                                                  "SETPCAP",
                                                  "LINUX_IMMUTABLE",
                                                  "NET_BIND_SERVICE",
                                                  "NET_BROADCAST",
                                                  "NET_ADMIN",
                                                  "NET_RAW",
                                                  "IPC_LOCK",
                                                  "IPC_OWNER",
                                                  "SYS_MODULE",
                                                  "SYS_RAWIO",
                                                  "SYS_CHROOT",
                                                  "SYS_PTRACE",
                                                  "SYS_PACCT",
                                                  "SYS_ADMIN",
                                                  "SYS_BOOT",
                                                  "SYS_NICE",
                                                  "SYS_RESOURCE",
                                                  "SYS_TIME",
                                                  "SYS_TTY_CONFIG",
                                                  "MKNOD",
                                                  "LEASE",
                                                  "AUDIT_WRITE",
                                                  "AUDIT_CONTROL",
                                                  "SETFCAP",
                                                  "MAC_OVERRIDE",
                                                  "MAC_ADMIN",
                                                  "SYSLOG",
                                                  "WAKE_ALARM",
                                                  "BLOCK_SUSPEND",
                                                  "AUDIT_READ",
                                                  "PERFMON",
                                                  "BPF",
                                                  "CHECKPOINT_RESTORE"};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

}  // namespace

std::optional<unsigned> find_capability(std::string_view name) {
  const std::string wanted = upper(name);
  std::string_view bare = wanted;
  if (bare.starts_with("CAP_")) bare.remove_prefix(4);
  const auto* found = std::ranges::find(kNames, bare);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<unsigned>(found - kNames.begin());
}

std::uint64_t capability_bits(const std::vector<std::string>& names,
                              std::vector<std::string>& unknown) {
  std::uint64_t bits = 0;
  for (const std::string& name : names) {
    if (const auto number = find_capability(name)) {
      bits |= std::uint64_t{1} << *number;
    } else {
      unknown.push_back(name);
    }
  }
  return bits;
}

std::string describe_capabilities(std::uint64_t bits) {
  std::string text;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if ((bits >> i & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    text += "CAP_";
    text += kNames[i];
  }
  return text;
}

std::vector<std::string> known_capabilities() {
  std::vector<std::string> names;
  for (const auto name : kNames) names.push_back("CAP_" + std::string(name));
  return names;
}

}  // namespace stasis::runtime
