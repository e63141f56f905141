#include "restore/address_space.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <algorithm>
#include <bit>
#include <cstddef>
#include <map>

#include "memory/extents.h"
#include "proc/maps.h"
#include "restore/address_plan.h"
#include "restore/courier_address.h"
#include "restore/page_filler.h"
#include "restore/sysv_attachments.h"
#include "trace/vdso.h"

namespace stasis::restore {
namespace {

using courier::SyscallBatch;
using model::Vma;
using model::VmaKind;

constexpr int kPlaceExactly = MAP_FIXED_NOREPLACE;
// MADV_GUARD_INSTALL and MADV_GUARD_REMOVE of Linux 6.13, which Debian 12's headers lack.
constexpr int kGuardInstall = 102;
constexpr int kGuardRemove = 103;

class Builder {
 public:
  Builder(LiveTask& task, const courier::FdChannel& channel, const AddressSpaceInputs& inputs,
          const model::AddressSpace& wanted, const model::AddressSpace* parent)
      : task_(task), channel_(channel), inputs_(inputs), wanted_(wanted), parent_(parent) {}

  Result<RemoteAddr> run() {
    STASIS_ASSIGN(const auto dir, proc::ProcDir::open(task_.host()));
    STASIS_ASSIGN(const auto present, proc::read_maps(dir));
    const memory::AddressRange reserved{inputs_.pages.base.value,
                                        scratch_of(inputs_.pages).value + kScratchBytes};
    const AddressPlan plan = plan_address_space(
        present, parent_ != nullptr ? &parent_->vmas : nullptr, wanted_.vmas, reserved);
    STASIS_TRY(send_fds());
    STASIS_TRY(clear(plan, present));
    STASIS_ASSIGN(const RemoteAddr instruction, find_instruction());
    task_.set_syscall_instruction(instruction);
    STASIS_TRY(map_areas(plan));
    STASIS_TRY(fill(plan));
    STASIS_TRY(protect_and_advise(plan));
    STASIS_TRY(set_layout());
    return instruction;
  }

 private:
  // The image, and every file and memory object of the areas, each once.
  Result<void> send_fds() {
    std::vector<int> fds{inputs_.image->fd()};
    std::map<int, std::size_t> position;
    const auto want = [&](int fd) {
      if (position.emplace(fd, fds.size()).second) fds.push_back(fd);
    };
    for (const Vma& vma : wanted_.vmas) {
      if (const int fd = controller_fd(vma); fd >= 0) want(fd);
    }
    want(inputs_.objects->mapped_files[wanted_.exe_file].get());
    STASIS_ASSIGN(const auto numbers, channel_.send(task_.courier(), fds));
    image_fd_ = numbers[0];
    for (const auto& [fd, at] : position) in_task_[fd] = numbers[at];
    return {};
  }

  // -1: none is needed.
  int controller_fd(const Vma& vma) const {
    if (vma.file) return inputs_.objects->mapped_files[*vma.file].get();
    if (vma.shared_memory) return inputs_.objects->shared_memory[*vma.shared_memory].get();
    return -1;
  }

  Result<void> clear(const AddressPlan& plan, const std::vector<proc::Mapping>& present) {
    SyscallBatch batch;
    batch.describe("emptying the address space");
    for (const auto& range : plan.unmap) batch.must(SYS_munmap, range.start, range.bytes());
    STASIS_TRY(add_vdso_moves(batch, present));
    return task_.courier().run(batch);
  }

  // By way of the scratch room, because old and new places may overlap.
  Result<void> add_vdso_moves(SyscallBatch& batch, const std::vector<proc::Mapping>& present) {
    batch.describe("moving the vDSO");
    struct Move {
      std::uint64_t from, bytes, to;
    };
    std::vector<Move> moves;
    for (const Vma& vma : wanted_.vmas) {
      if (!is_vdso_area(vma.kind)) continue;
      const char* name = vma.kind == VmaKind::kVdso   ? "[vdso]"
                         : vma.kind == VmaKind::kVvar ? "[vvar]"
                                                      : "[vvar_vclock]";
      const auto have = std::ranges::find(present, name, &proc::Mapping::path);
      if (have == present.end() || have->end - have->start != vma.end - vma.start) {
        return fail(ErrorKind::kUnsupported, "this kernel's {} differs from that of the checkpoint",
                    name);
      }
      if (have->start != vma.start) moves.push_back({have->start, vma.end - vma.start, vma.start});
    }
    std::uint64_t scratch = scratch_of(inputs_.pages).value;
    constexpr int kMove = MREMAP_MAYMOVE | MREMAP_FIXED;
    for (Move& move : moves) {
      batch.must(SYS_mremap, move.from, move.bytes, move.bytes, kMove, scratch);
      move.from = scratch;
      scratch += move.bytes;
    }
    for (const Move& move : moves) {
      batch.must(SYS_mremap, move.from, move.bytes, move.bytes, kMove, move.to);
    }
    return {};
  }

