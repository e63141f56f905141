#include "events_json.h"

#include <functional>

#include <nlohmann/json.hpp>

namespace stasis::cli {
namespace {

using Json = nlohmann::ordered_json;

// A member that is left out when there is nothing to tell, as runc does.
template <class T>
void add(Json& json, const char* name, const T& value) {
  if (value != T{}) json[name] = value;
}

Json to_json(const cgroup::PressureLine& line) {
  return {{"avg10", line.average_10},
          {"avg60", line.average_60},
          {"avg300", line.average_300},
          {"total", line.total_us}};
}

void add_pressure(Json& json, const std::optional<cgroup::Pressure>& pressure) {
  if (!pressure) return;
  json["psi"] = {{"some", to_json(pressure->some)}, {"full", to_json(pressure->full)}};
}

Json to_json(const cgroup::CpuStatistics& cpu) {
  Json usage = Json::object();
  add(usage, "total", cpu.total_ns);
  add(usage, "percpu", cpu.percpu_ns);
  add(usage, "percpu_kernel", cpu.percpu_kernel_ns);
  add(usage, "percpu_user", cpu.percpu_user_ns);
  usage["kernel"] = cpu.kernel_ns;
  usage["user"] = cpu.user_ns;
  Json throttling = Json::object();
  add(throttling, "periods", cpu.periods);
  add(throttling, "throttledPeriods", cpu.throttled_periods);
  add(throttling, "throttledTime", cpu.throttled_ns);
  Json json = {{"usage", std::move(usage)}, {"throttling", std::move(throttling)}};
  add_pressure(json, cpu.pressure);
  return json;
}

Json to_json(const cgroup::CpusetStatistics& cpuset) {
  Json json = Json::object();
  add(json, "cpus", cpuset.cpus);
  json["cpu_exclusive"] = cpuset.cpu_exclusive;
  add(json, "mems", cpuset.mems);
  json["mem_hardwall"] = cpuset.mem_hardwall;
  json["mem_exclusive"] = cpuset.mem_exclusive;
  json["memory_migrate"] = cpuset.memory_migrate;
  json["memory_spread_page"] = cpuset.memory_spread_page;
  json["memory_spread_slab"] = cpuset.memory_spread_slab;
  json["memory_pressure"] = cpuset.memory_pressure;
  json["sched_load_balance"] = cpuset.sched_load_balance;
  json["sched_relax_domain_level"] = cpuset.sched_relax_domain_level;
  return json;
}

Json to_json(const cgroup::MemoryAmount& amount) {
  Json json = {{"limit", amount.limit}};
  add(json, "usage", amount.usage);
  add(json, "max", amount.max_usage);
  json["failcnt"] = amount.failures;
  return json;
}

Json to_json(const cgroup::MemoryStatistics& memory) {
  Json json = Json::object();
  add(json, "cache", memory.cache);
  json["usage"] = to_json(memory.memory);
  json["swap"] = to_json(memory.with_swap);
  json["kernel"] = to_json(memory.kernel);
  json["kernelTCP"] = to_json(memory.kernel_tcp);
  add(json, "raw", memory.raw);
  add_pressure(json, memory.pressure);
  return json;
}

Json to_json(const cgroup::PidsStatistics& pids) {
  Json json = Json::object();
  add(json, "current", pids.current);
  add(json, "limit", pids.limit);
  return json;
}

Json to_json(const cgroup::BlockIoEntry& entry) {
  Json json = Json::object();
  add(json, "major", entry.major);
  add(json, "minor", entry.minor);
  add(json, "op", entry.operation);
  add(json, "value", entry.value);
  return json;
}

void add_entries(Json& json, const char* name, const std::vector<cgroup::BlockIoEntry>& entries) {
  for (const cgroup::BlockIoEntry& entry : entries) json[name].push_back(to_json(entry));
}

Json to_json(const cgroup::BlockIoStatistics& block_io) {
  Json json = Json::object();
  add_entries(json, "ioServiceBytesRecursive", block_io.service_bytes);
  add_entries(json, "ioServicedRecursive", block_io.serviced);
  add_entries(json, "ioQueueRecursive", block_io.queued);
  add_entries(json, "ioServiceTimeRecursive", block_io.service_time);
  add_entries(json, "ioWaitTimeRecursive", block_io.wait_time);
  add_entries(json, "ioMergedRecursive", block_io.merged);
  add_entries(json, "ioTimeRecursive", block_io.time);
  add_entries(json, "sectorsRecursive", block_io.sectors);
  add_pressure(json, block_io.pressure);
  return json;
}

Json to_json(const std::map<std::string, cgroup::HugePageStatistics>& huge_pages) {
  Json json = Json::object();
  for (const auto& [size, pages] : huge_pages) {
    Json& one = json[size] = Json::object();
    add(one, "usage", pages.usage);
    add(one, "max", pages.max_usage);
    one["failcnt"] = pages.failures;
  }
  return json;
}

// One element for each domain that has a figure.
Json measured_json(const std::vector<resctrl::Measured>& domains,
                   const std::function<void(const resctrl::Measured&, Json&)>& add_figures) {
  Json list = Json::array();
  for (const resctrl::Measured& domain : domains) {
    Json one = Json::object();
    add_figures(domain, one);
    if (!one.empty()) list.push_back(std::move(one));
  }
  return list;
}

Json to_json(const resctrl::Statistics& resctrl) {
  Json json = Json::object();
  if (const auto& cache = resctrl.cache) {
    json["l3_cache_info"] = {{"cbm_mask", cache->cbm_mask},
                             {"min_cbm_bits", cache->min_cbm_bits},
                             {"num_closids", cache->classes}};
  }
  add(json, "l3_cache_schema_root", resctrl.root_cache_schema);
  add(json, "l3_cache_schema", resctrl.cache_schema);
  if (const auto& bandwidth = resctrl.bandwidth) {
    json["mem_bw_info"] = {{"bandwidth_gran", bandwidth->granularity},
                           {"delay_linear", bandwidth->linear},
                           {"min_bandwidth", bandwidth->minimum},
                           {"num_closids", bandwidth->classes}};
  }
  add(json, "mem_bw_schema_root", resctrl.root_bandwidth_schema);
  add(json, "mem_bw_schema", resctrl.bandwidth_schema);
  const Json traffic = measured_json(resctrl.domains, [](const auto& domain, Json& one) {
    if (domain.total_bytes) one["mbm_total_bytes"] = *domain.total_bytes;
    if (domain.local_bytes) one["mbm_local_bytes"] = *domain.local_bytes;
  });
  const Json occupancy = measured_json(resctrl.domains, [](const auto& domain, Json& one) {
    if (domain.occupancy_bytes) one["llc_occupancy"] = *domain.occupancy_bytes;
  });
  if (!traffic.empty()) json["mbm_stats"] = traffic;
  if (!occupancy.empty()) json["cmt_stats"] = occupancy;
  return json;
}

}  // namespace

std::string statistics_event_json(const std::string& id, const runtime::ContainerStatistics& all) {
  const cgroup::Statistics& statistics = all.cgroup;
  // The last one is null in runc too, as engines make the networks.
  const Json json = {{"type", "stats"},
                     {"id", id},
                     {"data",
                      {{"cpu", to_json(statistics.cpu)},
                       {"cpuset", to_json(statistics.cpuset)},
                       {"memory", to_json(statistics.memory)},
                       {"pids", to_json(statistics.pids)},
                       {"blkio", to_json(statistics.block_io)},
                       {"hugetlb", to_json(statistics.huge_pages)},
                       {"intel_rdt", all.resctrl ? to_json(*all.resctrl) : Json::object()},
                       {"network_interfaces", nullptr}}}};
  return json.dump() + "\n";
}

std::string oom_event_json(const std::string& id) {
  const Json json = {{"type", "oom"}, {"id", id}};
  return json.dump() + "\n";
}

}  // namespace stasis::cli
