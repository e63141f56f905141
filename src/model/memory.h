// The address space of a process, and the objects that mappings share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/data.h"

namespace stasis::model {

enum class VmaKind : std::uint8_t {
  kAnonymous = 1,      // private, no file; [heap] and [stack] too
  kFile = 2,           // private or shared mapping of a file: `file` names it
  kSharedMemory = 3,   // shared anonymous memory, memfd or SysV: `shared_memory` names it
  kVdso = 4,
  kVvar = 5,           // [vvar]; moved, never saved
  kVvarVclock = 6,     // [vvar_vclock], Linux 6.13
};

// mmap(2) PROT_ bits as the kernel has them.
inline constexpr std::uint32_t kProtRead = 1;
inline constexpr std::uint32_t kProtWrite = 2;
inline constexpr std::uint32_t kProtExec = 4;

// Consecutive pages of an area: addresses in bytes, page aligned, start < end.
struct PageSpan {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  bool operator==(const PageSpan&) const = default;
};

// One area of an address space. Addresses in bytes, page aligned, start < end.
struct Vma {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint32_t protection = 0;
  VmaKind kind = VmaKind::kAnonymous;
  bool shared = false;         // MAP_SHARED
  bool grows_down = false;     // MAP_GROWSDOWN ([stack])
  bool locked = false;         // mlock
  bool locked_on_fault = false;  // mlock2 MLOCK_ONFAULT
  bool no_reserve = false;     // MAP_NORESERVE
  bool huge_tlb = false;       // MAP_HUGETLB; page size in huge_page_bytes
  std::uint64_t huge_page_bytes = 0;
  std::vector<std::uint32_t> advice;  // madvise(2) MADV_ values to apply again, in this order
  std::uint64_t file_offset = 0;      // bytes into the file or shared memory object
  std::optional<std::uint32_t> file;           // index into Container::mapped_files
  std::optional<std::uint32_t> shared_memory;  // index into Container::shared_memory
  bool read_only_backing = false;     // shared memory that can never become writable here:
                                      // attached with SHM_RDONLY, or opened for reading only
  std::string name;                   // PR_SET_VMA_ANON_NAME, if any
  std::vector<DataExtent> pages;      // private memory only; object_offset is the address
  std::vector<PageSpan> guards;       // MADV_GUARD_INSTALL (Linux 6.13); sorted, not overlapping
  bool operator==(const Vma&) const = default;
};

// PR_SET_MM_MAP, struct prctl_mm_map of linux/prctl.h: addresses in bytes.
struct MemoryLayout {
  std::uint64_t start_code = 0, end_code = 0, start_data = 0, end_data = 0;
  std::uint64_t start_brk = 0, brk = 0, start_stack = 0;
  std::uint64_t arg_start = 0, arg_end = 0, env_start = 0, env_end = 0;
  Bytes auxv;  // as /proc/PID/auxv
  bool operator==(const MemoryLayout&) const = default;
};

struct AddressSpace {
  std::vector<Vma> vmas;  // sorted by start, not overlapping
  MemoryLayout layout;
  std::uint32_t exe_file = 0;  // index into Container::mapped_files: /proc/PID/exe
  std::uint32_t dumpable = 1;  // PR_GET_DUMPABLE
  bool thp_disabled = false;   // PR_GET_THP_DISABLE
  std::uint32_t mlockall_flags = 0;  // MCL_FUTURE and MCL_ONFAULT; MCL_CURRENT shows in the areas
  std::uint32_t membarrier = 0;  // MEMBARRIER_CMD_ registrations (MEMBARRIER_CMD_GET_REGISTRATIONS)
  bool operator==(const AddressSpace&) const = default;
};

// Where a file that is mapped, or is an exe link, is found again.
struct MappedFile {
  std::string path;           // in the container's mount namespace; without " (deleted)"
  std::uint32_t open_flags = 0;  // O_RDONLY, or O_RDWR where a shared writable mapping needs it
  std::uint64_t size = 0;     // at checkpoint; restore refuses a file shorter than the mapping needs
  std::int64_t mtime_ns = 0;  // for a warning only
  std::optional<std::uint32_t> ghost;  // index into Container::ghost_files when it was deleted
  bool operator==(const MappedFile&) const = default;
};

enum class SharedMemoryKind : std::uint8_t {
  kAnonymous = 1,  // mmap(MAP_SHARED | MAP_ANONYMOUS)
  kMemfd = 2,
  kSysv = 3,
};

struct SharedMemory {
  SharedMemoryKind kind = SharedMemoryKind::kAnonymous;
  Content content;
  std::string name;          // memfd only, without "memfd:"
  std::uint32_t seals = 0;   // memfd only: F_GET_SEALS
  std::uint32_t memfd_flags = 0;  // memfd only: MFD_HUGETLB and size bits, MFD_NOEXEC_SEAL ...
  std::uint32_t mode = 0;    // memfd only: permission bits
  std::uint32_t uid = 0, gid = 0;
  std::uint32_t sysv_id = 0;  // SysV only: shmid; the segment itself is in Container::ipc
  bool operator==(const SharedMemory&) const = default;
};

}  // namespace stasis::model
