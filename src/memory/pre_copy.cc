#include "memory/pre_copy.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <algorithm>
#include <chrono>
#include <thread>

#include "memory/page_copier.h"
#include "memory/page_parts.h"
#include "proc/maps.h"
#include "proc/stat.h"
#include "proc/tasks.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/userfaultfd.h"

namespace stasis::memory {
namespace {

// Smaller areas take longer to register than to copy.
constexpr std::uint64_t kLeastBytes = std::uint64_t{1} << 20;
constexpr int kMostRounds = 6;
constexpr std::uint64_t kGoodEnoughBytes = std::uint64_t{1} << 20;
constexpr std::chrono::milliseconds kDevicePatience{100};
// What is done at once under the lock of a running program's address space: well below 1 ms.
constexpr std::uint64_t kStepBytes = std::uint64_t{32} << 20;

// `range` in pieces of kStepBytes.
Ranges in_steps(const AddressRange& range) {
  Ranges steps;
  for (std::uint64_t at = range.start; at < range.end; at += kStepBytes) {
    steps.push_back({at, std::min(at + kStepBytes, range.end)});
  }
  return steps;
}

bool is_worth_watching(const proc::Mapping& mapping) {
  return mapping.inode == 0 && !mapping.shared && mapping.end - mapping.start >= kLeastBytes &&
         mapping.path != "[stack]" && !mapping.path.starts_with("[v");
}

std::vector<std::string> tasks_on_devices(const proc::ProcDir& dir) {
  std::vector<std::string> waiting;
  const auto tasks = dir.list("task");
  if (!tasks.has_value()) return waiting;
  for (const auto& task : *tasks) {
    const auto text = dir.read("task/" + task + "/stat");
    if (!text.has_value()) continue;
    const auto stat = proc::parse_stat(*text);
    if (stat.has_value() && stat->state == proc::TaskState::kDiskSleep) waiting.push_back(task);
  }
  return waiting;
}

// A read past the page cache that was under way when its pages were protected writes to them
// without a fault. Who does such a read sleeps uninterruptibly until it is done.
void wait_for_devices(HostPid host) {
  const auto dir = proc::ProcDir::open(host);
  if (!dir.has_value()) return;
  auto waiting = tasks_on_devices(*dir);
  const auto deadline = std::chrono::steady_clock::now() + kDevicePatience;
  while (!waiting.empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto still = tasks_on_devices(*dir);
    std::erase_if(waiting, [&](const std::string& task) {
      return std::ranges::find(still, task) == still.end();
    });
  }
}

}  // namespace

Result<UniqueFd> open_userfaultfd(courier::Courier& courier, int pidfd) {
  STASIS_ASSIGN(const std::int64_t there,
                courier.must_call(SYS_userfaultfd, {sys::kUserfaultfdFlags}));
  auto fd = sys::pidfd_getfd(pidfd, static_cast<int>(there));
  STASIS_TRY(courier.must_call(SYS_close, {there}));
  return fd;
}

Result<std::optional<PreCopy::Process>> PreCopy::watch(PreCopyTarget target) {
  if (auto enabled = sys::enable_write_tracking(target.userfaultfd.get()); !enabled.has_value()) {
    return std::optional<Process>{};
  }
  auto dir = proc::ProcDir::open(target.host);
  if (!dir.has_value()) return std::optional<Process>{};  // ended meanwhile
  Process process{.host = target.host, .userfaultfd = std::move(target.userfaultfd)};
  STASIS_ASSIGN(process.memory, dir->open_file("mem", O_RDONLY));
  STASIS_ASSIGN(process.pagemap, dir->open_file("pagemap", O_RDONLY));
  STASIS_ASSIGN(const auto maps, proc::read_maps(*dir));
  for (const auto& mapping : maps) {
    if (!is_worth_watching(mapping)) continue;
    // Unmapped meanwhile, or watched by the program itself: copied in the stop.
    const auto tracked = sys::track_writes(process.userfaultfd.get(), mapping.start, mapping.end);
    if (tracked.has_value()) process.pages.tracked.push_back({mapping.start, mapping.end});
  }
  process.pages.tracked = normalize(std::move(process.pages.tracked));
  return std::optional<Process>(std::move(process));
}

Result<PreCopy> PreCopy::start(std::vector<PreCopyTarget> targets, image::ImageWriter& image) {
  PreCopy copy;
  for (auto& target : targets) {
    auto process = watch(std::move(target));
    // Who ends or starts another program while it is looked at has nothing to be copied early.
    if (!process.has_value()) continue;
    if (*process) copy.processes_.push_back(std::move(**process));
  }
  std::uint64_t before = UINT64_MAX;
  for (int round = 0; round < kMostRounds; ++round) {
    STASIS_ASSIGN(const std::uint64_t bytes, copy.copy_round(image));
    ++copy.statistics_.rounds;
    copy.statistics_.copied_bytes += bytes;
    copy.statistics_.last_round_bytes = bytes;
    // A program that writes faster than we copy is not caught up with.
    if (bytes <= kGoodEnoughBytes || bytes > before / 2) break;
    before = bytes;
  }
  return copy;
}

PreCopy::~PreCopy() {
  for (const auto& process : processes_) {
    for (const auto& area : process.pages.tracked) {
      for (const auto& step : in_steps(area)) {
        // Unmapped meanwhile, or the process has ended: nothing to do.
        static_cast<void>(sys::untrack_writes(process.userfaultfd.get(), step.start, step.end));
      }
    }
  }
}

const PreCopiedPages* PreCopy::pages_of(HostPid host) const {
  const auto found = std::ranges::find(processes_, host, &Process::host);
  return found == processes_.end() ? nullptr : &found->pages;
}

Result<std::vector<sys::PageRange>> PreCopy::protect_written(const Process& process) const {
  std::vector<sys::PageRange> written;
  for (const auto& area : process.pages.tracked) {
    for (const auto& step : in_steps(area)) {
      STASIS_ASSIGN(auto found, sys::scan_pages(process.pagemap.get(),
                                                {.start = step.start,
                                                 .end = step.end,
                                                 .inverted = sys::kPageZero,
                                                 .required = sys::kPageZero | sys::kPageWritten,
                                                 .any_of = sys::kPagePresent | sys::kPageSwapped,
                                                 .reported = sys::kPageWritten,
                                                 .protect = sys::PageScan::Protect::kFound}));
      written.insert(written.end(), found.begin(), found.end());
    }
  }
  return written;
}

bool PreCopy::may_be_shared(const Process& process, const AddressRange& range) const {
  for (const auto& other : processes_) {
    if (&other == &process) return false;  // the first one copies for all
    if (overlaps(other.pages.tracked, range.start, range.end)) return true;
  }
  return false;
}

// Pages that a process shares with one before it are left to the stop, which finds that they are
// the same.
Result<PreCopy::Written> PreCopy::find_written(const Process& process) const {
  STASIS_ASSIGN(const auto found, protect_written(process));
  Written written;
  for (const auto& [start, end, categories] : found) {
    const AddressRange range{start, end};
    written.all.push_back(range);
    if (!may_be_shared(process, range)) {
      written.copy.push_back(range);
      continue;
    }
    std::vector<sys::PagemapEntry> entries(range.bytes() / model::kPageSize);
    STASIS_TRY(sys::read_pagemap(process.pagemap.get(), range.start, entries));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::uint64_t address = range.start + i * model::kPageSize;
      if (frame_key(entries[i]) == 0) written.copy.push_back({address, address + model::kPageSize});
    }
  }
  written.all = normalize(std::move(written.all));
  written.copy = normalize(std::move(written.copy));
  return written;
}

