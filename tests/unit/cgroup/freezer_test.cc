#include "cgroup/freezer.h"

#include <gtest/gtest.h>

#include "cgroup/tree.h"

namespace stasis::cgroup {
namespace {

TEST(ParseFreezerState, ReadsAllThree) {
  EXPECT_EQ(*parse_freezer_state("THAWED\n"), FreezerState::kThawed);
  EXPECT_EQ(*parse_freezer_state("FREEZING\n"), FreezerState::kFreezing);
  EXPECT_EQ(*parse_freezer_state("FROZEN\n"), FreezerState::kFrozen);
  EXPECT_EQ(parse_freezer_state("MELTED\n").error().message(),
            "freezer.state: expected THAWED, FREEZING or FROZEN, found 'MELTED'");
}

TEST(ParseEventsFrozen, NamesTheLineItCannotRead) {
  EXPECT_EQ(*parse_events_frozen("populated 1\nfrozen 1\n"), FreezerState::kFrozen);
  EXPECT_EQ(*parse_events_frozen("populated 1\nfrozen 0\n"), FreezerState::kThawed);
  EXPECT_EQ(*parse_events_frozen("populated 1\n"), FreezerState::kThawed);
  EXPECT_EQ(parse_events_frozen("populated 1\nfrozen maybe\n").error().message(),
            "cgroup.events line 2: frozen: expected 0 or 1, found 'maybe'");
}

TEST(ParsePids, LeavesInvisibleOnesOut) {
  EXPECT_EQ(*parse_pids("12\n0\n7\n"), (std::vector<HostPid>{{12}, {7}}));
  EXPECT_EQ(*parse_pids(""), std::vector<HostPid>{});
  EXPECT_EQ(parse_pids("12\n-7\n").error().message(),
            "cgroup.procs line 2: expected a pid, found '-7'");
}

}  // namespace
}  // namespace stasis::cgroup
