#include "image/writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

#include "base/unique_fd.h"
#include "unit/image/image_directory.h"
#include "unit/image/small_container.h"

namespace stasis::image {
namespace {

using Writer = ImageDirectory;

TEST_F(Writer, WritesWhatTheReaderReads) {
  const model::Container container = small_container();
  const ImageSummary written = write(container, kSmallDataBytes);
  const auto reader = ImageReader::open(directory_);
  ASSERT_TRUE(reader.has_value()) << reader.error().message();
  EXPECT_TRUE(reader->verify_data().has_value());

  model::Container expected = container;
  expected.info.uuid = written.uuid;
  EXPECT_EQ(reader->container(), expected);
  EXPECT_EQ(reader->data_bytes(), kSmallDataBytes);
  std::vector<std::byte> data(kSmallDataBytes);
  ASSERT_TRUE(reader->read_data(0, data).has_value());
  EXPECT_EQ(data, pattern(kSmallDataBytes));

  const ImageSummary read = reader->summary();
  EXPECT_EQ(read.uuid, written.uuid);
  EXPECT_EQ(read.file_bytes, written.file_bytes);
  EXPECT_EQ(read.file_bytes, std::filesystem::file_size(path()));
  EXPECT_EQ(read.data_bytes, written.data_bytes);
  EXPECT_EQ(read.metadata_bytes, written.metadata_bytes);
}

TEST_F(Writer, AllocatesWholePagesAndLeavesGapsZero) {
  auto writer = ImageWriter::create(directory_).value();
  EXPECT_EQ(writer.allocate(1).value(), 0U);
  EXPECT_EQ(writer.allocate(0).value(), 4096U);
  EXPECT_EQ(writer.allocate(4097).value(), 4096U);
  EXPECT_EQ(writer.allocate(4096).value(), 3 * 4096U);
  const auto bytes = pattern(3);
  ASSERT_TRUE(writer.write_data(4096, bytes).has_value());
  ASSERT_TRUE(std::move(writer).finish({}).has_value());

  const auto reader = ImageReader::open(directory_).value();
  ASSERT_TRUE(reader.verify_data().has_value());
  std::vector<std::byte> expected(4 * 4096);
  std::ranges::copy(bytes, expected.begin() + 4096);
  std::vector<std::byte> data(expected.size());
  ASSERT_TRUE(reader.read_data(0, data).has_value());
  EXPECT_EQ(data, expected);
}

TEST_F(Writer, TakesDataThroughTheDescriptor) {
  auto writer = ImageWriter::create(directory_).value();
  const std::uint64_t at = writer.allocate(8192).value() + 4096;
  ASSERT_EQ(::pwrite(writer.fd(), "hello", 5, static_cast<off_t>(writer.file_offset(at))), 5);
  ASSERT_TRUE(std::move(writer).finish({}).has_value());
  const auto reader = ImageReader::open(directory_).value();
  std::vector<std::byte> data(5);
  ASSERT_TRUE(reader.read_data(at, data).has_value());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(data.data()), 5), "hello");
  EXPECT_EQ(error_of_reading(), "no error");
}

TEST_F(Writer, LaterWritesWin) {
  auto writer = ImageWriter::create(directory_).value();
  ASSERT_EQ(writer.allocate(4096).value(), 0U);
  ASSERT_TRUE(writer.write_data(0, pattern(4096)).has_value());
  const std::vector<std::byte> second(4096, std::byte{7});
  ASSERT_TRUE(writer.write_data(0, second).has_value());
  ASSERT_TRUE(std::move(writer).finish({}).has_value());
  std::vector<std::byte> data(4096);
  ASSERT_TRUE(ImageReader::open(directory_).value().read_data(0, data).has_value());
  EXPECT_EQ(data, second);
}

TEST_F(Writer, MakesTheDirectoryAndItsParents) {
  directory_ += "/a/b";
  write({}, 0);
  EXPECT_EQ(error_of_reading(), "no error");
}