// Slots that there are, and new ones where there are none.
Result<Extents> PreCopy::give_slots(const Process& process, const Ranges& ranges,
                                    image::ImageWriter& image) {
  Extents fresh;
  for (const auto& range : subtract(ranges, ranges_of(process.pages.slots))) {
    STASIS_ASSIGN(const std::uint64_t slot, image.allocate(range.bytes()));
    append_extent(fresh, {range.start, range.bytes(), slot});
  }
  Extents again;
  for (const auto& range : ranges) {
    for (const auto& extent : clip(process.pages.slots, range.start, range.end)) {
      append_extent(again, extent);
    }
  }
  return unite(fresh, again);
}

Result<std::uint64_t> PreCopy::copy_round(image::ImageWriter& image) {
  std::vector<CopyJob> jobs;
  for (auto& process : processes_) {
    CopyJob job{process.memory.get(), {}, ZeroPages::kSkip, UnreadablePages::kSkip};
    auto& pages = process.pages;
    const auto written = find_written(process);
    if (written.has_value()) {
      STASIS_ASSIGN(job.pages, give_slots(process, written->copy, image));
      // Protected again: an older copy of it would pass for the present one.
      pages.slots = subtract(pages.slots, written->all);
      pages.zeros = subtract(pages.zeros, written->all);
    } else {
      pages.slots.clear();  // which of them are still right is not known any more
      pages.zeros.clear();
    }
    jobs.push_back(std::move(job));
  }
  if (statistics_.rounds == 0) {
    for (const auto& process : processes_) wait_for_devices(process.host);
  }
  STASIS_ASSIGN(const auto copied, copy_pages(jobs, image, Parallelism::kInBackground));
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    auto& pages = processes_[i].pages;
    bytes += total_bytes(jobs[i].pages);
    pages.zeros = unite(pages.zeros, normalize(copied.zero_ranges[i]));
    pages.slots = unite(pages.slots, subtract(jobs[i].pages, normalize(copied.unread_ranges[i])));
  }
  return bytes;
}

}  // namespace stasis::memory
