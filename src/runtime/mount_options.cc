#include "runtime/mount_options.h"

#include <algorithm>
#include <array>

namespace stasis::runtime {
namespace {

struct AttributeOption {
  std::string_view name;
  std::uint64_t set;
  std::uint64_t clear;
};

// The access time policies share a field: "relatime" is its zero, so clearing selects it.
constexpr std::uint64_t kTimes = MOUNT_ATTR__ATIME;

constexpr std::array<AttributeOption, 18> kAttributes{{
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"noatime", MOUNT_ATTR_NOATIME, kTimes},
    {"atime", 0, kTimes},
    {"strictatime", MOUNT_ATTR_STRICTATIME, kTimes},
    {"nostrictatime", 0, kTimes},
    {"relatime", 0, kTimes},
    {"norelatime", MOUNT_ATTR_STRICTATIME, kTimes},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
}};

struct PropagationOption {
  std::string_view name;
  Propagation propagation;
};

constexpr std::array<PropagationOption, 8> kPropagations{{
    {"shared", {MS_SHARED, sys::Recursion::kThisMount}},
    {"rshared", {MS_SHARED, sys::Recursion::kWholeTree}},
    {"slave", {MS_SLAVE, sys::Recursion::kThisMount}},
    {"rslave", {MS_SLAVE, sys::Recursion::kWholeTree}},
    {"private", {MS_PRIVATE, sys::Recursion::kThisMount}},
    {"rprivate", {MS_PRIVATE, sys::Recursion::kWholeTree}},
    {"unbindable", {MS_UNBINDABLE, sys::Recursion::kThisMount}},
    {"runbindable", {MS_UNBINDABLE, sys::Recursion::kWholeTree}},
}};

// What a new mount has by default, or what Linux decides by itself: mandatory locks are gone since
// 5.15, file systems choose about i_version and ACLs, mounting prints nothing through fsopen(2).
constexpr std::array<std::string_view, 10> kNoEffect{
    "defaults", "mand", "nomand", "loud", "silent", "iversion", "noiversion", "auto", "acl", "noacl"};
// Passed on to the file system, every one of which takes them.
constexpr std::array<std::string_view, 5> kForAllFileSystems{"async", "dirsync", "lazytime",
                                                             "nolazytime", "sync"};

constexpr std::string_view kCopyUp = "tmpcopyup";
constexpr std::string_view kIdMap = "idmap";
constexpr std::string_view kRecursiveIdMap = "ridmap";
constexpr std::string_view kRemount = "remount";

const AttributeOption* find_attribute(std::string_view name) {
  const auto* found = std::ranges::find(kAttributes, name, &AttributeOption::name);
  return found == kAttributes.end() ? nullptr : found;
}

void apply_attribute(const AttributeOption& option, sys::MountAttributes& to) {
  to.set = (to.set & ~option.clear) | option.set;
  to.clear = (to.clear & ~option.set) | option.clear;
}

sys::MountParameter split_parameter(const std::string& option) {
  const auto equals = option.find('=');
  if (equals == option.npos) return {option, ""};
  return {option.substr(0, equals), option.substr(equals + 1)};
}

// Options about how the mount is made.
bool apply_manner(std::string_view option, MountOptions& to) {
  if (option == "bind" || option == "rbind") {
    to.bind = true;
    to.bind_recursion = option == "rbind" ? sys::Recursion::kWholeTree : sys::Recursion::kThisMount;
  } else if (option == kCopyUp) {
    to.copy_up = true;
  } else if (option == kRemount) {
    to.remount = true;
  } else if (option == kIdMap) {
    to.id_map = sys::Recursion::kThisMount;
  } else if (option == kRecursiveIdMap) {
    to.id_map = sys::Recursion::kWholeTree;
  } else {
    return false;
  }
  return true;
}

bool has_no_effect(std::string_view option) {
  return std::ranges::find(kNoEffect, option) != kNoEffect.end();
}

}  // namespace

const std::string* MountOptions::find_parameter(std::string_view key) const {
  const auto found = std::ranges::find(parameters, key, &sys::MountParameter::first);
  return found == parameters.end() ? nullptr : &found->second;
}

Result<Propagation> parse_propagation(std::string_view name) {
  const auto* found = std::ranges::find(kPropagations, name, &PropagationOption::name);
  if (found != kPropagations.end()) return found->propagation;
  return fail(ErrorKind::kInvalidArgument, "unknown mount propagation '{}'", name);
}

Result<MountOptions> parse_mount_options(const std::vector<std::string>& options) {
  MountOptions parsed;
  for (const std::string& option : options) {
    const std::string_view name = option;
    if (apply_manner(name, parsed) || has_no_effect(name)) continue;
    if (const AttributeOption* attribute = find_attribute(name)) {
      apply_attribute(*attribute, parsed.attributes);
    } else if (const auto propagation = parse_propagation(name)) {
      parsed.propagation.push_back(*propagation);
    } else if (const AttributeOption* recursive =
                   name.starts_with('r') ? find_attribute(name.substr(1)) : nullptr) {
      apply_attribute(*recursive, parsed.recursive_attributes);
    } else if (name.starts_with("idmap=") || name.starts_with("ridmap=")) {
      return fail(ErrorKind::kUnsupported,
                  "option '{}': ids are mapped by the mount's uidMappings and gidMappings", name);
    } else {
      parsed.parameters.push_back(split_parameter(option));
    }
  }
  return parsed;
}

std::vector<std::string> known_mount_options() {
  std::vector<std::string> names{"bind", "rbind"};
  for (const auto one : {kCopyUp, kIdMap, kRecursiveIdMap, kRemount}) names.emplace_back(one);
  names.insert(names.end(), kNoEffect.begin(), kNoEffect.end());
  names.insert(names.end(), kForAllFileSystems.begin(), kForAllFileSystems.end());
  for (const auto& one : kAttributes) {
    names.emplace_back(one.name);
    names.push_back("r" + std::string(one.name));
  }
  for (const auto& one : kPropagations) names.emplace_back(one.name);
  std::ranges::sort(names);
  return names;
}

}  // namespace stasis::runtime