  Result<RemoteAddr> find_instruction() const {
    const auto vdso = std::ranges::find(wanted_.vmas, VmaKind::kVdso, &Vma::kind);
    if (vdso == wanted_.vmas.end()) {
      return fail(ErrorKind::kUnsupported, "the process had no vDSO");
    }
    return trace::find_syscall_instruction(task_.memory(), RemoteAddr{vdso->start},
                                           RemoteAddr{vdso->end});
  }

  static bool must_be_writable_to_fill(const Vma& vma) {
    return !vma.pages.empty() && (vma.protection & model::kProtWrite) == 0;
  }

  static int map_flags(const Vma& vma) {
    int flags = kPlaceExactly | (vma.shared ? MAP_SHARED : MAP_PRIVATE);
    if (vma.kind == VmaKind::kAnonymous) flags |= MAP_ANONYMOUS;
    if (vma.grows_down) flags |= MAP_GROWSDOWN;
    if (vma.no_reserve) flags |= MAP_NORESERVE;
    if (vma.huge_tlb) {
      flags |= MAP_HUGETLB | std::countr_zero(vma.huge_page_bytes) << MAP_HUGE_SHIFT;
    }
    return flags;
  }

  void add_mapping(SyscallBatch& batch, const Vma& vma) const {
    batch.describe(
        fmt::format("mapping {:x}-{:x}{}", vma.start, vma.end,
                    vma.huge_tlb ? " (wants free huge pages: see vm.nr_hugepages)" : ""));
    std::uint32_t protection = vma.protection;
    if (must_be_writable_to_fill(vma)) protection |= model::kProtWrite;
    const int fd = controller_fd(vma);
    batch.must(SYS_mmap, vma.start, vma.end - vma.start, protection, map_flags(vma),
               fd >= 0 ? in_task_.at(fd) : -1, vma.file_offset);
  }

  // First: what lies in a gap of a segment is mapped after the gap was made.
  void add_attachments(SyscallBatch& batch, const AddressPlan& plan) const {
    for (const Attachment& one :
         plan_attachments(inputs_.image->container(), wanted_.vmas, plan.map)) {
      batch.describe(fmt::format("attaching System V segment {} at {:x}", one.id, one.start));
      batch.must(SYS_shmat, one.id, one.start, one.flags);
      for (const auto& gap : one.unmap) batch.must(SYS_munmap, gap.start, gap.bytes());
      for (const auto& part : one.protect) {
        batch.must(SYS_mprotect, part.range.start, part.range.bytes(), part.protection);
      }
    }
  }

  Result<void> map_areas(const AddressPlan& plan) {
    SyscallBatch batch;
    add_attachments(batch, plan);
    for (const std::size_t i : plan.map) {
      if (!is_sysv(inputs_.image->container(), wanted_.vmas[i]))
        add_mapping(batch, wanted_.vmas[i]);
    }
    for (const std::size_t i : plan.keep) {
      const Vma& vma = wanted_.vmas[i];
      batch.describe(fmt::format("preparing {:x}-{:x}", vma.start, vma.end));
      // Inherited guards give way to pages; the process's own are set at the end.
      for (const auto& guard : parent_area(vma).guards) {
        batch.must(SYS_madvise, guard.start, guard.end - guard.start, kGuardRemove);
      }
      if (!must_be_writable_to_fill(vma)) continue;
      batch.must(SYS_mprotect, vma.start, vma.end - vma.start, vma.protection | model::kProtWrite);
    }
    return task_.courier().run(batch);
  }

  const Vma& parent_area(const Vma& want) const {
    return *std::ranges::find_if(parent_->vmas,
                                 [&](const Vma& have) { return same_area(have, want); });
  }

