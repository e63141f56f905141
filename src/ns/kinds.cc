#include "ns/kinds.h"

#include <sched.h>

#include "base/check.h"

namespace stasis::ns {
namespace {

constexpr std::uint64_t kCloneNewTime = 0x80;  // CLONE_NEWTIME of linux/sched.h
constexpr std::array<KindFacts, 8> kKinds{{
    {Kind::kUser, CLONE_NEWUSER, "user"},
    {Kind::kPid, CLONE_NEWPID, "pid"},
    {Kind::kNetwork, CLONE_NEWNET, "net"},
    {Kind::kIpc, CLONE_NEWIPC, "ipc"},
    {Kind::kUts, CLONE_NEWUTS, "uts"},
    {Kind::kCgroup, CLONE_NEWCGROUP, "cgroup"},
    {Kind::kTime, kCloneNewTime, "time"},
    {Kind::kMount, CLONE_NEWNS, "mnt"},
}};

}  // namespace

const std::array<KindFacts, 8>& all_kinds() { return kKinds; }

const KindFacts& facts_of(Kind kind) {
  for (const KindFacts& facts : kKinds) {
    if (facts.kind == kind) return facts;
  }
  check_failed(__FILE__, __LINE__, "every kind of namespace has its facts");
}

}  // namespace stasis::ns
