// An existing container: its record, under its lock, and what can be seen of it now.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroup/container_cgroup.h"
#include "oci/spec.h"
#include "oci/state.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

class Container {
 public:
  // kNotFound: no such container. Opened for changing, it is locked while this object lives.
  static Result<Container> open(const StateStore& store, const std::string& id, Access access);

  const oci::ContainerRecord& record() const { return record_; }
  const StateDirectory& state() const { return state_; }
  const cgroup::ContainerCgroup& cgroup() const { return cgroup_; }
  Result<oci::Spec> spec() const;

  // Asked of the kernel each time.
  Result<oci::Status> status() const;
  // A pidfd of pid 1; nothing when it has ended.
  std::optional<UniqueFd> init() const;
  HostPid init_pid() const { return HostPid{record_.init_pid}; }

  Result<void> update_record(oci::ContainerRecord record);

 private:
  Container(StateDirectory state, oci::ContainerRecord record, cgroup::ContainerCgroup group)
      : state_(std::move(state)), record_(std::move(record)), cgroup_(std::move(group)) {}

  StateDirectory state_;
  oci::ContainerRecord record_;
  cgroup::ContainerCgroup cgroup_;
};

cgroup::CgroupRecord to_cgroup_record(const std::vector<oci::RecordedCgroup>& recorded);
std::vector<oci::RecordedCgroup> to_recorded(const cgroup::CgroupRecord& record);

}  // namespace stasis::runtime
