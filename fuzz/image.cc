// The image decoder. The first byte of the input chooses the part, the rest is that part's bytes:
//   0: header, section table and footer; their checksums are made to fit, so that what lies behind
//      them is reached
//   1: host facts
//   else: the container; what decodes must encode to something that decodes to the same, and what
//      is valid must be describable
#include <cstdint>
#include <span>
#include <string>

#include "base/check.h"
#include "image/checksum.h"
#include "image/container_codec.h"
#include "image/describe.h"
#include "image/layout.h"
#include "image/validate.h"

namespace stasis::image {
namespace {

constexpr std::uint64_t kDataBytes = 1 << 20;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

void put_number(std::string& text, std::size_t offset, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) {
    text[offset + i] = static_cast<char>((value >> (8 * i)) & 0xff);
  }
}

// The input is a header's first 72 bytes, a footer's first 56, and a section table.
void fuzz_layout(const std::string& input) {
  constexpr std::size_t kHeaderFields = 72;
  constexpr std::size_t kFooterFields = kFooterBytes - 8;
  if (input.size() < kHeaderFields + kFooterFields) return;
  std::string page = input.substr(0, kHeaderFields);
  page.resize(kHeaderBytes);
  put_number(page, kHeaderBytes - 8, checksum(std::string_view(page).substr(0, kHeaderBytes - 8)));
  const auto header = decode_header(bytes_of(page));
  if (!header.has_value()) return;

  std::string end = input.substr(kHeaderFields, kFooterFields);
  const std::string table = input.substr(kHeaderFields + kFooterFields);
  put_number(end, 24, checksum(table));
  end.resize(kFooterBytes);
  put_number(end, kFooterFields, checksum(std::string_view(end).substr(0, kFooterFields)));
  const auto footer = decode_footer(bytes_of(end), *header);
  if (!footer.has_value()) return;
  const auto sections = decode_sections(bytes_of(table), *footer);
  if (!sections.has_value()) return;
  for (const Section& section : *sections) {
    STASIS_CHECK(section.offset >= kHeaderBytes && section.offset <= footer->table_offset &&
                     section.length <= footer->table_offset - section.offset,
                 "an accepted section lies inside the file");
  }
}

void fuzz_container(const std::string& input) {
  const auto container = decode_container(bytes_of(input));
  if (!container.has_value()) return;
  const auto again = encode_container(*container);
  STASIS_CHECK(again.has_value(), "what was decoded can be encoded");
  STASIS_CHECK(decode_container(bytes_of(*again)).value() == *container,
               "what was encoded decodes to the same");
  if (!validate(*container, kDataBytes).has_value()) return;
  for (const auto& file : container->open_files) describe(file, *container);
  for (const auto& socket : container->sockets) describe(socket);
}

}  // namespace
}  // namespace stasis::image

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0) {
    stasis::image::fuzz_layout(input);
  } else if (data[0] == 1) {
    static_cast<void>(stasis::image::decode_host(stasis::image::bytes_of(input)));
  } else {
    stasis::image::fuzz_container(input);
  }
  return 0;
}
