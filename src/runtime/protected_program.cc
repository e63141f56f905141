#include "runtime/protected_program.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/memory_file.h"
#include "sys/mounting.h"
#include "sys/process_settings.h"

namespace stasis::runtime {
namespace {

constexpr const char* kOwnProgram = "/proc/self/exe";
constexpr std::uint32_t kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

Result<bool> is_protected(int program_fd) {
  if (sys::get_seals(program_fd).value_or(0) == kSeals) return true;
  return sys::is_read_only_mount(program_fd);
}

Result<UniqueFd> read_only_mount() {
  STASIS_ASSIGN(UniqueFd mount,
                sys::clone_mount(sys::kCwd, kOwnProgram, sys::Recursion::kThisMount));
  STASIS_TRY(sys::set_mount_attributes(mount.get(), {.set = MOUNT_ATTR_RDONLY},
                                       sys::Recursion::kThisMount));
  return mount;
}

Result<UniqueFd> sealed_copy(int program_fd) {
  STASIS_ASSIGN(UniqueFd copy, sys::create_memfd("stasis", MFD_ALLOW_SEALING));
  STASIS_ASSIGN(const struct stat st, sys::stat_fd(program_fd));
  STASIS_TRY(sys::send_file(program_fd, copy.get(), static_cast<std::uint64_t>(st.st_size)));
  STASIS_TRY(sys::set_mode(copy.get(), 0555));
  STASIS_TRY(sys::add_seals(copy.get(), kSeals));
  return copy;
}

}  // namespace

Result<void> enter_protected_program(char* const* argv) {
  STASIS_ASSIGN(const UniqueFd program, sys::open(kOwnProgram, O_RDONLY));
  STASIS_ASSIGN(const bool done, is_protected(program.get()));
  if (done) return {};
  auto safe = read_only_mount();
  if (!safe) safe = sealed_copy(program.get());
  if (!safe) return std::move(safe.error()).context("protecting the program from containers");
  return sys::execute_fd(safe->get(), argv, ::environ)
      .context("executing a protected copy of the program");
}

}  // namespace stasis::runtime
