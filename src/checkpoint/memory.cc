#include "checkpoint/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "memory/ranges.h"
#include "proc/fd_link.h"
#include "proc/smaps.h"
#include "proc/stat.h"
#include "sys/file.h"

namespace stasis::checkpoint {
namespace {

using memory::AreaOrigin;
using memory::AreaProblem;
using memory::UserfaultfdOwner;

// The registrations that a process made (MEMBARRIER_CMD_GET_REGISTRATIONS, Linux 6.3).
constexpr int kGetMembarrierRegistrations = 1 << 9;

std::string range_text(const proc::Mapping& mapping) {
  return fmt::format("{:x}-{:x}", mapping.start, mapping.end);
}

proc::PathLink parse_path(const std::string& link) {
  const auto parsed = proc::parse_fd_link(link);
  const auto* path = std::get_if<proc::PathLink>(&parsed);
  return path != nullptr ? *path : proc::PathLink{.path = link};
}

// Why a mapping has no place in an image; found while its file was looked at.
using Problem = std::optional<AreaProblem>;

class AreaCollector {
 public:
  AreaCollector(const ProcessView& process, ObjectRegistry& objects, model::AddressSpace& into,
                std::vector<Blocker>& blockers)
      : process_(process), objects_(objects), into_(into), blockers_(blockers) {}

  // Returns what has to be confirmed.
  Result<std::vector<proc::MappingDetail>> collect_areas() {
    STASIS_ASSIGN(auto early, find_early_details());
    if (early) {
      STASIS_TRY(add_areas(*early));
      return std::move(*early);
    }
    STASIS_ASSIGN(const auto details, proc::read_smaps(process_.dir));
    STASIS_TRY(add_areas(details));
    return std::vector<proc::MappingDetail>();
  }

  Result<void> collect_exe() {
    STASIS_ASSIGN(const struct stat status, sys::stat_at(process_.dir.fd(), "exe"));
    STASIS_ASSIGN(const std::string link, process_.dir.read_link("exe"));
    STASIS_ASSIGN(into_.exe_file, add_file("exe", status, parse_path(link), O_RDONLY));
    return {};
  }

  Result<void> collect_layout() {
    STASIS_ASSIGN(const auto stat, proc::read_stat(process_.dir));
    STASIS_ASSIGN(const std::string auxv, process_.dir.read("auxv"));
    into_.layout = {.start_code = stat.start_code,
                    .end_code = stat.end_code,
                    .start_data = stat.start_data,
                    .end_data = stat.end_data,
                    .start_brk = stat.start_brk,
                    .brk = into_.layout.brk,  // MemoryQuestions' to answer, before or after this
                    .start_stack = stat.start_stack,
                    .arg_start = stat.arg_start,
                    .arg_end = stat.arg_end,
                    .env_start = stat.env_start,
                    .env_end = stat.env_end,
                    .auxv = model::Bytes(auxv.begin(), auxv.end())};
    return {};
  }

 private:
  Result<std::optional<std::vector<proc::MappingDetail>>> find_early_details() const {
    if (process_.early_areas == nullptr) return std::optional<std::vector<proc::MappingDetail>>();
    STASIS_ASSIGN(const auto now, proc::read_maps(process_.dir));
    return process_.early_areas->details_of(now);
  }

  Result<void> add_areas(const std::vector<proc::MappingDetail>& details) {
    for (const auto& detail : details) {
      if (is_courier(detail)) {
        // mlockall(MCL_FUTURE) shows in what was mapped after it.
        if (detail.flags.has("lo")) into_.mlockall_flags |= MCL_FUTURE;
        if (detail.flags.has("lf")) into_.mlockall_flags |= MCL_ONFAULT;
        continue;
      }
      STASIS_TRY(add_area(detail).context(
          fmt::format("memory {} of pid {}", range_text(detail.mapping), process_.pid.value)));
    }
    return {};
  }

  bool is_courier(const proc::MappingDetail& detail) const {
    if (!process_.courier) return false;
    const std::uint64_t base = process_.courier->base.value;
    return detail.mapping.start >= base && detail.mapping.end <= base + courier::kPagesBytes;
  }

  Result<void> add_area(const proc::MappingDetail& detail) {
    const AreaOrigin origin = memory::origin_of(detail);
    if (origin == AreaOrigin::kIgnored) return {};
    const auto owner =
        process_.pre_copied != nullptr ? UserfaultfdOwner::kStasis : UserfaultfdOwner::kProgram;
    Problem problem = memory::find_problem(detail, owner);
    model::Vma area = memory::describe_area(detail);
    if (!problem && origin == AreaOrigin::kMapped) {
      STASIS_ASSIGN(problem, add_backing(detail, area));
    }
    if (problem) {
      blockers_.push_back({.pid = process_.pid,
                           .comm = process_.comm,
                           .where = "memory " + range_text(detail.mapping),
                           .what = problem->what,
                           .advice = problem->advice});
      return {};
    }
    into_.vmas.push_back(std::move(area));
    return {};
  }

