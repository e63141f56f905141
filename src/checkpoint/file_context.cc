#include "checkpoint/file_context.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "checkpoint/fd_kinds.h"
#include "proc/status.h"
#include "sys/process.h"

namespace stasis::checkpoint {
namespace {

constexpr int kOrderLess = 1;
constexpr int kOrderGreater = 2;

}  // namespace

// Binary search: kcmp(2) orders the files of one inode by their address in the kernel, scrambled.
// One inode can have very many files, as all eventfds and epolls share one.
Result<std::optional<std::uint32_t>> FileContext::find(int fd,
                                                       const std::vector<std::uint32_t>& same,
                                                       std::size_t& insert_at) const {
  const HostPid self{::getpid()};
  std::size_t low = 0;
  std::size_t high = same.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const int other = files[same[middle]].fd.get();
    STASIS_ASSIGN(const int order,
                  sys::kcmp(self, self, sys::KcmpType::kFile, static_cast<std::uint64_t>(fd),
                            static_cast<std::uint64_t>(other)));
    if (order == 0) return std::optional(same[middle]);
    if (order == kOrderLess) {
      high = middle;
    } else if (order == kOrderGreater) {
      low = middle + 1;
    } else {
      return fail(ErrorKind::kKernel, "kcmp cannot compare open files");
    }
  }
  insert_at = low;
  return std::optional<std::uint32_t>();
}

Result<std::uint32_t> FileContext::find_or_add(CollectedFile found) {
  auto& same = by_inode_[{found.status.st_dev, found.status.st_ino}];
  std::size_t at = 0;
  STASIS_ASSIGN(const auto known, find(found.fd.get(), same, at));
  if (known) {
    auto& file = files[*known];
    if (found.origin == Origin::kInit) file.origin = Origin::kInit;
    if (found.stdio && (!file.stdio || *found.stdio < *file.stdio)) file.stdio = found.stdio;
    return *known;
  }
  const auto index = static_cast<std::uint32_t>(files.size());
  same.insert(same.begin() + static_cast<std::ptrdiff_t>(at), index);
  model::OpenFile described;
  described.flags = found.info.flags & ~static_cast<std::uint32_t>(O_CLOEXEC);
  described.position = found.info.pos;
  container.open_files.push_back(std::move(described));
  files.push_back(std::move(found));
  STASIS_TRY(collect_fd(*this, index));
  return index;
}

std::vector<std::uint32_t> FileContext::find_by_inode(dev_t device, ino_t inode) const {
  const auto found = by_inode_.find({device, inode});
  return found == by_inode_.end() ? std::vector<std::uint32_t>() : found->second;
}

void FileContext::block(std::uint32_t file, std::string what, std::string advice) {
  const auto& place = files[file];
  blockers.push_back({place.pid, place.comm, place.where, std::move(what), std::move(advice)});
}

void FileContext::block_once(std::uint32_t file, std::string what, std::string advice) {
  const auto& place = files[file];
  const Blocker blocker{place.pid, place.comm, place.where, std::move(what), std::move(advice)};
  if (std::find(blockers.begin(), blockers.end(), blocker) == blockers.end()) {
    blockers.push_back(blocker);
  }
}

void FileContext::mark_outside(std::uint32_t file, std::string description) {
  model_of(file).detail = model::ExternalFile{-1, std::move(description)};
}

void FileContext::set_mounts(std::vector<proc::Mount> found) {
  mounts = std::move(found);
  mount_ids_.clear();
  for (const auto& mount : mounts) mount_ids_.insert(mount.id);
}

std::string FileContext::path_in_container(const std::string& seen) const {
  if (!seen.starts_with(root_path)) return seen;
  std::string path = seen.substr(root_path.size());
  return path.empty() ? "/" : path;
}

std::optional<NsPid> FileContext::to_ns(HostPid pid) const {
  if (const auto found = processes.find(pid); found != processes.end()) return found->second;
  // A thread other than the leader, or a process that nobody collected.
  const auto dir = proc::ProcDir::open(pid);
  if (!dir) return std::nullopt;
  const auto status = proc::read_status(*dir);
  if (!status || status->ns_pid.empty() || !processes.contains(status->tgid)) return std::nullopt;
  return status->ns_pid.back();
}

std::optional<NsPid> FileContext::group_to_ns(HostPid group) const {
  for (const auto& [host, pid] : processes) {
    const auto dir = proc::ProcDir::open(host);
    if (!dir) continue;
    const auto status = proc::read_status(*dir);
    if (!status || status->ns_pgid.empty()) continue;
    if (status->ns_pgid.front().value == group.value) return status->ns_pgid.back();
  }
  return std::nullopt;
}

}  // namespace stasis::checkpoint
