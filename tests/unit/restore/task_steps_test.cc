#include "restore/task_steps.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stasis::restore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t kEpoll = 0;
constexpr std::uint32_t kSignals = 1;
constexpr std::uint32_t kEvents = 2;

// Open files 0 to 2: an epoll that watches 1 under the number `added_as`, a signalfd, an eventfd.
model::Container container_with_watch(std::int32_t added_as) {
  model::Container container;
  model::Epoll epoll;
  epoll.watches = {{.fd = added_as, .open_file = kSignals, .events = EPOLLIN, .data = 77},
                   {.fd = 5, .open_file = kEvents, .events = EPOLLOUT, .data = 78}};
  container.open_files.resize(3);
  container.open_files[kEpoll].detail = epoll;
  container.open_files[kSignals].detail = model::SignalFd{.mask = 1};
  container.open_files[kEvents].detail = model::EventFd{};
  return container;
}

model::Process process(int pid, std::vector<model::FdEntry> fds) {
  model::Process made;
  made.pid = NsPid{pid};
  made.fds = std::move(fds);
  return made;
}

std::vector<std::uint64_t> numbers(const courier::SyscallBatch& batch) {
  std::vector<std::uint64_t> found;
  for (const auto& call : batch.encode_calls(RemoteAddr{0x1000})) found.push_back(call.number);
  return found;
}

TEST(PlanSignalWatches, PrefersTheProcessThatHasTheNumber) {
  auto container = container_with_watch(4);
  container.processes = {process(1, {{.fd = 3, .open_file = kEpoll}}),
                         process(2, {{.fd = 3, .open_file = kEpoll}, {9, kSignals, false}}),
                         process(3, {{.fd = 6, .open_file = kEpoll}, {4, kSignals, false}})};
  const auto planned = plan_signal_watches(container);
  ASSERT_TRUE(planned) << planned.error().message();
  EXPECT_THAT(*planned, ElementsAre(SignalWatch{NsPid{3}, 6, 4, {4, kSignals, EPOLLIN, 77}}));
}

TEST(PlanSignalWatches, BorrowsAFreeNumber) {
  auto container = container_with_watch(4);
  container.processes = {process(2, {{.fd = 3, .open_file = kEpoll}, {9, kSignals, false}})};
  const auto planned = plan_signal_watches(container);
  ASSERT_TRUE(planned) << planned.error().message();
  EXPECT_THAT(*planned, ElementsAre(SignalWatch{NsPid{2}, 3, 9, {4, kSignals, EPOLLIN, 77}}));

  courier::SyscallBatch batch;
  add_signal_watches(*planned, NsPid{2}, batch);
  EXPECT_THAT(numbers(batch), ElementsAre(SYS_dup3, SYS_epoll_ctl, SYS_close));
}

TEST(PlanSignalWatches, SaysWhenNoProcessCanAddIt) {
  auto container = container_with_watch(4);
  container.processes = {
      process(2, {{.fd = 3, .open_file = kEpoll}, {4, kEvents, false}, {9, kSignals, false}})};
  const auto planned = plan_signal_watches(container);
  ASSERT_FALSE(planned);
  EXPECT_EQ(planned.error().kind(), ErrorKind::kUnsupported);
  EXPECT_EQ(planned.error().message(),
            "an epoll watches a signalfd as fd 4, and no process has both and that number free");
}

TEST(AddSignalWatches, PassesTheEvent) {
  const std::vector<SignalWatch> planned = {{NsPid{3}, 6, 4, {4, kSignals, EPOLLIN, 77}}};
  courier::SyscallBatch batch;
  add_signal_watches(planned, NsPid{3}, batch);
  const auto calls = batch.encode_calls(RemoteAddr{0x1000});
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].number, static_cast<std::uint64_t>(SYS_epoll_ctl));
  EXPECT_EQ(calls[0].arguments[0], 6U);
  EXPECT_EQ(calls[0].arguments[1], static_cast<std::uint64_t>(EPOLL_CTL_ADD));
  EXPECT_EQ(calls[0].arguments[2], 4U);
  const auto event = batch.output_as<epoll_event>({calls[0].arguments[3] - 0x1000, 0});
  EXPECT_EQ(event.events, static_cast<std::uint32_t>(EPOLLIN));
  EXPECT_EQ(event.data.u64, 77U);
}

TEST(AddSignalWatches, LeavesOtherProcessesAlone) {
  const std::vector<SignalWatch> planned = {{NsPid{3}, 6, 4, {4, kSignals, EPOLLIN, 77}}};
  courier::SyscallBatch batch;
  add_signal_watches(planned, NsPid{4}, batch);
  EXPECT_TRUE(batch.empty());
}

TEST(PlanFileOwners, TakesTheFirstProcessThatHasTheFile) {
  model::Container container;
  container.open_files.resize(3);
  container.open_files[1].owner = model::FileOwner{.type = F_OWNER_PID, .id = NsPid{2}};
  container.open_files[2].flags = O_RDWR | O_ASYNC;
  container.processes = {process(1, {{.fd = 0, .open_file = 0}}),
                         process(2, {{.fd = 7, .open_file = 1}, {8, 2, false}, {9, 2, false}}),
                         process(3, {{.fd = 7, .open_file = 1}})};
  EXPECT_THAT(plan_file_owners(container),
              ElementsAre(OwnedFile{NsPid{2}, 7, 0, container.open_files[1].owner},
                          OwnedFile{NsPid{2}, 8, O_RDWR | O_ASYNC, std::nullopt}));
}

TEST(PlanFileOwners, LeavesTheCallersFilesAlone) {
  model::Container container;
  container.open_files.resize(1);
  container.open_files[0].flags = O_ASYNC;
  container.open_files[0].detail = model::ExternalFile{.stdio = 1};
  container.processes = {process(1, {{.fd = 1, .open_file = 0}})};
  EXPECT_THAT(plan_file_owners(container), IsEmpty());
}

TEST(AddFileOwners, SetsOwnerSignalAndFlags) {
  const model::FileOwner owner = {.type = F_OWNER_PGRP, .id = NsPid{12}, .signal = 34};
  courier::SyscallBatch batch;
  add_file_owners({{NsPid{2}, 7, O_RDWR | O_ASYNC | O_NONBLOCK, owner}}, NsPid{2}, batch);
  const auto calls = batch.encode_calls(RemoteAddr{0x1000});
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0].arguments[1], static_cast<std::uint64_t>(F_SETOWN_EX));
  const auto set = batch.output_as<f_owner_ex>({calls[0].arguments[2] - 0x1000, 0});
  EXPECT_EQ(set.type, F_OWNER_PGRP);
  EXPECT_EQ(set.pid, 12);
  EXPECT_EQ(calls[1].arguments[1], static_cast<std::uint64_t>(F_SETSIG));
  EXPECT_EQ(calls[1].arguments[2], 34U);
  EXPECT_EQ(calls[2].arguments[1], static_cast<std::uint64_t>(F_SETFL));
  EXPECT_EQ(calls[2].arguments[2], static_cast<std::uint64_t>(O_ASYNC | O_NONBLOCK));
}

}  // namespace
}  // namespace stasis::restore
