#include "image/layout.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "image/checksum.h"
#include "model/data.h"

namespace stasis::image {
namespace {

// The first byte is no ASCII and the last a line feed, so that text conversions show.
constexpr std::string_view kMagic = "\x89STASIS\n";
constexpr std::string_view kFooterMagic = "STASIEND";

class ByteWriter {
 public:
  void text(std::string_view bytes) { out_.append(bytes); }
  void number(std::unsigned_integral auto value) {
    for (std::size_t i = 0; i < sizeof(value); ++i) {
      out_.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
    }
  }
  void uuid(const Uuid& value) { out_.append(value.begin(), value.end()); }
  void zeros_until(std::size_t size) { out_.resize(size, '\0'); }
  // The checksum of all bytes so far, as the last field.
  std::string finish() && {
    number(checksum(out_));
    return std::move(out_);
  }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

// The caller has checked that the bytes are there.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    const auto bytes = take(sizeof(T));
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value |= static_cast<T>(std::to_integer<T>(bytes[i]) << (8 * i));
    }
    return value;
  }
  Uuid uuid() {
    Uuid value{};
    std::ranges::transform(take(value.size()), value.begin(), std::to_integer<std::uint8_t>);
    return value;
  }
  std::string_view text(std::size_t size) {
    const auto bytes = take(size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  bool zeros(std::size_t size) {
    return std::ranges::all_of(take(size), [](std::byte b) { return b == std::byte{0}; });
  }

 private:
  std::span<const std::byte> take(std::size_t size) {
    STASIS_CHECK(size <= bytes_.size(), "the caller of ByteReader checks the size");
    const auto taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

  std::span<const std::byte> bytes_;
};

// The last 8 bytes hold the checksum of those before.
bool checksum_matches(std::span<const std::byte> block) {
  const auto covered = block.first(block.size() - 8);
  return ByteReader(block.last(8)).number<std::uint64_t>() == checksum(covered);
}

Result<void> check_features(std::uint64_t required) {
  const std::uint64_t unknown = required & ~kKnownFeatures;
  if (unknown == 0) return {};
  return fail(ErrorKind::kUnsupported, "needs feature {}, which this stasis does not know",
              std::countr_zero(unknown));
}

// The place of a known section in the table, and whether there must be one.
Result<void> check_section(const Section& section, std::size_t place) {
  const std::string name = section_name(section.kind);
  const auto kind = static_cast<std::uint32_t>(section.kind);
  const bool known = kind >= 1 && kind <= 4;
  if (known != (place < 4) || (known && kind != place + 1)) {
    return fail(ErrorKind::kCorruptImage, "trailer: {} at place {}", name, place);
  }
  if (section.required > 1) {
    return fail(ErrorKind::kCorruptImage, "trailer: {}: unknown flags {:#x}", name,
                section.required);
  }
  if (!known && section.required != 0) {
    return fail(ErrorKind::kUnsupported, "needs {}, which this stasis does not know", name);
  }
  if (known && section.version != 1) {
    return fail(ErrorKind::kUnsupported, "{} has version {}: this stasis reads version 1", name,
                section.version);
  }
  return {};
}

Result<void> check_lengths(const std::vector<Section>& sections) {
  const Section& data = sections[0];
  const Section& checksums = sections[3];
  if (data.length % model::kPageSize != 0 ||
      checksums.length != chunk_count(data.length) * sizeof(std::uint64_t)) {
    return fail(ErrorKind::kCorruptImage, "trailer: {} bytes of data with {} bytes of checksums",
                data.length, checksums.length);
  }
  if (data.checksum != checksums.checksum) {
    return fail(ErrorKind::kCorruptImage, "trailer: data and data checksums disagree");
  }
  return {};
}

}  // namespace

std::string uuid_text(const Uuid& uuid) {
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", uuid[i]);
  }
  return text;
}

std::string section_name(SectionKind kind) {
  switch (kind) {
    case SectionKind::kData:
      return "data";
    case SectionKind::kHost:
      return "host facts";
    case SectionKind::kContainer:
      return "container";
    case SectionKind::kDataChecksums:
      return "data checksums";
  }
  return fmt::format("section {}", static_cast<std::uint32_t>(kind));
}

std::string encode_header(const Header& header) {
  ByteWriter out;
  out.text(kMagic);
  out.number(kFormatVersion);
  out.number(static_cast<std::uint32_t>(kHeaderBytes));
  out.number(header.required_features);
  out.number(header.optional_features);
  out.uuid(header.uuid);
  out.uuid(header.parent_uuid);
  out.number(header.file_bytes);
  out.zeros_until(kHeaderBytes - 8);
  return std::move(out).finish();
}

std::string encode_sections(const std::vector<Section>& sections) {
  ByteWriter out;
  for (const Section& section : sections) {
    out.number(static_cast<std::uint32_t>(section.kind));
    out.number(section.version);
    out.number(section.required);
    out.number(section.offset);
    out.number(section.length);
    out.number(section.checksum);
  }
  return std::move(out).take();
}

std::string encode_footer(const Footer& footer) {
  ByteWriter out;
  out.text(kFooterMagic);
  out.number(footer.section_count);
  out.zeros_until(16);
  out.number(footer.table_offset);
  out.number(footer.table_checksum);
  out.uuid(footer.uuid);
  out.zeros_until(kFooterBytes - 8);
  return std::move(out).finish();
}

Result<Header> decode_header(std::span<const std::byte> page) {
  if (page.size() != kHeaderBytes) {
    return fail(ErrorKind::kCorruptImage, "truncated: {} bytes, less than a header", page.size());
  }
  ByteReader in(page);
  if (in.text(kMagic.size()) != kMagic) {
    return fail(ErrorKind::kCorruptImage, "bad magic: not a stasis checkpoint image");
  }
  if (!checksum_matches(page)) {
    return fail(ErrorKind::kCorruptImage, "header: checksum mismatch");
  }
  const auto version = in.number<std::uint32_t>();
  if (version != kFormatVersion) {
    return fail(ErrorKind::kUnsupported, "format version {}: this stasis reads version {}", version,
                kFormatVersion);
  }
  const auto header_bytes = in.number<std::uint32_t>();
  Header header;
  header.required_features = in.number<std::uint64_t>();
  header.optional_features = in.number<std::uint64_t>();
  header.uuid = in.uuid();
  header.parent_uuid = in.uuid();
  header.file_bytes = in.number<std::uint64_t>();
  STASIS_TRY(check_features(header.required_features));
  if (header_bytes != kHeaderBytes || !in.zeros(kHeaderBytes - 8 - 72)) {
    return fail(ErrorKind::kCorruptImage, "header: unused fields are not zero");
  }
  if (header.parent_uuid != Uuid{}) {
    return fail(ErrorKind::kUnsupported, "needs its parent image {}",
                uuid_text(header.parent_uuid));
  }
  return header;
}

Result<Footer> decode_footer(std::span<const std::byte> bytes, const Header& header) {
  ByteReader in(bytes);
  if (bytes.size() != kFooterBytes || in.text(kFooterMagic.size()) != kFooterMagic ||
      !checksum_matches(bytes)) {
    return fail(ErrorKind::kCorruptImage, "trailer: checksum mismatch");
  }
  Footer footer;
  footer.section_count = in.number<std::uint32_t>();
  const bool reserved_is_zero = in.zeros(4);
  footer.table_offset = in.number<std::uint64_t>();
  footer.table_checksum = in.number<std::uint64_t>();
  footer.uuid = in.uuid();
  if (!reserved_is_zero || !in.zeros(8)) {
    return fail(ErrorKind::kCorruptImage, "trailer: unused fields are not zero");
  }
  if (footer.uuid != header.uuid) {
    return fail(ErrorKind::kCorruptImage, "trailer: UUID {} is not the header's",
                uuid_text(footer.uuid));
  }
  const std::uint64_t table_bytes = footer.section_count * kSectionEntryBytes;
  if (footer.section_count < 4 || footer.section_count > kMaxSections ||
      header.file_bytes < kHeaderBytes + table_bytes + kFooterBytes ||
      footer.table_offset != header.file_bytes - kFooterBytes - table_bytes) {
    return fail(ErrorKind::kCorruptImage, "trailer: {} sections with their table at {}",
                footer.section_count, footer.table_offset);
  }
  return footer;
}

Result<std::vector<Section>> decode_sections(std::span<const std::byte> table,
                                             const Footer& footer) {
  if (table.size() != footer.section_count * kSectionEntryBytes ||
      checksum(table) != footer.table_checksum) {
    return fail(ErrorKind::kCorruptImage, "section table: checksum mismatch");
  }
  ByteReader in(table);
  std::vector<Section> sections;
  std::uint64_t end = kHeaderBytes;
  for (std::size_t place = 0; place < footer.section_count; ++place) {
    Section section;
    section.kind = static_cast<SectionKind>(in.number<std::uint32_t>());
    section.version = in.number<std::uint32_t>();
    section.required = in.number<std::uint64_t>();
    section.offset = in.number<std::uint64_t>();
    section.length = in.number<std::uint64_t>();
    section.checksum = in.number<std::uint64_t>();
    STASIS_TRY(check_section(section, place));
    if (section.offset != end || section.length > footer.table_offset - end) {
      return fail(ErrorKind::kCorruptImage, "trailer: {} at {} with {} bytes",
                  section_name(section.kind), section.offset, section.length);
    }
    end += section.length;
    sections.push_back(section);
  }
  if (end != footer.table_offset) {
    return fail(ErrorKind::kCorruptImage, "trailer: sections end at {}, the table is at {}", end,
                footer.table_offset);
  }
  STASIS_TRY(check_lengths(sections));
  return sections;
}

std::string encode_checksums(const std::vector<std::uint64_t>& checksums) {
  ByteWriter out;
  for (const std::uint64_t value : checksums) out.number(value);
  return std::move(out).take();
}

std::vector<std::uint64_t> decode_checksums(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  std::vector<std::uint64_t> checksums(bytes.size() / sizeof(std::uint64_t));
  for (std::uint64_t& value : checksums) value = in.number<std::uint64_t>();
  return checksums;
}

}  // namespace stasis::image