  // Finds file or shared memory behind a mapping.
  Result<Problem> add_backing(const proc::MappingDetail& detail, model::Vma& area) {
    const auto& mapping = detail.mapping;
    const std::string entry = "map_files/" + range_text(mapping);
    STASIS_ASSIGN(const struct stat status, sys::stat_at(process_.dir.fd(), entry));
    if (objects_.is_shared_memory(status)) {
      STASIS_ASSIGN(const UniqueFd fd, process_.dir.open_file(entry, O_RDONLY));
      STASIS_ASSIGN(area.shared_memory, objects_.shared_memory_of(fd.get()));
      area.kind = model::VmaKind::kSharedMemory;
      area.read_only_backing = mapping.shared && !detail.flags.has("mw");
      return Problem{};
    }
    if (!S_ISREG(status.st_mode) && mapping.path != "/dev/zero") {
      return Problem{AreaProblem{fmt::format("memory of the device '{}'", mapping.path),
                                 "let the program close the device"}};
    }
    const bool writes = mapping.shared && detail.flags.has("mw");
    STASIS_ASSIGN(const std::string link, process_.dir.read_link(entry));
    STASIS_ASSIGN(area.file, add_file(entry, status, parse_path(link), writes ? O_RDWR : O_RDONLY));
    return Problem{};
  }

  Result<std::uint32_t> add_file(const std::string& entry, const struct stat& status,
                                 const proc::PathLink& link, std::uint32_t open_flags) {
    std::optional<std::uint32_t> ghost;
    // A name can end in " (deleted)"; a file without names cannot be opened by one.
    if (status.st_nlink == 0 || (link.deleted && S_ISREG(status.st_mode))) {
      STASIS_ASSIGN(const UniqueFd fd, process_.dir.open_file(entry, O_RDONLY));
      STASIS_ASSIGN(ghost, objects_.ghost_of(fd.get(), link.path));
    }
    return objects_.mapped_file(status, link.path, open_flags, ghost);
  }

  const ProcessView& process_;
  ObjectRegistry& objects_;
  model::AddressSpace& into_;
  std::vector<Blocker>& blockers_;
};

}  // namespace

Result<std::vector<proc::MappingDetail>> collect_address_space(const ProcessView& process,
                                                               ObjectRegistry& objects,
                                                               model::AddressSpace& into,
                                                               std::vector<Blocker>& blockers) {
  AreaCollector collector(process, objects, into, blockers);
  STASIS_ASSIGN(auto unconfirmed, collector.collect_areas());
  STASIS_TRY(collector.collect_exe());
  STASIS_TRY(collector.collect_layout());
  return unconfirmed;
}

MemoryQuestions MemoryQuestions::add_to(courier::SyscallBatch& batch) {
  MemoryQuestions questions;
  batch.describe("asking for memory settings");
  questions.brk_ = batch.add(SYS_brk, 0);
  questions.dumpable_ = batch.add(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
  questions.thp_disable_ = batch.add(SYS_prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0);
  questions.membarrier_ = batch.add(SYS_membarrier, kGetMembarrierRegistrations, 0, 0);
  return questions;
}

void MemoryQuestions::take_answers(const courier::SyscallBatch& batch,
                                   model::AddressSpace& into) const {
  into.layout.brk = static_cast<std::uint64_t>(batch.result(brk_));
  if (batch.result(dumpable_) >= 0) {
    into.dumpable = static_cast<std::uint32_t>(batch.result(dumpable_));
  }
  into.thp_disabled = batch.result(thp_disable_) > 0;
  if (batch.result(membarrier_) > 0) {
    into.membarrier = static_cast<std::uint32_t>(batch.result(membarrier_));
  }
}

Result<memory::PageStatistics> save_pages(const std::vector<ProcessView>& views,
                                          const std::vector<model::AddressSpace*>& spaces,
                                          image::ImageWriter& image) {
  std::vector<UniqueFd> pagemaps;
  std::vector<memory::PageSource> sources;
  for (std::size_t i = 0; i < views.size(); ++i) {
    STASIS_ASSIGN(UniqueFd pagemap, views[i].dir.open_file("pagemap", O_RDONLY));
    sources.push_back({.pid = views[i].pid,
                       .memory_fd = views[i].memory.fd(),
                       .pagemap_fd = pagemap.get(),
                       .space = spaces[i],
                       .pre_copied = views[i].pre_copied});
    pagemaps.push_back(std::move(pagemap));
  }
  return memory::collect_pages(sources, image);
}

}  // namespace stasis::checkpoint
