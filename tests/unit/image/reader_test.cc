#include "image/reader.h"

#include <sys/stat.h>

#include "image/checksum.h"
#include "image/layout.h"
#include "unit/image/image_directory.h"
#include "unit/image/small_container.h"

namespace stasis::image {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// The header with other values and a checksum that fits.
std::string with_number(std::string header, std::size_t offset, std::uint8_t value) {
  header[offset] = static_cast<char>(value);
  header.resize(kHeaderBytes - 8);
  const std::uint64_t sum = checksum(header);
  header.append(reinterpret_cast<const char*>(&sum), sizeof(sum));
  return header;
}

class Reader : public ImageDirectory {
 protected:
  void write_small() {
    write(small_container(), kSmallDataBytes);
    good_ = file_bytes();
  }
  // What reading says when the header has `value` at `offset`, with a good checksum.
  std::string error_with_header(std::size_t offset, std::uint8_t value) {
    set_file_bytes(with_number(good_.substr(0, kHeaderBytes), offset, value) +
                   good_.substr(kHeaderBytes));
    return error_of_reading();
  }
  // What reading says when one bit of the byte at `offset` is flipped.
  std::string error_with_flip(std::size_t offset) {
    put(offset, static_cast<char>(good_[offset] ^ (1 << (offset % 8))));
    const std::string error = error_of_reading();
    put(offset, good_[offset]);
    return error;
  }
  void put(std::size_t offset, char value) {
    std::fstream file(path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(value);
  }
  Section section(SectionKind kind) const {
    const std::size_t table = good_.size() - kFooterBytes - 4 * kSectionEntryBytes;
    const Header header = decode_header(bytes_of(good_.substr(0, kHeaderBytes))).value();
    const Footer footer =
        decode_footer(bytes_of(good_.substr(good_.size() - kFooterBytes)), header).value();
    return decode_sections(bytes_of(good_.substr(table, 4 * kSectionEntryBytes)), footer)
        .value()[static_cast<std::size_t>(kind) - 1];
  }

  std::string good_;
};

TEST_F(Reader, NamesAMissingImage) {
  const auto reader = ImageReader::open(directory_);
  ASSERT_FALSE(reader.has_value());
  EXPECT_EQ(reader.error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(reader.error().message(),
            "opening the checkpoint image: open '" + path() + "': ENOENT");
}

TEST_F(Reader, RefusesWhatIsNoRegularFile) {
  std::filesystem::create_directory(path());
  EXPECT_EQ(error_of_reading(), "not a regular file");
  std::filesystem::remove(path());
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_EQ(error_of_reading(), "not a regular file");
}

TEST_F(Reader, EveryFlippedByteIsFoundBeforeItIsDecoded) {
  write_small();
  const Section container = section(SectionKind::kContainer);
  for (std::size_t offset = 0; offset < good_.size(); ++offset) {
    const std::string error = error_with_flip(offset);
    ASSERT_NE(error, "no error") << "byte " << offset;
    if (offset >= container.offset && offset < container.offset + container.length) {
      ASSERT_EQ(error, "container: checksum mismatch") << "byte " << offset;
    }
  }
}

TEST_F(Reader, NamesThePartThatIsDamaged) {
  write_small();
  EXPECT_EQ(error_with_flip(0), "bad magic: not a stasis checkpoint image");
  EXPECT_EQ(error_with_flip(8), "header: checksum mismatch");
  EXPECT_EQ(error_with_flip(kHeaderBytes - 1), "header: checksum mismatch");
  EXPECT_EQ(error_with_flip(kHeaderBytes),
            "data chunk 0 (bytes 4096 to 20479 of the file): checksum mismatch");
  EXPECT_EQ(error_with_flip(section(SectionKind::kHost).offset), "host facts: checksum mismatch");
  EXPECT_EQ(error_with_flip(section(SectionKind::kContainer).offset),
            "container: checksum mismatch");
  EXPECT_EQ(error_with_flip(section(SectionKind::kDataChecksums).offset),
            "data checksums: checksum mismatch");
  EXPECT_EQ(error_with_flip(good_.size() - kFooterBytes - 1), "section table: checksum mismatch");
  EXPECT_EQ(error_with_flip(good_.size() - 1), "trailer: checksum mismatch");
}

TEST_F(Reader, EveryTruncationIsFound) {
  write_small();
  for (std::size_t size = good_.size(); size-- > 0;) {
    std::filesystem::resize_file(path(), size);
    const std::string expected = size < kHeaderBytes
                                     ? fmt::format("truncated: {} bytes, less than a header", size)
                                     : fmt::format("truncated: {} of {} bytes", size, good_.size());
    ASSERT_EQ(error_of_reading(), expected);
  }
}

TEST_F(Reader, RefusesTrailingBytes) {
  write_small();
  set_file_bytes(good_ + "x");
  EXPECT_EQ(error_of_reading(),
            fmt::format("{} bytes, but {} by its header", good_.size() + 1, good_.size()));
}

TEST_F(Reader, RefusesAnotherVersion) {
  write_small();
  EXPECT_EQ(error_with_header(8, 2), "format version 2: this stasis reads version 1");
  EXPECT_EQ(ImageReader::open(directory_).error().kind(), ErrorKind::kUnsupported);
}

TEST_F(Reader, RefusesUnknownRequiredFeaturesByNumber) {
  write_small();
  EXPECT_EQ(error_with_header(16, 4), "needs feature 2, which this stasis does not know");
  EXPECT_EQ(error_with_header(23, 128), "needs feature 63, which this stasis does not know");
  EXPECT_EQ(ImageReader::open(directory_).error().kind(), ErrorKind::kUnsupported);
}

TEST_F(Reader, PassesOverOptionalFeatures) {
  write_small();
  EXPECT_EQ(error_with_header(24, 255), "no error");
}

TEST_F(Reader, RefusesAnImageThatNeedsItsParent) {
  write_small();
  EXPECT_EQ(error_with_header(48, 0xab),
            "needs its parent image ab000000-0000-0000-0000-000000000000");
}

TEST_F(Reader, RefusesATrailerOfAnotherImage) {
  write_small();
  const std::string first = good_;
  const std::string uuid = ImageReader::open(directory_).value().summary().uuid;
  std::filesystem::remove(path());
  write_small();
  set_file_bytes(good_.substr(0, good_.size() - kFooterBytes) +
                 first.substr(first.size() - kFooterBytes));
  EXPECT_EQ(error_of_reading(), "trailer: UUID " + uuid + " is not the header's");
}

TEST_F(Reader, NamesTheFirstBadChunk) {
  write({}, 20 * kChunkBytes);
  good_ = file_bytes();
  std::string bytes = good_;
  bytes[kHeaderBytes + 17 * kChunkBytes] ^= 1;
  bytes[kHeaderBytes + 4 * kChunkBytes - 1] ^= 1;
  set_file_bytes(bytes);
  EXPECT_EQ(error_of_reading(),
            "data chunk 3 (bytes 3149824 to 4198399 of the file): checksum mismatch");
}

class DataSize : public ImageDirectory, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(DataSize, ComesBack) {
  const ImageSummary summary = write({}, GetParam());
  const auto reader = ImageReader::open(directory_).value();
  EXPECT_TRUE(reader.verify_data().has_value());
  EXPECT_EQ(summary.data_bytes, (GetParam() + 4095) / 4096 * 4096);
  std::vector<std::byte> data(GetParam());
  ASSERT_TRUE(reader.read_data(0, data).has_value());
  EXPECT_EQ(data, pattern(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(AroundPagesAndChunks, DataSize,
                         ::testing::Values(0, 1, 4095, 4096, 4097, kChunkBytes - 4096,
                                           kChunkBytes - 1, kChunkBytes, kChunkBytes + 1,
                                           kChunkBytes + 4096, 2 * kChunkBytes,
                                           16 * kChunkBytes - 4096, 16 * kChunkBytes,
                                           16 * kChunkBytes + 4096, 33 * kChunkBytes + 1));

}  // namespace
}  // namespace stasis::image
