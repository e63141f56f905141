#include "inspect_json.h"

#include <nlohmann/json.hpp>

namespace stasis::cli {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const std::vector<image::MemoryTotal>& totals) {
  Json list = Json::array();
  for (const image::MemoryTotal& total : totals) {
    list.push_back({{"kind", total.kind},
                    {"areas", total.areas},
                    {"mappedBytes", total.mapped_bytes},
                    {"storedBytes", total.stored_bytes}});
  }
  return list;
}

Json to_json(const image::ProcessReport& process) {
  Json fds = Json::array();
  for (const image::FdReport& fd : process.fds) {
    fds.push_back({{"fd", fd.fd},
                   {"kind", fd.kind},
                   {"description", fd.description},
                   {"closeOnExec", fd.close_on_exec}});
  }
  return {{"pid", process.pid},
          {"parent", process.ppid},
          {"processGroup", process.process_group},
          {"session", process.session},
          {"state", process.state},
          {"comm", process.comm},
          {"arguments", process.arguments},
          {"executable", process.executable},
          {"threads", process.threads},
          {"memory", to_json(process.memory)},
          {"fds", std::move(fds)}};
}

Json host_json(const model::HostFacts& host) {
  return {{"hostname", host.hostname},         {"kernel", host.kernel},
          {"architecture", host.architecture}, {"pageSize", host.page_size},
          {"xfeatures", host.xfeatures},       {"vdsoHash", host.vdso_hash}};
}

}  // namespace

std::string inspect_json(const image::ImageReport& report, const model::Container& container) {
  Json processes = Json::array();
  for (const image::ProcessReport& process : report.processes) {
    processes.push_back(to_json(process));
  }
  const Json json = {
      {"path", report.path},
      {"uuid", report.summary.uuid},
      {"container", container.info.id},
      {"tool", container.info.tool},
      {"leftRunning", container.info.left_running},
      {"tcpEstablished", container.info.tcp_established},
      {"annotations", container.info.annotations},
      {"made", image::time_text(container.clocks.realtime_ns)},
      {"madeUnixNanoseconds", container.clocks.realtime_ns},
      {"host", host_json(container.host)},
      {"fileBytes", report.summary.file_bytes},
      {"dataBytes", report.summary.data_bytes},
      {"metadataBytes", report.summary.metadata_bytes},
      {"processes", std::move(processes)},
      {"memory", to_json(report.memory)},
      {"sockets", report.sockets},
      {"network", report.network},
      {"sharedMemory",
       {{"objects", report.shared_memory_objects},
        {"storedBytes", report.shared_memory_stored_bytes}}},
      {"tmpfs",
       {{"mounts", report.tmpfs_mounts},
        {"entries", report.tmpfs_entries},
        {"storedBytes", report.tmpfs_stored_bytes}}},
      {"deletedFiles",
       {{"files", report.deleted_files}, {"storedBytes", report.deleted_files_stored_bytes}}}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stasis::cli
