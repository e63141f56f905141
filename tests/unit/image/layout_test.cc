#include "image/layout.h"

#include <gtest/gtest.h>

#include "image/checksum.h"

namespace stasis::image {
namespace {

constexpr std::uint64_t kTable = 4096 + 8192 + 10 + 20 + 8;
constexpr std::uint64_t kFile = kTable + 4 * kSectionEntryBytes + kFooterBytes;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

Uuid some_uuid() { return {0xde, 0xad, 0xbe, 0xef, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff}; }

Header some_header() {
  Header header;
  header.optional_features = 6;
  header.uuid = some_uuid();
  header.file_bytes = kFile;
  return header;
}

std::vector<Section> some_sections() {
  return {{.kind = SectionKind::kData, .offset = 4096, .length = 8192, .checksum = 7},
          {.kind = SectionKind::kHost, .offset = 12288, .length = 10, .checksum = 8},
          {.kind = SectionKind::kContainer, .offset = 12298, .length = 20, .checksum = 9},
          {.kind = SectionKind::kDataChecksums, .offset = 12318, .length = 8, .checksum = 7}};
}

Footer footer_of(const std::vector<Section>& sections) {
  return {.section_count = static_cast<std::uint32_t>(sections.size()),
          .table_offset = kTable,
          .table_checksum = checksum(encode_sections(sections)),
          .uuid = some_uuid()};
}

std::string sections_error(const std::vector<Section>& sections) {
  const auto decoded = decode_sections(bytes_of(encode_sections(sections)), footer_of(sections));
  return decoded.has_value() ? "no error" : decoded.error().message();
}

std::string footer_error(const Footer& footer, const Header& header) {
  const auto decoded = decode_footer(bytes_of(encode_footer(footer)), header);
  return decoded.has_value() ? "no error" : decoded.error().message();
}

TEST(Layout, HeaderComesBack) {
  const std::string page = encode_header(some_header());
  EXPECT_EQ(page.size(), kHeaderBytes);
  EXPECT_EQ(page.substr(0, 12), std::string("\x89STASIS\n\x01\0\0\0", 12));
  EXPECT_EQ(decode_header(bytes_of(page)).value(), some_header());
}

TEST(Layout, FooterAndSectionsComeBack) {
  const std::string footer = encode_footer(footer_of(some_sections()));
  EXPECT_EQ(footer.size(), kFooterBytes);
  EXPECT_EQ(decode_footer(bytes_of(footer), some_header()).value(), footer_of(some_sections()));
  EXPECT_EQ(decode_sections(bytes_of(encode_sections(some_sections())), footer_of(some_sections()))
                .value(),
            some_sections());
}

TEST(Layout, UuidTextHasFiveGroups) {
  EXPECT_EQ(uuid_text(some_uuid()), "deadbeef-0405-0607-0809-0a0b0c0d0eff");
}

TEST(Layout, FooterMustFitTheFile) {
  Footer footer = footer_of(some_sections());
  footer.section_count = 3;
  EXPECT_EQ(footer_error(footer, some_header()), "trailer: 3 sections with their table at 12326");
  footer.section_count = 65;
  EXPECT_EQ(footer_error(footer, some_header()), "trailer: 65 sections with their table at 12326");
  footer = footer_of(some_sections());
  footer.table_offset += 1;
  EXPECT_EQ(footer_error(footer, some_header()), "trailer: 4 sections with their table at 12327");
  footer.table_offset = 0;
  Header header = some_header();
  header.file_bytes = kHeaderBytes + kFooterBytes;
  EXPECT_EQ(footer_error(footer, header), "trailer: 4 sections with their table at 0");
}

TEST(Layout, SectionsMustFillTheFile) {
  auto sections = some_sections();
  sections[2].offset += 1;
  EXPECT_EQ(sections_error(sections), "trailer: container at 12299 with 20 bytes");
  sections = some_sections();
  sections[1].length = UINT64_MAX - 5;
  EXPECT_EQ(sections_error(sections),
            "trailer: host facts at 12288 with 18446744073709551610 bytes");
  sections = some_sections();
  sections[3].length = 0;
  EXPECT_EQ(sections_error(sections), "trailer: sections end at 12318, the table is at 12326");
}

TEST(Layout, KnownSectionsStandInTheirPlaces) {
  auto sections = some_sections();
  std::swap(sections[1], sections[2]);
  EXPECT_EQ(sections_error(sections), "trailer: container at place 1");
  sections = some_sections();
  sections[3].kind = static_cast<SectionKind>(9);
  EXPECT_EQ(sections_error(sections), "trailer: section 9 at place 3");
  sections = some_sections();
  sections.push_back(sections[3]);
  EXPECT_EQ(sections_error(sections), "trailer: data checksums at place 4");
}

TEST(Layout, RefusesWhatItDoesNotKnow) {
  auto sections = some_sections();
  sections[2].version = 2;
  EXPECT_EQ(sections_error(sections), "container has version 2: this stasis reads version 1");
  sections = some_sections();
  sections[2].required = 3;
  EXPECT_EQ(sections_error(sections), "trailer: container: unknown flags 0x3");
  sections = some_sections();
  sections.push_back({.kind = static_cast<SectionKind>(9), .required = 1, .offset = kTable});
  EXPECT_EQ(sections_error(sections), "needs section 9, which this stasis does not know");
}

TEST(Layout, PassesOverASectionThatIsNotRequired) {
  auto sections = some_sections();
  sections.push_back({.kind = static_cast<SectionKind>(9), .required = 0, .offset = kTable});
  EXPECT_EQ(sections_error(sections), "no error");
}

TEST(Layout, DataAndItsChecksumsMustFit) {
  auto sections = some_sections();
  sections[0].length -= 1;
  for (int i = 1; i < 4; ++i) sections[static_cast<std::size_t>(i)].offset -= 1;
  sections[1].length += 1;
  sections[2].offset += 1;
  sections[3].offset += 1;
  EXPECT_EQ(sections_error(sections), "trailer: 8191 bytes of data with 8 bytes of checksums");
  sections = some_sections();
  sections[2].length += 8;
  sections[3].offset += 8;
  sections[3].length = 0;
  EXPECT_EQ(sections_error(sections), "trailer: 8192 bytes of data with 0 bytes of checksums");
  sections = some_sections();
  sections[0].checksum = 1;
  EXPECT_EQ(sections_error(sections), "trailer: data and data checksums disagree");
}

TEST(Layout, ChecksumsComeBack) {
  const std::vector<std::uint64_t> checksums = {1, UINT64_MAX, 0x0102030405060708};
  const std::string bytes = encode_checksums(checksums);
  EXPECT_EQ(bytes[16], 8);  // little-endian
  EXPECT_EQ(decode_checksums(bytes_of(bytes)), checksums);
}

// The value of the XXH3 specification for no input and seed 0.
TEST(Checksum, IsXxh3) { EXPECT_EQ(checksum(std::string_view()), 0x2d06800538d394c2U); }

}  // namespace
}  // namespace stasis::image
