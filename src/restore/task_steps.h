// What open files need that only a process which has them can do: the kernel ties it to the caller.
// Planning is pure.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "courier/batch.h"
#include "model/container.h"

namespace stasis::restore {

// What F_SETFL can set; the other flags are given when a file is opened.
inline constexpr std::uint32_t kSettableFlags =
    O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_NONBLOCK;

// A signalfd is polled for the signals of the process that adds it to the epoll. All other watches
// are added in the controller (fill_epolls).
struct SignalWatch {
  NsPid process;           // the first that has both files
  std::int32_t epoll = 0;  // numbers in its table
  std::int32_t signal_fd = 0;
  model::EpollWatch watch;
  bool operator==(const SignalWatch&) const = default;
};
bool is_signal_watch(const model::Container& container, const model::EpollWatch& watch);
// kUnsupported: no process has both; or the number under which the signalfd was added is another
// file's in the process that has both.
Result<std::vector<SignalWatch>> plan_signal_watches(const model::Container& container);
void add_signal_watches(const std::vector<SignalWatch>& watches, NsPid process,
                        courier::SyscallBatch& batch);

// F_SETOWN_EX names processes of the caller's pid namespace, and F_SETFL with O_ASYNC keeps the
// number under which signals report the file.
struct OwnedFile {
  NsPid process;  // the first that has the file
  std::int32_t fd = 0;
  std::uint32_t flags = 0;
  std::optional<model::FileOwner> owner;
  bool operator==(const OwnedFile&) const = default;
};
std::vector<OwnedFile> plan_file_owners(const model::Container& container);
void add_file_owners(const std::vector<OwnedFile>& files, NsPid process,
                     courier::SyscallBatch& batch);

}  // namespace stasis::restore
