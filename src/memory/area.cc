#include "memory/area.h"

#include <sys/mman.h>
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace stasis::memory {
namespace {

using std::string_view;

constexpr string_view kNamedAnonymous = "[anon:";
constexpr string_view kAnonymousHugePages = "/anon_hugepage";

struct FlagAdvice {
  string_view flag;
  std::uint32_t advice;
};
constexpr std::array kAdvice{
    FlagAdvice{"sr", MADV_SEQUENTIAL}, FlagAdvice{"rr", MADV_RANDOM},
    FlagAdvice{"dc", MADV_DONTFORK},   FlagAdvice{"wf", MADV_WIPEONFORK},
    FlagAdvice{"dd", MADV_DONTDUMP},   FlagAdvice{"hg", MADV_HUGEPAGE},
    FlagAdvice{"nh", MADV_NOHUGEPAGE}, FlagAdvice{"mg", MADV_MERGEABLE},
};

struct FlagProblem {
  string_view flag;
  string_view what;
  string_view advice;
};
constexpr std::array kProblemFlags{
    FlagProblem{"io", "memory of a device", "let the program close the device"},
    FlagProblem{"pf", "memory of a device", "let the program close the device"},
    FlagProblem{"mm", "memory of a device", "let the program close the device"},
    FlagProblem{"ss", "a shadow stack", "start the program without shadow stacks"},
    FlagProblem{"sf", "a mapping with MAP_SYNC (DAX)", "map the file without MAP_SYNC"},
    FlagProblem{"sl", "a sealed area (mseal)", "start the program without sealing"},
};
constexpr std::array kUserfaultfdFlags{"um", "uw", "ui"};

// Files that are not files: prefixes of what stands in the place of a path.
constexpr std::array kProblemPaths{
    FlagProblem{"/[aio]", "a ring of asynchronous I/O (io_setup)",
                "let the program end its asynchronous I/O"},
    FlagProblem{"anon_inode:[io_uring]", "an io_uring", "start the program without io_uring"},
    FlagProblem{"anon_inode:", "memory of a kernel object", "let the program close it"},
    FlagProblem{"/secretmem", "secret memory (memfd_secret)", "start the program without it"},
    FlagProblem{"socket:[", "memory of a socket", "start the program without packet rings"},
    FlagProblem{"[uprobes]", "uprobes", "stop tracing the program"},
};

}  // namespace

AreaOrigin origin_of(const proc::MappingDetail& detail) {
  const auto& mapping = detail.mapping;
  // mmap(MAP_ANONYMOUS | MAP_HUGETLB): a file of the kernel's own (fs/hugetlbfs/inode.c
  // hugetlb_file_setup) that nobody else can reach.
  if (!mapping.shared && mapping.deleted && mapping.path == kAnonymousHugePages &&
      detail.flags.has("ht")) {
    return AreaOrigin::kAnonymous;
  }
  if (mapping.inode != 0 || mapping.shared) return AreaOrigin::kMapped;
  if (mapping.path == "[vdso]") return AreaOrigin::kVdso;
  if (mapping.path == "[vvar]") return AreaOrigin::kVvar;
  if (mapping.path == "[vvar_vclock]") return AreaOrigin::kVvarVclock;
  if (mapping.path == "[vsyscall]") return AreaOrigin::kIgnored;
  return AreaOrigin::kAnonymous;
}

std::vector<std::uint32_t> advice_of(const proc::VmFlags& flags) {
  std::vector<std::uint32_t> advice;
  for (const auto& entry : kAdvice) {
    if (flags.has(entry.flag)) advice.push_back(entry.advice);
  }
  return advice;
}

model::Vma describe_area(const proc::MappingDetail& detail) {
  const auto& mapping = detail.mapping;
  const auto& flags = detail.flags;
  model::Vma area;
  area.start = mapping.start;
  area.end = mapping.end;
  area.protection = (mapping.read ? model::kProtRead : 0) |
                    (mapping.write ? model::kProtWrite : 0) | (mapping.exec ? model::kProtExec : 0);
  area.shared = mapping.shared;
  switch (origin_of(detail)) {
    case AreaOrigin::kVdso:
      area.kind = model::VmaKind::kVdso;
      return area;
    case AreaOrigin::kVvar:
      area.kind = model::VmaKind::kVvar;
      return area;
    case AreaOrigin::kVvarVclock:
      area.kind = model::VmaKind::kVvarVclock;
      return area;
    case AreaOrigin::kMapped:
      area.kind = model::VmaKind::kFile;
      area.file_offset = mapping.offset;
      break;
    case AreaOrigin::kAnonymous:
    case AreaOrigin::kIgnored:
      break;
  }
  area.grows_down = flags.has("gd");
  area.locked = flags.has("lo");
  area.locked_on_fault = flags.has("lf");
  area.no_reserve = flags.has("nr");
  area.huge_tlb = flags.has("ht");
  if (area.huge_tlb) area.huge_page_bytes = detail.kernel_page_bytes;
  area.advice = advice_of(flags);
  const string_view path = mapping.path;
  if (path.starts_with(kNamedAnonymous) && path.ends_with("]")) {
    area.name = path.substr(kNamedAnonymous.size(), path.size() - kNamedAnonymous.size() - 1);
  }
  return area;
}

std::optional<AreaProblem> find_problem(const proc::MappingDetail& detail, UserfaultfdOwner owner) {
  const auto& mapping = detail.mapping;
  const AreaOrigin origin = origin_of(detail);
  if (origin != AreaOrigin::kAnonymous && origin != AreaOrigin::kMapped) return std::nullopt;
  const auto as_problem = [](const FlagProblem& found) {
    return AreaProblem{std::string(found.what), std::string(found.advice)};
  };
  for (const auto& problem : kProblemPaths) {
    if (mapping.path.starts_with(problem.flag)) return as_problem(problem);
  }
  for (const auto& problem : kProblemFlags) {
    if (detail.flags.has(problem.flag)) return as_problem(problem);
  }
  const bool watched = std::ranges::any_of(
      kUserfaultfdFlags, [&](const char* flag) { return detail.flags.has(flag); });
  if (watched && owner == UserfaultfdOwner::kProgram) {
    return AreaProblem{"memory that a userfaultfd watches",
                       "let the program close its userfaultfd"};
  }
  // Memory that may only be executed has a key too, which mapping it again brings back.
  const bool execute_only = mapping.exec && !mapping.read && !mapping.write;
  if (detail.protection_key.value_or(0) != 0 && !execute_only) {
    return AreaProblem{"memory with a protection key (pkey_mprotect)",
                       "start the program without protection keys"};
  }
  if (detail.flags.has("ht") && origin == AreaOrigin::kMapped) {
    return AreaProblem{"shared memory in huge pages (hugetlbfs)",
                       "use transparent huge pages, or private memory"};
  }
  return std::nullopt;
}

std::vector<model::Vma> merge_neighbours(const std::vector<model::Vma>& areas) {
  std::vector<model::Vma> merged;
  for (model::Vma area : areas) {
    area.pages.clear();
    area.guards.clear();
    std::ranges::sort(area.advice);
    if (!merged.empty() && merged.back().end == area.start) {
      model::Vma moved = area;  // as if it began where the last one does
      moved.start = merged.back().start;
      moved.end = merged.back().end;
      if (area.kind != model::VmaKind::kAnonymous) moved.file_offset -= area.start - moved.start;
      if (moved == merged.back()) {
        merged.back().end = area.end;
        continue;
      }
    }
    merged.push_back(std::move(area));
  }
  return merged;
}

std::string to_string(const model::Vma& area) {
  const auto bit = [&](std::uint32_t flag, char letter) {
    return (area.protection & flag) != 0 ? letter : '-';
  };
  std::string text =
      fmt::format("{:x}-{:x} {}{}{}{} {:x}", area.start, area.end, bit(model::kProtRead, 'r'),
                  bit(model::kProtWrite, 'w'), bit(model::kProtExec, 'x'), area.shared ? 's' : 'p',
                  area.file_offset);
  if (area.grows_down) text += ", grows down";
  if (area.locked) text += ", locked";
  if (area.locked_on_fault) text += ", locked on fault";
  if (area.no_reserve) text += ", not reserved";
  if (area.huge_tlb) text += fmt::format(", huge pages of {} bytes", area.huge_page_bytes);
  for (const std::uint32_t advice : area.advice) text += fmt::format(", MADV {}", advice);
  if (!area.name.empty()) text += fmt::format(", name '{}'", area.name);
  return text;
}

}  // namespace stasis::memory
