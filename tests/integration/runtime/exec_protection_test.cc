// What a hostile container can reach of the runtime while a process is being started in it.
#include "integration/support/busybox_test.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using nlohmann::json;
// As pid 1 of a user namespace it has every capability over processes in there. It looks at each
// process that still is the runtime's program, by its name, and what it got it got from that if it
// has the same name afterwards.
constexpr const char* kHostile = R"(
import os, select, sys
reached, seen = set(), set()
def name(pid):
    with open(f'/proc/{pid}/comm') as f: return f.read().strip()
def look(pid):
    for what in 'mem', 'environ':
        try:
            os.close(os.open(f'/proc/{pid}/{what}', os.O_RDONLY))
            if name(pid).startswith('stasis'): reached.add(what)
        except OSError: pass
    for what in 'exe', 'cwd', 'root', 'fd/0':
        try:
            os.readlink(f'/proc/{pid}/{what}')
            if name(pid).startswith('stasis'): reached.add(what)
        except OSError: pass
print('ready', flush=True)
while not select.select([0], [], [], 0)[0]:
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if name(pid).startswith('stasis'):
                seen.add(pid)
                look(pid)
        except OSError: pass
print('saw some' if seen else 'saw none', 'reached', *sorted(reached), flush=True)
)";

// CVE-2016-9962: an entering process that can be traced, or whose descriptors can be taken.
TEST_F(BusyboxTest, TheProcessOfExecCannotBeLookedIntoByAHostileFirstProcess) {
  bundle().use_tree(find_tree("python3"));
  use_user_namespace();
  process()["capabilities"] = json::parse(R"({"bounding": ["CAP_SYS_PTRACE", "CAP_SYS_ADMIN"],
      "permitted": ["CAP_SYS_PTRACE", "CAP_SYS_ADMIN"],
      "effective": ["CAP_SYS_PTRACE", "CAP_SYS_ADMIN"]})");
  bundle().set_arguments({"/usr/bin/python3", "-S", "-c", kHostile});
  Pipes stdio;
  start_container("c1", bundle(), stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  for (int i = 0; i < 20; ++i) exec({}, {"/usr/bin/true"});
  stdio.write("\n");
  EXPECT_EQ(stdio.next_line(), "saw some reached");
}

}  // namespace
}  // namespace stasis::test
