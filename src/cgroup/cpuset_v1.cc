#include "cgroup/cpuset_v1.h"

#include "base/parse.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

Result<void> inherit_file(const std::string& parent, const std::string& child, const char* file) {
  STASIS_ASSIGN(const std::string own, sys::read_file(child + "/" + file));
  if (!trim(own).empty()) return {};
  STASIS_ASSIGN(const std::string inherited, sys::read_file(parent + "/" + file));
  return sys::write_control_file(child + "/" + file, trim(inherited));
}

}  // namespace

Result<void> inherit_cpuset(const std::string& mount_point, const std::string& directory) {
  std::string parent = mount_point;
  while (parent.size() < directory.size()) {
    const auto end = directory.find('/', parent.size() + 1);
    const std::string child = directory.substr(0, end);
    STASIS_TRY(inherit_file(parent, child, "cpuset.cpus"));
    STASIS_TRY(inherit_file(parent, child, "cpuset.mems"));
    parent = child;
  }
  return {};
}

}  // namespace stasis::cgroup
