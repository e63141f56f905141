// Images of earlier builds stay readable. tests/fixtures/image/vN holds one image of format N with
// the text that `stasis inspect` gave for it; once a version is released they never change.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "image/reader.h"
#include "image/report.h"
#include "unit/image/image_directory.h"
#include "unit/image/small_container.h"

namespace stasis::image {
namespace {

const std::string kGolden = std::string(STASIS_FIXTURES) + "/image/v1";

std::string text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The path differs from machine to machine.
std::string text_of(const ImageReader& image) {
  ImageReport report = make_report(image).value();
  report.path = "checkpoint.img";
  return report_text(report, image.container());
}

TEST(Golden, Version1IsStillRead) {
  const auto image = ImageReader::open(kGolden);
  ASSERT_TRUE(image.has_value()) << image.error().message();
  EXPECT_TRUE(image->verify_data().has_value());
  EXPECT_EQ(text_of(*image), text_of_file(kGolden + "/inspect.txt"));

  const model::Container& container = image->container();
  EXPECT_EQ(container.host.xfeatures, 0xe7U);
  EXPECT_EQ(container.processes[1].threads[1].registers[16], 0x401000U);
  EXPECT_EQ(container.sockets[1].queue[0].data, (model::Bytes{1, 2, 3}));
  EXPECT_EQ(container.tmpfs[0].entries[3].hard_link_of, "d/f");
  std::vector<std::byte> data(image->data_bytes());
  ASSERT_TRUE(image->read_data(0, data).has_value());
  EXPECT_EQ(std::to_integer<int>(data[250]), 250);
  EXPECT_EQ(std::to_integer<int>(data[251]), 0);
}

// Makes the fixture of a new format version, into an empty directory:
//   unit_image --gtest_filter=*WriteTheFixture --gtest_also_run_disabled_tests
class WriteGolden : public ImageDirectory {};

TEST_F(WriteGolden, DISABLED_WriteTheFixture) {
  directory_ = kGolden;
  model::Container container = small_container();
  container.host.xfeatures = 0xe7;
  container.host.vdso_bytes = 8192;
  write(container, kSmallDataBytes);
  std::ofstream(kGolden + "/inspect.txt") << text_of(ImageReader::open(kGolden).value());
  directory_.clear();  // kept
}

}  // namespace
}  // namespace stasis::image
