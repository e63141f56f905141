// stasis update: other limits for a container that exists.
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "oci/parse_spec.h"
#include "runtime/update.h"
#include "sys/file.h"

namespace stasis::cli {
namespace {

struct UpdateOptions {
  std::string id, resources_file;
  std::string memory, reservation, swap, kernel_memory, kernel_tcp;  // "512m"
  oci::IntelRdt rdt;
  oci::Resources resources;
};

Result<oci::Resources> read_resources(const std::string& file) {
  STASIS_ASSIGN(const std::string text,
                file == "-" ? sys::read_all(STDIN_FILENO) : sys::read_file(file));
  return oci::parse_resources(text).context("--resources");
}

Result<void> take_bytes(const std::string& flag, const std::string& text,
                        std::optional<std::int64_t>& into) {
  if (text.empty()) return {};
  STASIS_ASSIGN(into, runtime::parse_bytes(text).context(flag));
  return {};
}

Result<oci::Resources> resources_of(const UpdateOptions& options) {
  if (!options.resources_file.empty()) return read_resources(options.resources_file);
  oci::Resources resources = options.resources;
  STASIS_TRY(take_bytes("--memory", options.memory, resources.memory.limit));
  STASIS_TRY(take_bytes("--memory-reservation", options.reservation, resources.memory.reservation));
  STASIS_TRY(take_bytes("--memory-swap", options.swap, resources.memory.swap));
  STASIS_TRY(take_bytes("--kernel-memory-tcp", options.kernel_tcp, resources.memory.kernel_tcp));
  return resources;
}

void add_cpu_options(CLI::App& command, oci::CpuLimits& cpu) {
  command.add_option("--cpu-period", cpu.period, "CPU CFS period in microseconds");
  command.add_option("--cpu-quota", cpu.quota,
                     "CPU time in microseconds allowed in a period; -1: no limit");
  command.add_option("--cpu-burst", cpu.burst,
                     "CPU time in microseconds that may be saved up for bursts");
  command.add_option("--cpu-share", cpu.shares, "CPU shares, relative to other containers");
  command.add_option("--cpu-rt-period", cpu.realtime_period, "CPU realtime period in microseconds");
  command.add_option("--cpu-rt-runtime", cpu.realtime_runtime,
                     "CPU realtime in microseconds allowed in a period");
  command.add_option("--cpuset-cpus", cpu.cpus, "CPUs to use, as \"0-3,8\"");
  command.add_option("--cpuset-mems", cpu.mems, "memory nodes to use");
  command.add_option("--cpu-idle", cpu.idle, "1: run only when nothing else wants the CPU");
}

void add_memory_options(CLI::App& command, UpdateOptions& options) {
  command.add_option("--memory", options.memory, "memory limit in bytes; -1: none");
  command.add_option("--memory-reservation", options.reservation,
                     "memory that is left to the container when memory is short, in bytes");
  command.add_option("--memory-swap", options.swap,
                     "limit of memory and swap together, in bytes; -1: none");
  command.add_option("--kernel-memory", options.kernel_memory,
                     "accepted for the sake of callers: the kernel has no such limit any more");
  command.add_option("--kernel-memory-tcp", options.kernel_tcp,
                     "limit of memory for TCP buffers, in bytes (cgroup v1)");
}

}  // namespace

Action add_update(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<UpdateOptions>();
  add_id(command, options->id);
  command.add_option("--resources,-r", options->resources_file,
                     "file with the linux.resources to change, or '-' for standard input; other "
                     "flags are ignored then");
  command.add_option("--blkio-weight", options->resources.block_io.weight,
                     "share of block I/O, 10 to 1000");
  add_cpu_options(command, options->resources.cpu);
  add_memory_options(command, *options);
  command.add_option("--pids-limit", options->resources.pids_limit,
                     "most processes and threads; -1: no limit");
  command.add_option("--l3-cache-schema", options->rdt.l3_cache_schema,
                     "parts of the L3 cache, as \"L3:0=7f0;1=1f\" (Intel RDT)");
  command.add_option("--mem-bw-schema", options->rdt.mem_bw_schema,
                     "memory bandwidth, as \"MB:0=20;1=70\" (Intel RDT)");
  return [options, &global]() -> Result<int> {
    STASIS_ASSIGN(oci::Resources resources, resources_of(*options));
    STASIS_TRY(runtime::update_container(
        store_of(global), options->id, std::move(resources),
        options->resources_file.empty() ? options->rdt : oci::IntelRdt{}));
    return 0;
  };
}

}  // namespace stasis::cli
