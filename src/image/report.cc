#include "image/report.h"

#include <algorithm>
#include <map>

#include "base/parse.h"
#include "image/describe.h"
#include "image/describe_network.h"
#include "image/memory_view.h"

namespace stasis::image {
namespace {

using Totals = std::map<std::string, MemoryTotal, std::less<>>;

std::uint64_t stored_bytes(const std::vector<model::DataExtent>& extents) {
  std::uint64_t bytes = 0;
  for (const model::DataExtent& extent : extents) bytes += extent.length;
  return bytes;
}

void add_areas(const model::AddressSpace& memory, Totals& totals) {
  for (const model::Vma& vma : memory.vmas) {
    const std::string_view kind = area_kind(vma, memory.layout);
    MemoryTotal& total = totals.try_emplace(std::string(kind)).first->second;
    total.kind = kind;
    total.areas += 1;
    total.mapped_bytes += vma.end - vma.start;
    total.stored_bytes += stored_bytes(vma.pages);
  }
}

std::vector<MemoryTotal> sorted(const Totals& totals) {
  std::vector<MemoryTotal> list;
  for (const auto& [kind, total] : totals) list.push_back(total);
  return list;
}

// As /proc/PID/cmdline would show them. Long command lines are cut.
Result<std::vector<std::string>> read_arguments(const ImageReader& image,
                                                const model::AddressSpace& memory) {
  constexpr std::uint64_t kMostBytes = 4096;
  const auto& [start, end] = std::tie(memory.layout.arg_start, memory.layout.arg_end);
  std::vector<std::string> arguments;
  if (start >= end) return arguments;
  STASIS_ASSIGN(auto bytes,
                read_memory(image, memory, RemoteAddr{start}, std::min(end - start, kMostBytes)));
  if (!bytes) return arguments;
  while (bytes->ends_with('\0')) bytes->pop_back();
  if (bytes->empty()) return arguments;
  for (const std::string_view argument : split(*bytes, '\0')) arguments.emplace_back(argument);
  return arguments;
}

std::string state_of(const model::Process& process) {
  if (process.exit_status) return "zombie";
  return process.stop_signal ? "stopped" : "running";
}

ProcessReport report_process(const model::Container& container, const model::Process& process) {
  ProcessReport report{.pid = process.pid.value,
                       .ppid = process.ppid.value,
                       .process_group = process.pgid.value,
                       .session = process.sid.value,
                       .state = state_of(process),
                       .comm = process.threads[0].comm};
  for (const model::Thread& thread : process.threads) report.threads.push_back(thread.tid.value);
  if (process.exit_status) return report;
  report.executable = container.mapped_files[process.memory.exe_file].path;
  Totals totals;
  add_areas(process.memory, totals);
  report.memory = sorted(totals);
  for (const model::FdEntry& entry : process.fds) {
    const model::OpenFile& file = container.open_files[entry.open_file];
    report.fds.push_back({.fd = entry.fd,
                          .kind = std::string(kind_of(file)),
                          .description = describe(file, container),
                          .close_on_exec = entry.close_on_exec});
  }
  return report;
}

}  // namespace

Result<ImageReport> make_report(const ImageReader& image) {
  ImageReport report = make_report(image.container());
  report.path = image.path();
  report.summary = image.summary();
  for (std::size_t i = 0; i < report.processes.size(); ++i) {
    const model::Process& process = image.container().processes[i];
    if (process.exit_status) continue;
    STASIS_ASSIGN(report.processes[i].arguments, read_arguments(image, process.memory));
  }
  return report;
}

ImageReport make_report(const model::Container& container) {
  ImageReport report;
  Totals totals;
  for (const model::Process& process : container.processes) {
    report.processes.push_back(report_process(container, process));
    if (!process.exit_status) add_areas(process.memory, totals);
  }
  report.memory = sorted(totals);
  for (const model::Socket& socket : container.sockets) {
    report.sockets.push_back(describe(socket));
  }
  if (container.network) report.network = describe(*container.network);
  report.shared_memory_objects = container.shared_memory.size();
  for (const model::SharedMemory& object : container.shared_memory) {
    report.shared_memory_stored_bytes += stored_bytes(object.content.extents);
  }
  report.tmpfs_mounts = container.tmpfs.size();
  for (const model::TmpfsMount& mount : container.tmpfs) {
    report.tmpfs_entries += mount.entries.size();
    for (const model::TreeEntry& entry : mount.entries) {
      report.tmpfs_stored_bytes += stored_bytes(entry.content.extents);
    }
  }
  report.deleted_files = container.ghost_files.size();
  for (const model::GhostFile& ghost : container.ghost_files) {
    report.deleted_files_stored_bytes += stored_bytes(ghost.content.extents);
  }
  return report;
}

}  // namespace stasis::image
