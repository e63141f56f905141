#include <ctime>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "image/describe.h"
#include "image/report.h"

namespace stasis::image {
namespace {

void add_head(const ImageReport& report, const model::Container& container, std::string& out) {
  const auto& [info, host] = std::tie(container.info, container.host);
  out += fmt::format("image       {}\n", report.path);
  out += fmt::format("uuid        {}\n", report.summary.uuid);
  out += fmt::format("container   {}, {} the checkpoint\n", printable(info.id),
                     info.left_running ? "left running after" : "stopped by");
  out +=
      fmt::format("made        {} by {} on {} (Linux {}, {})\n",
                  time_text(container.clocks.realtime_ns), printable(info.tool),
                  printable(host.hostname), printable(host.kernel), printable(host.architecture));
  out += fmt::format("size        {}: {} of data, {} of metadata\n",
                     human_bytes(report.summary.file_bytes), human_bytes(report.summary.data_bytes),
                     human_bytes(report.summary.metadata_bytes));
}

void add_processes(const ImageReport& report, std::string& out) {
  out += "\nprocesses\n";
  std::map<int, std::size_t> depths;
  for (const ProcessReport& process : report.processes) {
    const auto parent = depths.find(process.ppid);
    const std::size_t depth = parent == depths.end() ? 0 : parent->second + 1;
    depths[process.pid] = depth;
    out +=
        fmt::format("  {}{} {}", std::string(2 * depth, ' '), process.pid, printable(process.comm));
    if (process.state != "running") out += fmt::format(" ({})", process.state);
    if (process.threads.size() > 1) out += fmt::format(" [{} threads]", process.threads.size());
    std::string line;
    for (const std::string& argument : process.arguments) line += " " + printable(argument);
    out += line.empty() ? "\n" : fmt::format(":{}\n", line);
  }
}

void add_mapped_memory(const ImageReport& report, std::string& out) {
  out += fmt::format("\n{:<16}{:>8}{:>14}\n", "memory", "areas", "mapped");
  for (const MemoryTotal& total : report.memory) {
    out += fmt::format("  {:<14}{:>8}{:>14}\n", total.kind, total.areas,
                       human_bytes(total.mapped_bytes));
  }
}

void add_memory(const ImageReport& report, std::string& out) {
  out += fmt::format("\n{:<16}{:>8}{:>14}{:>14}\n", "memory", "areas", "mapped", "stored");
  for (const MemoryTotal& total : report.memory) {
    out += fmt::format("  {:<14}{:>8}{:>14}{:>14}\n", total.kind, total.areas,
                       human_bytes(total.mapped_bytes), human_bytes(total.stored_bytes));
  }
  const auto add = [&out](std::string_view what, std::uint64_t count, std::uint64_t bytes) {
    if (count == 0) return;
    out += fmt::format("  {:<14}{:>8}{:>14}{:>14}\n", what, count, "", human_bytes(bytes));
  };
  add("shared objects", report.shared_memory_objects, report.shared_memory_stored_bytes);
  add("tmpfs entries", report.tmpfs_entries, report.tmpfs_stored_bytes);
  add("deleted files", report.deleted_files, report.deleted_files_stored_bytes);
}

void add_fds(const ImageReport& report, std::string& out) {
  for (const ProcessReport& process : report.processes) {
    if (process.fds.empty()) continue;
    out += fmt::format("\nfds of {} {}\n", process.pid, printable(process.comm));
    for (const FdReport& fd : process.fds) {
      out += fmt::format("  {:>4}  {:<9} {}{}\n", fd.fd, fd.kind, fd.description,
                         fd.close_on_exec ? " (cloexec)" : "");
    }
  }
}

void add_sockets(const ImageReport& report, std::string& out) {
  if (report.sockets.empty()) return;
  out += "\nsockets\n";
  for (std::size_t i = 0; i < report.sockets.size(); ++i) {
    out += fmt::format("  {:>4}  {}\n", i, report.sockets[i]);
  }
}

void add_network(const ImageReport& report, std::string& out) {
  if (report.network.empty()) return;
  out += "\nnetwork\n";
  for (const std::string& line : report.network) out += fmt::format("  {}\n", line);
}

}  // namespace

std::string time_text(std::int64_t realtime_ns) {
  const std::time_t seconds = realtime_ns / 1'000'000'000;
  std::tm utc{};
  if (::gmtime_r(&seconds, &utc) == nullptr) return "unknown time";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string report_text(const ImageReport& report, const model::Container& container) {
  std::string out;
  add_head(report, container, out);
  add_processes(report, out);
  add_memory(report, out);
  add_fds(report, out);
  add_sockets(report, out);
  add_network(report, out);
  return out;
}

std::string contents_text(const ImageReport& report) {
  std::string out;
  add_processes(report, out);
  add_mapped_memory(report, out);
  add_fds(report, out);
  add_sockets(report, out);
  add_network(report, out);
  return out;
}

}  // namespace stasis::image
