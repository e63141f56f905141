#include "cgroup/thawed_cgroup.h"

#include <chrono>
#include <utility>

#include "cgroup/freezer.h"

namespace stasis::cgroup {
namespace {

constexpr std::chrono::seconds kFreezeLimit{5};

}  // namespace

Result<ThawedCgroup> ThawedCgroup::thaw(const ContainerCgroup& cgroup) {
  ThawedCgroup thawed;
  for (const CgroupDirectory* one : {cgroup.find_v2(), cgroup.find("freezer")}) {
    if (one == nullptr || !has_freezer(one->version, one->directory)) continue;
    STASIS_ASSIGN(const FreezerState state, read_freezer(one->version, one->directory));
    if (state == FreezerState::kThawed) continue;
    thawed.frozen_.push_back(*one);
    STASIS_TRY(request_thaw(one->version, one->directory));
  }
  return thawed;
}

ThawedCgroup::ThawedCgroup(ThawedCgroup&& other) noexcept
    : frozen_(std::exchange(other.frozen_, {})) {}

ThawedCgroup::~ThawedCgroup() { static_cast<void>(std::move(*this).refreeze()); }

Result<void> ThawedCgroup::refreeze() && {
  const auto directories = std::exchange(frozen_, {});
  for (const CgroupDirectory& one : directories) {
    STASIS_TRY(freeze_and_wait(one.version, one.directory, kFreezeLimit)
                   .context("pausing the container again"));
  }
  return {};
}

}  // namespace stasis::cgroup
