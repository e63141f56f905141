#include "ns/mapped_user_namespace.h"

#include <array>

#include <fcntl.h>
#include <unistd.h>

#include "ns/spawn.h"
#include "sys/child_process.h"
#include "sys/file.h"

namespace stasis::ns {
namespace {

Result<UniqueFd> open_mapped(HostPid pid, const std::string& uid_map, const std::string& gid_map) {
  STASIS_TRY(write_id_maps(pid, uid_map, gid_map, GroupChanges::kAllow));
  return sys::open(fmt::format("/proc/{}/ns/user", pid.value), O_RDONLY);
}

}  // namespace

Result<UniqueFd> make_user_namespace(const std::string& uid_map, const std::string& gid_map) {
  STASIS_ASSIGN(sys::PipeFds pipe, sys::make_pipe());
  NamespacePlan plan;
  plan.created = {Kind::kUser};
  STASIS_ASSIGN(const HostPid pid, spawn(plan, [&] {
                  pipe.write_end.reset();
                  std::array<std::byte, 1> nothing{};
                  // Until the other end is closed, by the caller or by its death.
                  static_cast<void>(sys::read_some(pipe.read_end.get(), nothing));
                  ::_exit(0);
                }));
  auto made = open_mapped(pid, uid_map, gid_map);
  pipe.write_end.reset();
  STASIS_TRY(sys::wait_for_exit(pid));
  return made;
}

}  // namespace stasis::ns
