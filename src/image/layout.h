// The fixed parts of an image file, as bytes: header page, section table, footer. Pure functions.
// All numbers are little-endian. docs/IMAGE-FORMAT.md gives every field.
//
//   0            header, 4096 bytes
//   4096         sections, without gaps: data, host, container, data checksums
//   table        one entry for each section
//   end - 64     footer
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stasis::image {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint64_t kHeaderBytes = 4096;
inline constexpr std::uint64_t kFooterBytes = 64;
inline constexpr std::uint64_t kSectionEntryBytes = 40;
inline constexpr std::uint32_t kMaxSections = 64;
// Bits of Header::required_features that this program knows.
inline constexpr std::uint64_t kKnownFeatures = 0;

using Uuid = std::array<std::uint8_t, 16>;

// Lower case, 36 characters.
std::string uuid_text(const Uuid& uuid);

struct Header {
  std::uint64_t required_features = 0;  // bits; a reader that does not know one must refuse
  std::uint64_t optional_features = 0;  // bits; may be passed over
  Uuid uuid{};
  Uuid parent_uuid{};  // zero: complete in itself
  std::uint64_t file_bytes = 0;
  bool operator==(const Header&) const = default;
};

enum class SectionKind : std::uint32_t {
  kData = 1,
  kHost = 2,
  kContainer = 3,
  kDataChecksums = 4,  // std::uint64_t for each chunk of the data
};

// "data", "host facts", "container", "data checksums"; "section 9" for a kind without a name.
std::string section_name(SectionKind kind);

struct Section {
  SectionKind kind = SectionKind::kData;
  std::uint32_t version = 1;   // of the section's own encoding
  std::uint64_t required = 1;  // 1: a reader that does not know the kind must refuse; else 0
  std::uint64_t offset = 0;    // in the file
  std::uint64_t length = 0;    // bytes
  std::uint64_t checksum = 0;  // of its bytes; kData: that of the data checksums section
  bool operator==(const Section&) const = default;
};

struct Footer {
  std::uint32_t section_count = 0;
  std::uint64_t table_offset = 0;
  std::uint64_t table_checksum = 0;
  Uuid uuid{};  // the header's
  bool operator==(const Footer&) const = default;
};

std::string encode_header(const Header& header);
std::string encode_sections(const std::vector<Section>& sections);
std::string encode_footer(const Footer& footer);

// `page`: the first kHeaderBytes. Errors in this order: bad magic, checksum, version, features.
Result<Header> decode_header(std::span<const std::byte> page);
// `bytes`: the last kFooterBytes. Checks that the table ends where the footer starts.
Result<Footer> decode_footer(std::span<const std::byte> bytes, const Header& header);
// `table`: the bytes between table_offset and the footer. Checks that the sections fill the file
// from the header to the table, that the known ones stand in their places, and their versions.
Result<std::vector<Section>> decode_sections(std::span<const std::byte> table,
                                             const Footer& footer);

std::string encode_checksums(const std::vector<std::uint64_t>& checksums);
std::vector<std::uint64_t> decode_checksums(std::span<const std::byte> bytes);

}  // namespace stasis::image
