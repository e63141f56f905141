// Helpers of the codecs: each NAME_codec turns the messages of NAME.proto into model structs and
// back. encode_ is total; decode_ gives an Error of kind kCorruptImage that names the element.
// Codecs check only what a model struct cannot hold; rules between fields are in validate.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <google/protobuf/repeated_field.h>

#include "base/result.h"
#include "model/data.h"

namespace stasis::image {

inline model::Bytes to_bytes(std::string_view text) {
  return model::Bytes(text.begin(), text.end());
}

// For set_FIELD(text_of(...)): protobuf holds `bytes` as std::string.
inline std::string text_of(const model::Bytes& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

template <class Model, class Wire>
void encode_list(const std::vector<Model>& from, google::protobuf::RepeatedPtrField<Wire>* to,
                 void (*encode)(const Model&, Wire*)) {
  to->Reserve(static_cast<int>(from.size()));
  for (const Model& item : from) encode(item, to->Add());
}

// `name` is what an element is called in messages: "thread".
template <class Model, class Wire>
Result<std::vector<Model>> decode_list(const google::protobuf::RepeatedPtrField<Wire>& from,
                                       std::string_view name,
                                       Result<Model> (*decode)(const Wire&)) {
  std::vector<Model> items;  // not reserved: a hostile count costs no more than its good elements
  for (const Wire& item : from) {
    Result<Model> decoded = decode(item);
    if (!decoded.has_value()) {
      return std::move(decoded.error()).context(fmt::format("{} {}", name, items.size()));
    }
    items.push_back(std::move(*decoded));
  }
  return items;
}

template <class Number>
void encode_numbers(const std::vector<Number>& from, google::protobuf::RepeatedField<Number>* to) {
  to->Assign(from.begin(), from.end());
}

template <class Number>
std::vector<Number> decode_numbers(const google::protobuf::RepeatedField<Number>& from) {
  return std::vector<Number>(from.begin(), from.end());
}

// A number into a smaller type.
template <std::unsigned_integral To>
Result<To> narrow(std::uint64_t value, std::string_view name) {
  if (!std::in_range<To>(value)) {
    return fail(ErrorKind::kCorruptImage, "{}: {} is out of range", name, value);
  }
  return static_cast<To>(value);
}

// Schema and model number their enumerators alike and without holes.
template <class Enum, class Wire>
Result<Enum> decode_enum(Wire value, std::string_view name, Enum first, Enum last) {
  if (static_cast<int>(value) < static_cast<int>(first) ||
      static_cast<int>(value) > static_cast<int>(last)) {
    return fail(ErrorKind::kCorruptImage, "{}: unknown value {}", name, static_cast<int>(value));
  }
  return static_cast<Enum>(value);
}

template <class Number>
std::optional<Number> optional_if(bool present, Number value) {
  return present ? std::optional<Number>(value) : std::nullopt;
}

}  // namespace stasis::image
