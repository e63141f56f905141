#include "runtime/container.h"

#include "oci/parse_spec.h"
#include "runtime/process_identity.h"

namespace stasis::runtime {

cgroup::CgroupRecord to_cgroup_record(const std::vector<oci::RecordedCgroup>& recorded) {
  cgroup::CgroupRecord record;
  for (const auto& one : recorded) {
    record.directories.push_back({one.v2 ? cgroup::Version::kV2 : cgroup::Version::kV1,
                                  one.controllers, one.directory, one.path});
  }
  return record;
}

std::vector<oci::RecordedCgroup> to_recorded(const cgroup::CgroupRecord& record) {
  std::vector<oci::RecordedCgroup> recorded;
  for (const auto& one : record.directories) {
    recorded.push_back(
        {one.version == cgroup::Version::kV2, one.controllers, one.directory, one.path});
  }
  return recorded;
}

Result<Container> Container::open(const StateStore& store, const std::string& id, Access access) {
  STASIS_ASSIGN(StateDirectory state, store.open(id, access));
  STASIS_ASSIGN(oci::ContainerRecord record, state.read_record());
  STASIS_ASSIGN(auto group, cgroup::ContainerCgroup::open(to_cgroup_record(record.cgroups)));
  return Container(std::move(state), std::move(record), std::move(group));
}

Result<oci::Spec> Container::spec() const {
  STASIS_ASSIGN(const std::string text, state_.read_config());
  return oci::parse_spec(text).context("config.json");
}

std::optional<UniqueFd> Container::init() const {
  return open_process(init_pid(), record_.init_start_ticks);
}

Result<oci::Status> Container::status() const {
  if (!init()) return oci::Status::kStopped;
  STASIS_ASSIGN(const bool frozen, cgroup_.frozen());
  if (frozen) return oci::Status::kPaused;
  return state_.has_exec_fifo() ? oci::Status::kCreated : oci::Status::kRunning;
}

Result<void> Container::update_record(oci::ContainerRecord record) {
  STASIS_TRY(state_.write_record(record));
  record_ = std::move(record);
  return {};
}

}  // namespace stasis::runtime
