#include "runtime/restore_privileges.h"

#include <gtest/gtest.h>

namespace stasis::runtime {
namespace {

constexpr std::uint64_t kKill = 1 << 5;
constexpr std::uint64_t kChown = 1;

model::Container image_with(model::Credentials credentials) {
  model::Container image;
  auto& process = image.processes.emplace_back();
  process.pid = NsPid{7};
  auto& thread = process.threads.emplace_back();
  thread.comm = "sh";
  thread.credentials = std::move(credentials);
  return image;
}

oci::Spec spec_with(std::vector<std::string> bounding) {
  oci::Spec spec;
  spec.process.emplace();
  spec.process->capabilities.emplace().bounding = std::move(bounding);
  return spec;
}

TEST(CheckPrivileges, TakesWhatTheConfigAllows) {
  EXPECT_TRUE(check_privileges(image_with({.cap_permitted = kKill, .cap_bounding = kKill}),
                               spec_with({"CAP_KILL", "CAP_CHOWN"})));
}

TEST(CheckPrivileges, RefusesEverySetOfCapabilities) {
  const auto spec = spec_with({"CAP_CHOWN"});
  for (const auto& credentials : {model::Credentials{.cap_inheritable = kKill | kChown},
                                  {.cap_permitted = kKill},
                                  {.cap_effective = kKill},
                                  {.cap_bounding = kKill},
                                  {.cap_ambient = kKill}}) {
    EXPECT_EQ(check_privileges(image_with(credentials), spec).error().message(),
              "the image has more privileges than config.json allows; nothing was restored:\n"
              "  pid 7 (sh): has CAP_KILL; add it to process.capabilities.bounding");
  }
}

TEST(CheckPrivileges, RefusesAllWithoutCapabilitiesInTheConfig) {
  auto spec = spec_with({});
  spec.process->capabilities.reset();
  EXPECT_FALSE(check_privileges(image_with({.cap_effective = kKill}), spec));
  EXPECT_TRUE(check_privileges(image_with({}), spec));
}

TEST(CheckPrivileges, NamesEverythingAtOnce) {
  auto spec = spec_with({});
  spec.process->no_new_privileges = true;
  spec.linux_.seccomp.emplace();
  EXPECT_EQ(check_privileges(image_with({}), spec).error().message(),
            "the image has more privileges than config.json allows; nothing was restored:\n"
            "  pid 7 (sh): may gain privileges; set process.noNewPrivileges to false\n"
            "  pid 7 (sh): has no seccomp filter; remove linux.seccomp");
  auto image = image_with({.no_new_privs = true});
  image.processes[0].threads[0].seccomp.mode = model::SeccompMode::kFilter;
  EXPECT_TRUE(check_privileges(image, spec));
}

TEST(CheckPrivileges, PassesOverZombies) {
  auto image = image_with({.cap_effective = kKill});
  image.processes[0].exit_status = 0;
  EXPECT_TRUE(check_privileges(image, spec_with({})));
}

}  // namespace
}  // namespace stasis::runtime
