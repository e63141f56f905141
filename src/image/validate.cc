#include "image/validate.h"

#include "image/validate_rules.h"

namespace stasis::image {
namespace {

constexpr std::size_t kMaxId = 1024;
constexpr std::size_t kFilterInstruction = 8;   // struct sock_filter
constexpr std::size_t kMaxInstructions = 4096;  // BPF_MAXINSNS

Result<void> check_host_facts(const model::HostFacts& host) {
  STASIS_TRY(check_text(host.architecture, kMaxId, "host facts: architecture"));
  STASIS_TRY(check_text(host.kernel, kMaxId, "host facts: kernel"));
  return check_text(host.hostname, kMaxId, "host facts: hostname");
}

Result<void> check_filter(const model::SeccompFilter& filter, const Bounds&) {
  const std::size_t bytes = filter.program.size();
  if (bytes == 0 || bytes % kFilterInstruction != 0 ||
      bytes > kMaxInstructions * kFilterInstruction) {
    return broken("a program of {} bytes", bytes);
  }
  return {};
}

}  // namespace

Result<void> validate(const model::Container& container, std::uint64_t data_bytes) {
  const Bounds bounds{.container = container, .data_bytes = data_bytes};
  STASIS_TRY(check_text(container.info.id, kMaxId, "container id"));
  STASIS_TRY(check_text(container.info.tool, kMaxId, "tool"));
  STASIS_TRY(check_host_facts(container.host));
  STASIS_TRY(check_processes(bounds));
  STASIS_TRY(check_all(container.open_files, "open file", bounds, check_open_file));
  STASIS_TRY(check_all(container.pipes, "pipe", bounds, check_pipe));
  STASIS_TRY(check_all(container.sockets, "socket", bounds, check_socket));
  STASIS_TRY(check_all(container.ttys, "tty", bounds, check_tty));
  STASIS_TRY(check_all(container.mapped_files, "mapped file", bounds, check_mapped_file));
  STASIS_TRY(check_all(container.shared_memory, "shared memory", bounds, check_shared_memory));
  STASIS_TRY(check_all(container.ghost_files, "ghost file", bounds, check_ghost));
  STASIS_TRY(check_all(container.tmpfs, "tmpfs", bounds, check_tmpfs));
  STASIS_TRY(check_all(container.seccomp_filters, "seccomp filter", bounds, check_filter));
  STASIS_TRY(check_ipc(container.ipc, bounds));
  return container.network ? check_network(*container.network, bounds) : Result<void>();
}

}  // namespace stasis::image
