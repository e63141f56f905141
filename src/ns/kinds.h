// The kinds of namespaces: their clone(2) flags and their names in /proc/PID/ns (namespaces(7)).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace stasis::ns {

enum class Kind { kUser, kPid, kNetwork, kIpc, kUts, kCgroup, kTime, kMount };

struct KindFacts {
  Kind kind;
  std::uint64_t clone_flag;    // CLONE_NEW...
  std::string_view proc_name;  // "net"
};

// In the order in which a process can join them all: the user namespace gives the rights to the
// others, the mount namespace takes away the paths.
const std::array<KindFacts, 8>& all_kinds();
const KindFacts& facts_of(Kind kind);

}  // namespace stasis::ns
