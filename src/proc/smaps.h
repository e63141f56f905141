// /proc/PID/smaps: areas with their kernel flags and sizes (proc_pid_smaps(5)). Reading it walks
// the page tables of the whole process; proc/maps.h is far cheaper.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/maps.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

// The VmFlags line: two letters for each flag (fs/proc/task_mmu.c show_smap_vma_flags), such as
// "sh" shared and writable (Mapping::shared has all shared areas), "gd" grows down, "lo" locked,
// "lf" on fault, "nr" no reserve, "dc" MADV_DONTFORK, "wf" MADV_WIPEONFORK, "dd" MADV_DONTDUMP,
// "hg"/"nh" MADV_(NO)HUGEPAGE, "ht" hugetlb, "mg" MADV_MERGEABLE, "io"/"pf" device memory, "ss"
// shadow stack, "uw"/"um" userfaultfd, "sl" sealed.
struct VmFlags {
  std::vector<std::string> codes;
  bool has(std::string_view code) const;
  bool operator==(const VmFlags&) const = default;
};

// Sizes in bytes. Lines that are not named here are ignored.
struct MappingDetail {
  Mapping mapping;
  VmFlags flags;
  std::uint64_t rss_bytes = 0;
  std::uint64_t pss_bytes = 0;
  std::uint64_t anonymous_bytes = 0;
  std::uint64_t anon_huge_bytes = 0;    // AnonHugePages
  std::uint64_t kernel_page_bytes = 0;  // KernelPageSize: above 4096 for hugetlb
  std::uint64_t locked_bytes = 0;
  std::uint64_t swap_bytes = 0;
  std::optional<std::uint32_t> protection_key;  // with CPU support for memory protection keys
  bool operator==(const MappingDetail&) const = default;
};

Result<std::vector<MappingDetail>> parse_smaps(std::string_view text);
Result<std::vector<MappingDetail>> read_smaps(const ProcDir& dir);

}  // namespace stasis::proc
