#include "image/host_check.h"

#include <gtest/gtest.h>

namespace stasis::image {
namespace {

model::HostFacts some_host() {
  return {.architecture = "x86_64",
          .page_size = 4096,
          .kernel = "6.18.0",
          .hostname = "here",
          .xfeatures = 0xe7,
          .xstate_bytes = 2432,
          .vdso_hash = 1,
          .vdso_bytes = 8192};
}

std::string error_of(const model::HostFacts& image, const model::HostFacts& here) {
  const auto checked = check_host(image, here);
  return checked.has_value() ? "no error" : checked.error().message();
}

TEST(CheckHost, TakesTheSameKindOfMachine) {
  model::HostFacts here = some_host();
  here.hostname = "there";
  here.xfeatures |= 0x200;  // more than the image needs
  EXPECT_EQ(error_of(some_host(), here), "no error");
}

TEST(CheckHost, NamesEachDifference) {
  const std::string prefix = "the image was made on another kind of machine: ";
  model::HostFacts here = some_host();
  here.architecture = "aarch64";
  EXPECT_EQ(error_of(some_host(), here), prefix + "architecture x86_64, here aarch64");
  here = some_host();
  here.page_size = 65536;
  EXPECT_EQ(error_of(some_host(), here), prefix + "pages of 4096 bytes, here 65536");
  here = some_host();
  here.xfeatures = 0x7;
  EXPECT_EQ(error_of(some_host(), here), prefix + "CPU state components 0xe0 are missing here");
  here = some_host();
  here.vdso_hash = 2;
  here.kernel = "6.12.1";
  EXPECT_EQ(error_of(some_host(), here),
            prefix + "another vDSO than this kernel's (image from kernel 6.18.0, here 6.12.1)");
}

TEST(CheckHost, NamesAllDifferencesAtOnce) {
  model::HostFacts here = some_host();
  here.architecture = "riscv64";
  here.page_size = 16384;
  EXPECT_EQ(error_of(some_host(), here),
            "the image was made on another kind of machine: architecture x86_64, here riscv64; "
            "pages of 4096 bytes, here 16384");
  EXPECT_EQ(check_host(some_host(), here).error().kind(), ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace stasis::image