TEST_F(Writer, FileHasMode0644LessTheUmask) {
  const mode_t before = ::umask(022);
  write({}, 0);
  ::umask(before);
  struct stat st {};
  ASSERT_EQ(::stat(path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0644U);
}

TEST_F(Writer, RefusesADirectoryThatHoldsAnImage) {
  write(small_container(), kSmallDataBytes);
  const std::string before = file_bytes();
  const auto second = ImageWriter::create(directory_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(second.error().message(), "checkpoint image '" + path() + "' exists already");
  EXPECT_EQ(file_bytes(), before);
}

TEST_F(Writer, TheFirstOfTwoWritersWins) {
  auto first = ImageWriter::create(directory_).value();
  auto second = ImageWriter::create(directory_).value();
  ASSERT_TRUE(std::move(first).finish({}).has_value());
  const std::string before = file_bytes();
  const auto result = std::move(second).finish({});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(result.error().message(), "finishing checkpoint image '" + path() +
                                          "': checkpoint image '" + path() + "' exists already");
  EXPECT_EQ(file_bytes(), before);
}

TEST_F(Writer, NamesAPathThatIsNoDirectory) {
  directory_ += "/file";
  std::ofstream(directory_) << "x";
  const auto writer = ImageWriter::create(directory_);
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(writer.error().message(),
            "making the image directory: mkdir '" + directory_ + "': ENOTDIR");
}

TEST_F(Writer, LeavesNothingUnlessFinished) {
  {
    auto writer = ImageWriter::create(directory_).value();
    ASSERT_EQ(writer.allocate(4096).value(), 0U);
    EXPECT_TRUE(std::filesystem::is_empty(directory_));
    ASSERT_TRUE(writer.write_data(0, pattern(4096)).has_value());
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(Writer, RemovesTheDirectoriesThatItMadeUnlessFinished) {
  const std::string made = directory_ + "/a/b/c";
  {
    const auto writer = ImageWriter::create(made).value();
    EXPECT_TRUE(std::filesystem::exists(made));
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  {
    const auto writer = ImageWriter::create(made).value();
    std::ofstream(directory_ + "/a/mine") << "mine";
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/a/b"));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/a/mine"));
}

TEST_F(Writer, RefusesAContainerThatBreaksARule) {
  auto writer = ImageWriter::create(directory_).value();
  const auto result = std::move(writer).finish(small_container());  // no data allocated
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), ErrorKind::kInvalidArgument);
  EXPECT_EQ(result.error().message(),
            "describing the container: process 0 (pid 1): area 0x600000-0x603000: extent at "
            "0x600000: 4096 bytes at 4096 of 0 bytes of data");
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(Writer, RefusesToAllocateMoreThanAFileHolds) {
  auto writer = ImageWriter::create(directory_).value();
  EXPECT_EQ(writer.allocate(UINT64_MAX).error().message(),
            "an image with 18446744073709551615 more bytes of data than 0");
}

#ifdef STASIS_FAULT_POINTS
class FaultyWriter : public ImageDirectory {
 protected:
  void TearDown() override {
    ::unsetenv("STASIS_FAULT");
    ImageDirectory::TearDown();
  }
};

TEST_F(FaultyWriter, UsesATemporaryNameWhereFilesNeedOne) {
  ::setenv("STASIS_FAULT", "image.unnamed_file=fail", 1);
  {
    auto writer = ImageWriter::create(directory_).value();
    EXPECT_FALSE(std::filesystem::exists(path()));
    EXPECT_TRUE(std::filesystem::exists(directory_ + "/.checkpoint.img." + writer.uuid()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  write(small_container(), kSmallDataBytes);
  EXPECT_EQ(error_of_reading(), "no error");
  const auto entries = std::filesystem::directory_iterator(directory_);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(FaultyWriter, LeavesNothingWhenAnyStepFails) {
  for (const std::string name :
       {"image.before_sync", "image.before_publish", "image.before_directory_sync"}) {
    ::setenv("STASIS_FAULT", (name + "=fail").c_str(), 1);
    auto writer = ImageWriter::create(directory_).value();
    const auto result = std::move(writer).finish({});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().message(),
              "finishing checkpoint image '" + path() + "': fault point " + name);
    EXPECT_TRUE(std::filesystem::is_empty(directory_)) << name;
  }
}
#endif

}  // namespace
}  // namespace stasis::image
