#include "restore/credentials.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <array>
#include <cstddef>

namespace stasis::restore {
namespace {

constexpr int kSetPcap = 8;                        // CAP_SETPCAP
constexpr int kNoSetuidFixup = 1 << 2;             // SECBIT_NO_SETUID_FIXUP
constexpr std::uint32_t kCapVersion = 0x20080522;  // _LINUX_CAPABILITY_VERSION_3
constexpr int kSetModeFilter = 1;                  // SECCOMP_SET_MODE_FILTER

struct CapHeader {
  std::uint32_t version = kCapVersion;
  std::int32_t pid = 0;
};

struct CapData {
  std::uint32_t effective = 0, permitted = 0, inheritable = 0;
};

struct FilterProgram {  // struct sock_fprog
  std::uint16_t length = 0;
  std::uint64_t filter = 0;
};
static_assert(sizeof(FilterProgram) == 16 && offsetof(FilterProgram, filter) == 8);

constexpr std::size_t kInstructionBytes = 8;

std::uint32_t low(std::uint64_t set) { return static_cast<std::uint32_t>(set); }
std::uint32_t high(std::uint64_t set) { return static_cast<std::uint32_t>(set >> 32); }

void add_capset(courier::SyscallBatch& batch, std::uint64_t effective, std::uint64_t permitted,
                std::uint64_t inheritable) {
  const auto header = batch.value(CapHeader{});
  const auto data = batch.value(
      std::array<CapData, 2>{CapData{low(effective), low(permitted), low(inheritable)},
                             CapData{high(effective), high(permitted), high(inheritable)}});
  batch.must(SYS_capset, header, data);
}

void add_ids(courier::SyscallBatch& batch, const model::Credentials& c) {
  const auto groups = batch.bytes(std::as_bytes(std::span(c.groups)));
  batch.describe("setting groups");
  batch.must(SYS_setgroups, c.groups.size(), groups);
  batch.describe("setting gids");
  batch.must(SYS_setresgid, c.rgid, c.egid, c.sgid);
  batch.add(SYS_setfsgid, c.fsgid);
  batch.describe("setting uids");
  batch.must(SYS_setresuid, c.ruid, c.euid, c.suid);
  batch.add(SYS_setfsuid, c.fsuid);
}

}  // namespace

void add_seccomp(courier::SyscallBatch& batch, const model::Seccomp& seccomp,
                 std::span<const model::SeccompFilter> filters) {
  batch.describe("installing a seccomp filter");
  for (const std::uint32_t index : seccomp.filters) {
    const model::SeccompFilter& filter = filters[index];
    const auto code = batch.bytes(std::as_bytes(std::span(filter.program)));
    const auto program = batch.value(
        FilterProgram{static_cast<std::uint16_t>(filter.program.size() / kInstructionBytes), 0});
    batch.point(program, offsetof(FilterProgram, filter), code);
    batch.must(SYS_seccomp, kSetModeFilter, filter.flags, program);
  }
}

void add_credentials(courier::SyscallBatch& batch, const model::Credentials& c,
                     int last_capability) {
  batch.describe("dropping capabilities from the bounding set");
  for (int capability = 0; capability <= last_capability; ++capability) {
    if ((c.cap_bounding >> capability & 1) == 0) {
      batch.must(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
  }
  batch.must(SYS_prctl, PR_SET_SECUREBITS, kNoSetuidFixup, 0, 0, 0);
  add_ids(batch, c);
  batch.describe("setting capabilities");
  constexpr std::uint64_t kHelper = std::uint64_t{1} << kSetPcap;
  add_capset(batch, c.cap_effective | kHelper, c.cap_permitted | kHelper, c.cap_inheritable);
  for (int capability = 0; capability <= last_capability; ++capability) {
    if ((c.cap_ambient >> capability & 1) != 0) {
      batch.must(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
    }
  }
  batch.must(SYS_prctl, PR_SET_SECUREBITS, c.securebits, 0, 0, 0);
  add_capset(batch, c.cap_effective, c.cap_permitted, c.cap_inheritable);
  if (c.no_new_privs) batch.must(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  batch.describe("");
}

}  // namespace stasis::restore
