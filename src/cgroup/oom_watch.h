// Learning that processes of a cgroup have run out of memory: v1 memory.oom_control through
// cgroup.event_control and an eventfd (Documentation/admin-guide/cgroup-v1/memory.rst, "OOM
// Control"), v2 the "oom_kill" line of memory.events, which can be polled (cgroup-v2.rst).
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroup/container_cgroup.h"

namespace stasis::cgroup {

class OomWatch {
 public:
  // From now on. kUnsupported: there is no memory controller here.
  static Result<OomWatch> start(const ContainerCgroup& cgroup);

  // For poll(2): when it has `events()`, take() may have news.
  int fd() const { return fd_.get(); }
  short events() const;
  // Whether it has happened since the last call. False also for a v1 cgroup that is gone.
  Result<bool> take();

 private:
  OomWatch(Version version, std::string directory, UniqueFd fd)
      : version_(version), directory_(std::move(directory)), fd_(std::move(fd)) {}
  static Result<OomWatch> start_v1(const std::string& directory);
  static Result<OomWatch> start_v2(const std::string& directory);
  Result<bool> take_v1() const;
  Result<bool> take_v2();

  Version version_;
  std::string directory_;
  UniqueFd fd_;              // v1: the eventfd, v2: memory.events
  std::uint64_t kills_ = 0;  // v2: so far
};

}  // namespace stasis::cgroup
