// /proc/PID/maps: the areas of an address space (proc_pid_maps(5), fs/proc/task_mmu.c
// show_map_vma). Not here: flags and sizes of areas (proc/smaps.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

// One line. Addresses in bytes, start < end.
struct Mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  bool read = false, write = false, exec = false;
  bool shared = false;       // 's': MAP_SHARED
  std::uint64_t offset = 0;  // bytes into the file
  std::uint32_t dev_major = 0, dev_minor = 0;
  std::uint64_t inode = 0;  // 0: no file; the shmid of a SysV segment
  // "/usr/bin/x", "[heap]", "[anon:name]", "/memfd:name", "/SYSV00000000", "/dev/zero", or "".
  // Newlines are decoded; " (deleted)" is cut off and becomes `deleted`.
  std::string path;
  bool deleted = false;
  bool operator==(const Mapping&) const = default;
};

// One line, number `line` (from 1) of `file`; smaps has the same lines.
Result<Mapping> parse_mapping_line(std::string_view file, std::size_t line, std::string_view text);

// Sorted and not overlapping, as the kernel promises; anything else is an error.
Result<std::vector<Mapping>> parse_maps(std::string_view text);
// Empty for a zombie and for a kernel thread.
Result<std::vector<Mapping>> read_maps(const ProcDir& dir);

}  // namespace stasis::proc
