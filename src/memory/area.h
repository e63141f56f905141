// From an area as the kernel shows it to an area as an image holds it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/memory.h"
#include "proc/smaps.h"

namespace stasis::memory {

enum class UserfaultfdOwner {
  kProgram,
  kStasis,  // the registration is that of a pre-copy
};

// What an area is, told by its name and flags. The vsyscall page and the like are the machine's,
// not the process's: kIgnored.
enum class AreaOrigin { kIgnored, kVdso, kVvar, kVvarVclock, kAnonymous, kMapped };
AreaOrigin origin_of(const proc::MappingDetail& detail);

// Everything but file, shared_memory and pages; the kind of a kMapped area is kFile.
model::Vma describe_area(const proc::MappingDetail& detail);

// The madvise(2) values that give an area these flags.
std::vector<std::uint32_t> advice_of(const proc::VmFlags& flags);

// Why an area cannot be saved.
struct AreaProblem {
  std::string what;
  std::string advice;
  bool operator==(const AreaProblem&) const = default;
};
std::optional<AreaProblem> find_problem(const proc::MappingDetail& detail, UserfaultfdOwner owner);

// Neighbours that differ in nothing but their place become one area, as the kernel merges them when
// it can. Pages and guards are left out.
std::vector<model::Vma> merge_neighbours(const std::vector<model::Vma>& areas);

// "7f1000-7f2000 rw-p, MADV 14", for messages.
std::string to_string(const model::Vma& area);

}  // namespace stasis::memory
