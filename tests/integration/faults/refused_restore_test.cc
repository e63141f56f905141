// What `restore` refuses: with which message, and that nothing is restored and nothing is left.
#include <cstring>
#include <filesystem>

#include "image/checksum.h"
#include "image/layout.h"
#include "image/reader.h"
#include "image/writer.h"
#include "integration/faults/faults_test.h"

namespace stasis::test {
namespace {

class RefusedRestore : public FaultsTest {
 protected:
  void SetUp() override {
    FaultsTest::SetUp();
    start_workload("process_tree");
    checkpoint_container("c1", image());
    bytes_ = read_file(file());
  }

  std::string file() const { return image() + "/checkpoint.img"; }
  void expect_refused(const testing::Matcher<std::string>& message,
                      const std::string& bundle = "") const {
    const std::size_t before = runtime().log().size();
    const auto finished = runtime().run({"restore", "--detach", "--image-path", image(), "--bundle",
                                         bundle.empty() ? bundle_->directory() : bundle, "c1"});
    EXPECT_EQ(finished.status, 1);
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(runtime().log().substr(before), message);
    expect_nothing_left();
  }
  void expect_restorable() {
    write_file(file(), bytes_);
    restore_container("c1", *bundle_, image(), new_stdio());
    expect_verified();
  }

  std::string bytes_;
};

TEST_F(RefusedRestore, OfAMissingImage) {
  std::filesystem::remove(file());
  expect_refused(testing::HasSubstr("opening the checkpoint image: open '" + file() + "': ENOENT"));
  expect_restorable();
}

TEST_F(RefusedRestore, OfATruncatedImage) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{4096},
                                 bytes_.size() / 2, bytes_.size() - 1}) {
    SCOPED_TRACE(size);
    write_file(file(), bytes_.substr(0, size));
    expect_refused(testing::HasSubstr("checkpoint image '" + file() + "'"));
  }
  expect_restorable();
}

// The first and the last bytes, and some of everything in between: every section is hit.
TEST_F(RefusedRestore, OfAnImageWithAFlippedByte) {
  std::vector<std::size_t> places{0, 8, 20, 4095, 4096, bytes_.size() - 1, bytes_.size() - 60};
  for (std::size_t i = 1; i < 24; ++i) {
    places.push_back(bytes_.size() / 24 * i);
    places.push_back(bytes_.size() - 300 * i);
  }
  for (const std::size_t place : places) {
    SCOPED_TRACE(place);
    std::string damaged = bytes_;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x10);
    write_file(file(), damaged);
    expect_refused(testing::HasSubstr("checkpoint image '" + file() + "'"));
    if (HasFailure()) return;
  }
  expect_restorable();
}

TEST_F(RefusedRestore, OfALaterFormat) {
  // docs/IMAGE-FORMAT.md: the version follows the magic; the header ends in its checksum.
  std::string header = bytes_.substr(0, image::kHeaderBytes);
  header[8] = 2;
  const std::uint64_t sum =
      image::checksum(std::string_view(header).substr(0, image::kHeaderBytes - sizeof(sum)));
  std::memcpy(header.data() + image::kHeaderBytes - sizeof(sum), &sum, sizeof(sum));
  write_file(file(), header + bytes_.substr(image::kHeaderBytes));
  expect_refused(testing::HasSubstr("format version 2: this stasis reads version 1"));
  expect_restorable();
}

TEST_F(RefusedRestore, OfAnImageOfAnotherArchitecture) {
  {
    const auto reader = image::ImageReader::open(image());
    ASSERT_TRUE(reader.has_value());
    model::Container container = reader->container();
    container.host.architecture = "aarch64";
    std::filesystem::remove(file());
    auto writer = image::ImageWriter::create(image());
    ASSERT_TRUE(writer.has_value());
    ASSERT_TRUE(writer->allocate(reader->data_bytes()).has_value());
    ASSERT_TRUE(std::move(*writer).finish(container).has_value());
  }
  expect_refused(testing::HasSubstr(
      "the image was made on another kind of machine: architecture aarch64, here x86_64"));
  expect_restorable();
}

TEST_F(RefusedRestore, WhenAMappedFileHasChanged) {
  const std::string program = bundle_->rootfs() + "/bin/workload";
  const std::string original = read_file(program);
  write_file(program, original + "changed");
  expect_refused(testing::HasSubstr("/bin/workload"));
  std::filesystem::remove(program);
  expect_refused(testing::HasSubstr("/bin/workload"));
}

TEST_F(RefusedRestore, WhenTheIdIsInUse) {
  restore_container("c1", *bundle_, image(), new_stdio());
  const pid_t pid = container_pid("c1");
  const auto finished = runtime().run(
      {"restore", "--detach", "--image-path", image(), "--bundle", bundle_->directory(), "c1"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(runtime().log(), testing::HasSubstr("container 'c1' exists already"));
  EXPECT_EQ(container_status("c1"), "running");
  EXPECT_EQ(container_pid("c1"), pid);
  expect_verified();
}

TEST_F(RefusedRestore, WithABrokenBundle) {
  expect_refused(testing::HasSubstr("config.json"), directory());
  const std::string config = read_file(bundle_->directory() + "/config.json");
  write_file(bundle_->directory() + "/config.json", config.substr(0, config.size() / 2));
  expect_refused(testing::HasSubstr("config.json"));
  write_file(bundle_->directory() + "/config.json", config);
  expect_restorable();
}

TEST_F(RefusedRestore, WithoutExactlyOneIdOrAnImagePath) {
  for (const std::vector<std::string>& ids :
       {std::vector<std::string>{}, std::vector<std::string>{"c1", "c2"}}) {
    std::vector<std::string> arguments{"restore", "--image-path", image()};
    arguments.insert(arguments.end(), ids.begin(), ids.end());
    const auto finished = runtime().run(arguments);
    EXPECT_EQ(finished.status, 2);
    EXPECT_THAT(finished.err, testing::StartsWith("Incorrect Usage: "));
  }
  EXPECT_EQ(runtime().run({"restore", "c1"}).status, 1);
  EXPECT_THAT(runtime().log(), testing::HasSubstr(R"(\"restore\" requires --image-path DIR)"));
  expect_nothing_left();
}

TEST_F(RefusedRestore, TakesOverWhatAKilledCommandReserved) {
  std::filesystem::create_directories(directory() + "/root/c1");
  expect_restorable();
}

}  // namespace
}  // namespace stasis::test
