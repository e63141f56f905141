#include "proc/tasks.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proc/fd_info.h"
#include "proc/fd_link.h"
#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseChildren, ReadsPids) {
  EXPECT_THAT(*parse_children("12 13 "), ElementsAre(HostPid{12}, HostPid{13}));
  EXPECT_THAT(*parse_children(""), IsEmpty());
  EXPECT_EQ(message_of(parse_children("12 x ")),
            "children line 1: pid: expected a decimal number, found 'x'");
}

TEST(ListTasks, FindsTheTestItself) {
  const HostPid self{::getpid()};
  EXPECT_THAT(list_processes(open_proc().value()).value(), Contains(self));
  const auto dir = ProcDir::open(self).value();
  EXPECT_THAT(list_threads(dir).value(), ElementsAre(self));
}

TEST(ReadFd, ReadsADescriptorOfTheTestItself) {
  int fds[2] = {-1, -1};
  ASSERT_EQ(::pipe(fds), 0);
  const auto dir = ProcDir::open(HostPid{::getpid()}).value();
  EXPECT_THAT(list_fds(dir).value(), Contains(fds[1]));
  EXPECT_EQ(read_fd_info(dir, fds[1])->flags & 3u, 1u);
  const auto link = read_fd_link(dir, fds[0]);
  ASSERT_TRUE(link) << link.error().message();
  EXPECT_TRUE(std::holds_alternative<PipeLink>(*link));
  EXPECT_EQ(*link, *read_fd_link(dir, fds[1]));
  ::close(fds[0]);
  ::close(fds[1]);
  EXPECT_EQ(read_fd_info(dir, fds[0]).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(read_fd_link(dir, fds[0]).error().kind(), ErrorKind::kNotFound);
  EXPECT_GT(read_namespace(dir, "net").value(), 0u);
}

}  // namespace
}  // namespace stasis::proc
