#include "cgroup/device_program.h"

#include <cstdint>
#include <string_view>

namespace stasis::cgroup {
namespace {

using sys::BpfInstruction;
using Program = std::vector<BpfInstruction>;

// Register 1 comes with the address of the request. The others, once they are loaded:
constexpr std::uint8_t kAnswer = 0, kRequest = 1, kWanted = 2, kType = 3, kMajor = 4, kMinor = 5,
                       kScratch = 6;

constexpr std::int32_t kAllAccess =
    sys::kBpfDeviceMakeNode | sys::kBpfDeviceRead | sys::kBpfDeviceWrite;

std::uint8_t registers(std::uint8_t destination, std::uint8_t source = 0) {
  return static_cast<std::uint8_t>(destination | source << 4);
}

std::int32_t access_bits(std::string_view access) {
  std::int32_t bits = 0;
  for (const char letter : access) {
    if (letter == 'r') bits |= sys::kBpfDeviceRead;
    if (letter == 'w') bits |= sys::kBpfDeviceWrite;
    if (letter == 'm') bits |= sys::kBpfDeviceMakeNode;
  }
  return bits;
}

void load_request(Program& program) {
  program.push_back({sys::kBpfLoadWord, registers(kWanted, kRequest), 0, 0});
  program.push_back({sys::kBpfMove, registers(kType, kWanted), 0, 0});
  program.push_back({sys::kBpfAndConstant, registers(kType), 0, 0xffff});
  program.push_back({sys::kBpfShiftRight, registers(kWanted), 0, 16});
  program.push_back({sys::kBpfLoadWord, registers(kMajor, kRequest), 4, 0});
  program.push_back({sys::kBpfLoadWord, registers(kMinor, kRequest), 8, 0});
}

enum class Answer : std::int32_t { kRefuse = 0, kAllow = 1 };

void give(Program& program, Answer answer) {
  program.push_back(
      {sys::kBpfMoveConstant, registers(kAnswer), 0, static_cast<std::int32_t>(answer)});
  program.push_back({sys::kBpfExit, 0, 0, 0});
}

// The jump leads behind the rule; how far that is, is known when the rule is complete.
void unless_equal(Program& program, std::uint8_t value, std::int64_t expected) {
  program.push_back(
      {sys::kBpfJumpUnless, registers(value), 0, static_cast<std::int32_t>(expected)});
}

// No device has such numbers (dev_t has 12 and 20 bits), which instructions could not hold.
bool fits_nothing(const DeviceRule& rule) {
  constexpr std::int64_t kLargest = 0xfffff;
  return rule.major.value_or(0) > kLargest || rule.minor.value_or(0) > kLargest;
}

void match_device(Program& program, const DeviceRule& rule) {
  if (rule.type == 'b') unless_equal(program, kType, sys::kBpfDeviceBlock);
  if (rule.type == 'c') unless_equal(program, kType, sys::kBpfDeviceCharacter);
  if (rule.major) unless_equal(program, kMajor, *rule.major);
  if (rule.minor) unless_equal(program, kMinor, *rule.minor);
}

// Some access is still undecided when a rule is reached, so a rule about all access decides it.
void decide(Program& program, const DeviceRule& rule) {
  const std::int32_t access = access_bits(rule.access);
  if (access != kAllAccess && rule.allow) {
    program.push_back({sys::kBpfAndConstant, registers(kWanted), 0, kAllAccess & ~access});
    unless_equal(program, kWanted, 0);
  } else if (access != kAllAccess) {
    program.push_back({sys::kBpfMove, registers(kScratch, kWanted), 0, 0});
    program.push_back({sys::kBpfAndConstant, registers(kScratch), 0, access});
    program.push_back({sys::kBpfJumpIfEqual, registers(kScratch), 0, 0});
  }
  give(program, rule.allow ? Answer::kAllow : Answer::kRefuse);
}

bool is_jump(const BpfInstruction& one) {
  return one.code == sys::kBpfJumpUnless || one.code == sys::kBpfJumpIfEqual;
}

void add_rule(Program& program, const DeviceRule& rule) {
  const std::size_t begin = program.size();
  match_device(program, rule);
  decide(program, rule);
  for (std::size_t at = begin; at < program.size(); ++at) {
    if (is_jump(program[at])) {
      program[at].offset = static_cast<std::int16_t>(program.size() - at - 1);
    }
  }
}

Result<void> detach_all(const std::vector<std::uint32_t>& ids, int cgroup_fd) {
  for (const std::uint32_t id : ids) {
    STASIS_ASSIGN(const UniqueFd program, sys::open_bpf_program(id));
    STASIS_TRY(sys::detach_device_program(cgroup_fd, program.get()));
  }
  return {};
}

}  // namespace

std::vector<BpfInstruction> build_device_program(const std::vector<DeviceRule>& rules) {
  Program program;
  load_request(program);
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (fits_nothing(*rule)) continue;
    add_rule(program, *rule);
    // The kernel refuses programs with instructions that are never reached.
    if (rule->is_about_all()) return program;
  }
  give(program, Answer::kRefuse);
  return program;
}

Result<void> attach_device_rules(const std::vector<DeviceRule>& rules, int cgroup_fd) {
  STASIS_ASSIGN(const UniqueFd program, sys::load_device_program(build_device_program(rules)));
  STASIS_ASSIGN(const auto old, sys::query_device_programs(cgroup_fd));
  if (old.size() == 1) {
    STASIS_ASSIGN(const UniqueFd replaced, sys::open_bpf_program(old.front()));
    return sys::replace_device_program(cgroup_fd, replaced.get(), program.get());
  }
  // The new one first: all that are attached must allow, so that at no moment too much is.
  STASIS_TRY(sys::attach_device_program(cgroup_fd, program.get()));
  return detach_all(old, cgroup_fd);
}

}  // namespace stasis::cgroup
