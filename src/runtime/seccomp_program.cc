#include "runtime/seccomp_program.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <seccomp.h>

#include "runtime/seccomp_newer_calls.h"
#include "sys/file.h"
#include "sys/memory_file.h"

namespace stasis::runtime {
namespace {

template <class T>
using Names = std::pair<std::string_view, T>;

constexpr std::array<Names<std::uint32_t>, 9> kActions{{
    {"SCMP_ACT_KILL", SCMP_ACT_KILL},
    {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
    {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
    {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
    {"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0)},
    {"SCMP_ACT_TRACE", SCMP_ACT_TRACE(0)},
    {"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY},
    {"SCMP_ACT_LOG", SCMP_ACT_LOG},
    {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
}};

constexpr std::array<Names<scmp_compare>, 7> kOperators{{
    {"SCMP_CMP_NE", SCMP_CMP_NE},
    {"SCMP_CMP_LT", SCMP_CMP_LT},
    {"SCMP_CMP_LE", SCMP_CMP_LE},
    {"SCMP_CMP_EQ", SCMP_CMP_EQ},
    {"SCMP_CMP_GE", SCMP_CMP_GE},
    {"SCMP_CMP_GT", SCMP_CMP_GT},
    {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
}};

constexpr std::array<Names<const char*>, 17> kArchitectures{{
    {"SCMP_ARCH_X86", "x86"},
    {"SCMP_ARCH_X86_64", "x86_64"},
    {"SCMP_ARCH_X32", "x32"},
    {"SCMP_ARCH_ARM", "arm"},
    {"SCMP_ARCH_AARCH64", "aarch64"},
    {"SCMP_ARCH_MIPS", "mips"},
    {"SCMP_ARCH_MIPS64", "mips64"},
    {"SCMP_ARCH_MIPS64N32", "mips64n32"},
    {"SCMP_ARCH_MIPSEL", "mipsel"},
    {"SCMP_ARCH_MIPSEL64", "mipsel64"},
    {"SCMP_ARCH_MIPSEL64N32", "mipsel64n32"},
    {"SCMP_ARCH_PPC", "ppc"},
    {"SCMP_ARCH_PPC64", "ppc64"},
    {"SCMP_ARCH_PPC64LE", "ppc64le"},
    {"SCMP_ARCH_S390", "s390"},
    {"SCMP_ARCH_S390X", "s390x"},
    {"SCMP_ARCH_RISCV64", "riscv64"},
}};

// linux/seccomp.h: SECCOMP_FILTER_FLAG_TSYNC has no effect on a process with one thread.
constexpr std::array<Names<unsigned>, 4> kFlags{{
    {"SECCOMP_FILTER_FLAG_TSYNC", 0U},
    {"SECCOMP_FILTER_FLAG_LOG", 2U},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4U},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 32U},
}};
constexpr unsigned kNewListener = 8, kWaitKillable = 32;

constexpr std::string_view kNotify = "SCMP_ACT_NOTIFY";
constexpr unsigned kErrnoMask = 0xffff;

template <class Table>
auto find_name(const Table& table, std::string_view name)
    -> std::optional<typename Table::value_type::second_type> {
  for (const auto& [text, value] : table) {
    if (text == name) return value;
  }
  return std::nullopt;
}

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.first);
  return names;
}

Result<std::uint32_t> resolve_action(const std::string& name,
                                     std::optional<std::uint32_t> errno_ret) {
  const auto action = find_name(kActions, name);
  if (!action) return fail(ErrorKind::kInvalidArgument, "unknown action '{}'", name);
  const bool has_value = name == "SCMP_ACT_ERRNO" || name == "SCMP_ACT_TRACE";
  if (errno_ret && !has_value) {
    return fail(ErrorKind::kInvalidArgument, "action '{}' takes no errnoRet", name);
  }
  if (errno_ret && *errno_ret > kErrnoMask) {
    return fail(ErrorKind::kInvalidArgument, "errnoRet {} is out of range", *errno_ret);
  }
  return has_value ? *action | errno_ret.value_or(EPERM) : *action;
}

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

// libseccomp returns negative errnos.
Result<void> checked(int result, std::string_view what) {
  if (result >= 0) return {};
  return Error::from_errno(std::string(what), -result);
}

Result<void> add_architectures(scmp_filter_ctx filter, const oci::Seccomp& config) {
  for (const std::string& name : config.architectures) {
    const auto short_name = find_name(kArchitectures, name);
    if (!short_name) return fail(ErrorKind::kInvalidArgument, "unknown architecture '{}'", name);
    const std::uint32_t token = ::seccomp_arch_resolve_name(*short_name);
    if (token == 0) return fail(ErrorKind::kUnsupported, "architecture '{}'", name);
    const int added = ::seccomp_arch_add(filter, token);
    if (added != -EEXIST) STASIS_TRY(checked(added, "seccomp_arch_add"));
  }
  return {};
}

// libseccomp's tokens of all architectures that the filter is for: its own always is one.
std::vector<std::uint32_t> all_architectures(const oci::Seccomp& config) {
  std::vector<std::uint32_t> tokens{::seccomp_arch_native()};
  for (const std::string& name : config.architectures) {
    const auto short_name = find_name(kArchitectures, name);
    const std::uint32_t token = short_name ? ::seccomp_arch_resolve_name(*short_name) : 0;
    if (token != 0 && std::ranges::find(tokens, token) == tokens.end()) tokens.push_back(token);
  }
  return tokens;
}

// Nothing for a profile without SCMP_ACT_NOTIFY: listenerPath has no meaning then.
Result<std::optional<SeccompListener>> plan_listener(const oci::Seccomp& config) {
  if (config.default_action == kNotify) {
    return fail(ErrorKind::kInvalidArgument,
                "linux.seccomp.defaultAction: SCMP_ACT_NOTIFY cannot be the default: the runtime "
                "itself makes calls until the container's program runs");
  }
  bool notifies = false;
  for (std::size_t i = 0; i < config.syscalls.size(); ++i) {
    const oci::SeccompRule& rule = config.syscalls[i];
    if (rule.action != kNotify) continue;
    notifies = true;
    if (std::ranges::find(rule.names, "write") != rule.names.end()) {
      return fail(ErrorKind::kInvalidArgument,
                  "linux.seccomp.syscalls[{}]: SCMP_ACT_NOTIFY cannot be used for the write "
                  "system call: the listener itself is announced with it",
                  i);
    }
  }
  if (!notifies) return std::nullopt;
  if (config.listener_path.empty()) {
    return fail(ErrorKind::kInvalidArgument,
                "linux.seccomp.listenerPath: is missing, and SCMP_ACT_NOTIFY needs it");
  }
  return SeccompListener{config.listener_path, config.listener_metadata};
}

Result<std::vector<scmp_arg_cmp>> comparisons(const oci::SeccompRule& rule) {
  std::vector<scmp_arg_cmp> result;
  for (const oci::SeccompArgument& arg : rule.args) {
    const auto op = find_name(kOperators, arg.op);
    if (!op) return fail(ErrorKind::kInvalidArgument, "unknown operator '{}'", arg.op);
    if (arg.index > 5) {
      return fail(ErrorKind::kInvalidArgument, "argument {}: system calls have 6", arg.index);
    }
    result.push_back({arg.index, *op, arg.value, arg.value_two});
  }
  return result;
}

// Conditions on one argument twice are alternatives, on different arguments they all must hold:
// what libseccomp takes in one rule is the latter only.
bool names_an_argument_twice(const std::vector<scmp_arg_cmp>& conditions) {
  unsigned seen = 0;
  for (const scmp_arg_cmp& one : conditions) {
    if ((seen >> one.arg & 1U) != 0) return true;
    seen |= 1U << one.arg;
  }
  return false;
}

Result<void> add_rule(scmp_filter_ctx filter, const oci::SeccompRule& rule,
                      std::uint32_t default_action) {
  STASIS_ASSIGN(const std::uint32_t action, resolve_action(rule.action, rule.errno_ret));
  if (action == default_action) return {};
  STASIS_ASSIGN(const auto conditions, comparisons(rule));
  const bool alternatives = names_an_argument_twice(conditions);
  for (const std::string& name : rule.names) {
    const int number = ::seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) continue;
    if (!alternatives) {
      STASIS_TRY(checked(
          ::seccomp_rule_add_array(filter, action, number, static_cast<unsigned>(conditions.size()),
                                   conditions.data()),
          name));
      continue;
    }
    for (const scmp_arg_cmp& one : conditions) {
      STASIS_TRY(checked(::seccomp_rule_add_array(filter, action, number, 1, &one), name));
    }
  }
  return {};
}

Result<std::vector<std::uint64_t>> export_program(scmp_filter_ctx filter) {
  STASIS_ASSIGN(const UniqueFd file, sys::create_memfd("seccomp", 0));
  STASIS_TRY(checked(::seccomp_export_bpf(filter, file.get()), "seccomp_export_bpf"));
  STASIS_ASSIGN(const struct stat st, sys::stat_fd(file.get()));
  std::vector<std::uint64_t> program(static_cast<std::size_t>(st.st_size) / sizeof(std::uint64_t));
  STASIS_TRY(sys::pread_exact(file.get(), std::as_writable_bytes(std::span(program)), 0));
  return program;
}

Result<unsigned> plan_flags(const std::vector<std::string>& names,
                            const std::optional<SeccompListener>& listener) {
  unsigned flags = listener ? kNewListener : 0;
  for (const std::string& name : names) {
    const auto flag = find_name(kFlags, name);
    if (!flag) {
      return fail(ErrorKind::kUnsupported, "linux.seccomp.flags: '{}' is not supported by stasis",
                  name);
    }
    flags |= *flag;
  }
  if (!listener && (flags & kWaitKillable) != 0) {
    return fail(ErrorKind::kInvalidArgument,
                "linux.seccomp.flags: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV' needs a rule with "
                "SCMP_ACT_NOTIFY");
  }
  return flags;
}

}  // namespace

Result<SeccompProgram> compile_seccomp(const oci::Seccomp& config) {
  SeccompProgram program;
  STASIS_ASSIGN(program.listener, plan_listener(config));
  STASIS_ASSIGN(program.flags, plan_flags(config.flags, program.listener));
  STASIS_ASSIGN(const std::uint32_t default_action,
                resolve_action(config.default_action, config.default_errno_ret)
                    .context("linux.seccomp.defaultAction"));
  const Filter filter(::seccomp_init(default_action), ::seccomp_release);
  if (!filter) return fail(ErrorKind::kKernel, "seccomp_init failed");
  STASIS_TRY(add_architectures(filter.get(), config).context("linux.seccomp.architectures"));
  // no_new_privs is process.noNewPrivileges's business.
  STASIS_TRY(checked(::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0), "seccomp_attr_set"));
  for (std::size_t i = 0; i < config.syscalls.size(); ++i) {
    auto added = add_rule(filter.get(), config.syscalls[i], default_action);
    if (!added) {
      return std::move(added.error()).context(fmt::format("linux.seccomp.syscalls[{}]", i));
    }
  }
  program.instructions = refuse_newer_calls(config, all_architectures(config));
  STASIS_ASSIGN(const auto rules, export_program(filter.get()).context("linux.seccomp"));
  program.instructions.insert(program.instructions.end(), rules.begin(), rules.end());
  return program;
}

std::vector<std::string> known_seccomp_actions() { return names_of(kActions); }
std::vector<std::string> known_seccomp_operators() { return names_of(kOperators); }
std::vector<std::string> known_seccomp_architectures() { return names_of(kArchitectures); }
std::vector<std::string> known_seccomp_flags() { return names_of(kFlags); }

}  // namespace stasis::runtime
