#include "requests.h"

namespace stasis::criu {
namespace {

// criu_req_type.
constexpr std::uint64_t kFeatureCheck = 9;
constexpr std::uint64_t kVersion = 10;

enum WireType : std::uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// Takes the value of a field that nobody here asks for.
bool skip(std::uint64_t wire_type, std::string_view& bytes) {
  std::uint64_t length = 0;
  switch (wire_type) {
    case kVarint:
      return take_varint(bytes).has_value();
    case kFixed64:
      length = 8;
      break;
    case kFixed32:
      length = 4;
      break;
    case kBytes: {
      const auto told = take_varint(bytes);
      if (!told) return false;
      length = *told;
      break;
    }
    default:
      return false;
  }
  if (length > bytes.size()) return false;
  bytes.remove_prefix(length);
  return true;
}

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7fU) | 0x80U);
  out += static_cast<char>(value);
}

void append_number(std::string& out, std::uint64_t field, std::uint64_t value) {
  append_varint(out, field << 3 | kVarint);
  append_varint(out, value);
}

void append_bytes(std::string& out, std::uint64_t field, std::string_view value) {
  append_varint(out, field << 3 | kBytes);
  append_varint(out, value.size());
  out += value;
}

std::string encode_version() {
  std::string version;
  append_number(version, 1, kMajor);
  append_number(version, 2, kMinor);
  append_bytes(version, 6, "stasis");
  return version;
}

// mem_track, lazy_pages, pidfd_store.
std::string encode_features() {
  std::string features;
  for (const std::uint64_t field : {1, 2, 3}) append_number(features, field, 0);
  return features;
}

}  // namespace

std::optional<std::uint64_t> parse_request_type(std::string_view bytes) {
  std::optional<std::uint64_t> type;
  while (!bytes.empty()) {
    const auto tag = take_varint(bytes);
    if (!tag) return std::nullopt;
    if (*tag == (1 << 3 | kVarint)) {
      type = take_varint(bytes);
      if (!type) return std::nullopt;
    } else if (!skip(*tag & 7U, bytes)) {
      return std::nullopt;
    }
  }
  return type;
}

std::string encode_response(std::uint64_t request_type) {
  const bool known = request_type == kVersion || request_type == kFeatureCheck;
  std::string response;
  append_number(response, 1, request_type);
  append_number(response, 2, known ? 1 : 0);
  if (request_type == kFeatureCheck) append_bytes(response, 8, encode_features());
  if (!known) {
    append_bytes(response, 9,
                 "this criu is part of stasis and only tells its version: "
                 "stasis checkpoints and restores by itself");
  }
  if (request_type == kVersion) append_bytes(response, 10, encode_version());
  return response;
}

}  // namespace stasis::criu
