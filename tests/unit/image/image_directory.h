// A directory that is gone at the end of the test, and images in it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "image/reader.h"
#include "image/writer.h"

namespace stasis::image {

class ImageDirectory : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "stasis-image-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return directory_ + "/checkpoint.img"; }

  // Writes an image with `data_bytes` of data, byte i being i % 251.
  ImageSummary write(const model::Container& container, std::uint64_t data_bytes) {
    auto writer = ImageWriter::create(directory_);
    EXPECT_TRUE(writer.has_value()) << writer.error().message();
    EXPECT_EQ(writer->allocate(data_bytes).value(), 0U);
    EXPECT_TRUE(writer->write_data(0, pattern(data_bytes)).has_value());
    auto summary = std::move(*writer).finish(container);
    EXPECT_TRUE(summary.has_value()) << summary.error().message();
    return summary.value_or(ImageSummary{});
  }

  static std::vector<std::byte> pattern(std::uint64_t bytes) {
    std::vector<std::byte> data(bytes);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i % 251);
    return data;
  }

  std::string file_bytes() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void set_file_bytes(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
  }

  // Of open() or, when that succeeds, of verify_data(); without the prefix that names the file.
  std::string error_of_reading() const {
    const auto reader = ImageReader::open(directory_);
    if (!reader.has_value()) return without_path(reader.error().message());
    const auto verified = reader->verify_data();
    return verified.has_value() ? "no error" : without_path(verified.error().message());
  }

  std::string without_path(const std::string& message) const {
    const std::string prefix = "checkpoint image '" + path() + "': ";
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
  }

  std::string directory_;
};

}  // namespace stasis::image
