#include "proc/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseCmdline, SplitsAtNulBytes) {
  EXPECT_THAT(parse_cmdline("sleep\0"
                            "10\0"sv),
              ElementsAre("sleep", "10"));
  EXPECT_THAT(parse_cmdline("a\0\0b c\0"sv), ElementsAre("a", "", "b c"));
  EXPECT_THAT(parse_cmdline("a\0\0"sv), ElementsAre("a", ""));
  EXPECT_THAT(parse_cmdline("nginx: worker process"sv), ElementsAre("nginx: worker process"));
  EXPECT_THAT(parse_cmdline(""sv), IsEmpty());
}

std::string auxv_bytes(std::vector<AuxvEntry> entries) {
  return std::string(reinterpret_cast<const char*>(entries.data()),
                     entries.size() * sizeof(AuxvEntry));
}

TEST(ParseAuxv, StopsAtNull) {
  const AuxvEntry page_size = {6, 4096};
  const AuxvEntry entry = {9, 0x1000};
  EXPECT_THAT(*parse_auxv(auxv_bytes({page_size, entry, {0, 0}})), ElementsAre(page_size, entry));
  EXPECT_THAT(*parse_auxv(auxv_bytes({page_size, {0, 0}, {0, 0}})), ElementsAre(page_size));
  EXPECT_THAT(*parse_auxv(""), IsEmpty());
}

TEST(ParseAuxv, WantsNull) {
  EXPECT_EQ(message_of(parse_auxv(auxv_bytes({{6, 4096}}))),
            "auxv: expected an AT_NULL entry in 16 bytes, found none");
  EXPECT_EQ(message_of(parse_auxv("abc")),
            "auxv: expected an AT_NULL entry in 3 bytes, found none");
}

}  // namespace
}  // namespace stasis::proc