  Result<void> fill(const AddressPlan& plan) {
    PageFiller filler(task_.courier(), *inputs_.image, image_fd_);
    for (const std::size_t i : plan.map) STASIS_TRY(filler.add(wanted_.vmas[i].pages));
    for (const std::size_t i : plan.keep) {
      const Vma& vma = wanted_.vmas[i];
      const auto difference =
          memory::compare_pages(parent_area(vma).pages, vma.pages, vma.start, vma.end);
      for (const auto& range : difference.drop) {
        STASIS_TRY(filler.drop(range));
      }
      STASIS_TRY(filler.add(difference.write));
    }
    return filler.finish();
  }

  Result<void> protect_and_advise(const AddressPlan& plan) {
    SyscallBatch batch;
    const auto finish = [&](const Vma& vma, bool fresh) {
      const std::uint64_t bytes = vma.end - vma.start;
      batch.describe(fmt::format("protecting {:x}-{:x}", vma.start, vma.end));
      if (must_be_writable_to_fill(vma)) {
        batch.must(SYS_mprotect, vma.start, bytes, vma.protection);
      }
      if (fresh) {
        for (const auto advice : vma.advice) batch.must(SYS_madvise, vma.start, bytes, advice);
      }
      // Locks are not inherited by fork.
      if (vma.locked) {
        batch.must(SYS_mlock2, vma.start, bytes, vma.locked_on_fault ? MLOCK_ONFAULT : 0U);
      }
    };
    for (const std::size_t i : plan.map) finish(wanted_.vmas[i], true);
    for (const std::size_t i : plan.keep) finish(wanted_.vmas[i], false);
    add_guards(batch);
    if (batch.empty()) return {};
    return task_.courier().run(batch);
  }

  // Last: a guard marks the whole area it is in for good (VM_MAYBE_GUARD), and until their
  // protection and advice differ, neighbours are one area.
  void add_guards(SyscallBatch& batch) const {
    for (const Vma& vma : wanted_.vmas) {
      if (vma.guards.empty()) continue;
      batch.describe(fmt::format("setting guards in {:x}-{:x}", vma.start, vma.end));
      for (const auto& guard : vma.guards) {
        batch.must(SYS_madvise, guard.start, guard.end - guard.start, kGuardInstall);
      }
    }
  }

  Result<void> set_layout() {
    const model::MemoryLayout& l = wanted_.layout;
    struct KernelMap {  // struct prctl_mm_map of linux/prctl.h
      std::uint64_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
      std::uint64_t arg_start, arg_end, env_start, env_end, auxv;
      std::uint32_t auxv_size, exe_fd;
    };
    static_assert(sizeof(KernelMap) == 104);
    // The exe link can change only while nothing of the old program is mapped.
    const bool same_exe = parent_ != nullptr && parent_->exe_file == wanted_.exe_file;
    const int exe = in_task_.at(inputs_.objects->mapped_files[wanted_.exe_file].get());
    SyscallBatch batch;
    batch.describe("setting the memory layout");
    const auto auxv = batch.bytes(std::as_bytes(std::span(l.auxv)));
    const auto map =
        batch.value(KernelMap{l.start_code, l.end_code, l.start_data, l.end_data, l.start_brk,
                              l.brk, l.start_stack, l.arg_start, l.arg_end, l.env_start, l.env_end,
                              0, static_cast<std::uint32_t>(l.auxv.size()),
                              same_exe ? ~0U : static_cast<std::uint32_t>(exe)});
    batch.point(map, offsetof(KernelMap, auxv), auxv);
    batch.must(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, map, sizeof(KernelMap), 0);
    if (wanted_.thp_disabled) batch.must(SYS_prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0);
    for (std::uint32_t bit = 1; bit != 0 && bit <= wanted_.membarrier; bit <<= 1) {
      if ((wanted_.membarrier & bit) != 0) batch.add(SYS_membarrier, bit, 0, 0);
    }
    return task_.courier().run(batch);
  }

  LiveTask& task_;
  const courier::FdChannel& channel_;
  const AddressSpaceInputs& inputs_;
  const model::AddressSpace& wanted_;
  const model::AddressSpace* parent_;
  int image_fd_ = -1;
  std::map<int, int> in_task_;  // the controller's descriptor -> its number in the task
};

}  // namespace

Result<RemoteAddr> restore_address_space(LiveTask& task, const courier::FdChannel& channel,
                                         const AddressSpaceInputs& inputs, std::size_t process,
                                         std::optional<std::size_t> parent) {
  const auto& processes = inputs.image->container().processes;
  const model::AddressSpace* inherited = parent ? &processes[*parent].memory : nullptr;
  return Builder(task, channel, inputs, processes[process].memory, inherited).run();
}

}  // namespace stasis::restore
