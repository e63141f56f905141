// Reading JSON into structs with errors that name the member: "linux.namespaces[2].type: expected a
// string, found a number". Used inside src/oci only.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace stasis::oci {

using Json = nlohmann::json;

// A value and where it stands. Refers to its parent, which must outlive it.
class Node {
 public:
  explicit Node(const Json& value) : value_(value) {}
  Node(const Json& value, const Node& parent, std::string_view key)
      : value_(value), parent_(&parent), key_(key) {}
  Node(const Json& value, const Node& parent, std::size_t index)
      : value_(value), parent_(&parent), index_(index) {}

  const Json& value() const { return value_; }
  std::string path() const;
  // "PATH: expected WHAT, found a number"
  Error expected(std::string_view what) const;
  // "PATH: TEXT"
  Error error(ErrorKind kind, std::string_view text) const;

 private:
  const Json& value_;
  const Node* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
};

// The whole text, or an error "line 3 column 9: ...".
Result<Json> parse_json(std::string_view text);

Result<void> read_value(const Node& node, std::string& into);
Result<void> read_value(const Node& node, bool& into);

template <std::integral T>
Result<void> read_value(const Node& node, T& into) {
  const Json& value = node.value();
  if (!value.is_number_integer()) return node.expected("an integer");
  // JSON integers come as uint64 when not negative, else as int64.
  const bool fits = value.is_number_unsigned() ? std::in_range<T>(value.get<std::uint64_t>())
                                               : std::in_range<T>(value.get<std::int64_t>());
  if (!fits) {
    return node.error(ErrorKind::kInvalidArgument,
                      fmt::format("{} is out of range: expected {} to {}", value.dump(),
                                  std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
  into = value.get<T>();
  return {};
}

template <class T>
Result<void> read_value(const Node& node, std::optional<T>& into) {
  T value{};
  STASIS_TRY(read_value(node, value));
  into = std::move(value);
  return {};
}

template <class T>
Result<void> read_value(const Node& node, std::vector<T>& into) {
  if (!node.value().is_array()) return node.expected("an array");
  into.clear();
  into.reserve(node.value().size());
  for (std::size_t i = 0; i < node.value().size(); ++i) {
    T element{};
    STASIS_TRY(read_value(Node(node.value()[i], node, i), element));
    into.push_back(std::move(element));
  }
  return {};
}

template <class T>
Result<void> read_value(const Node& node, std::map<std::string, T>& into) {
  if (!node.value().is_object()) return node.expected("an object");
  into.clear();
  for (const auto& [key, value] : node.value().items()) {
    T element{};
    STASIS_TRY(read_value(Node(value, node, key), element));
    into.emplace(key, std::move(element));
  }
  return {};
}

// What happens to members that the reader does not know.
enum class Unknown {
  kRefuse,  // the object concerns isolation: a member that is passed over could open a hole
  kIgnore,
};

// Reads the members of one object; keeps the first error and passes over the rest.
class Members {
 public:
  Members(const Node& node, Unknown unknown) : node_(node), unknown_(unknown) {
    if (!node.value().is_object()) failure_ = node.expected("an object");
  }

  // Absent and null leave `into` alone.
  template <class T>
  Members& optional(std::string_view key, T& into) {
    if (const Json* value = take(key)) keep(read_value(Node(*value, node_, key), into));
    return *this;
  }
  template <class T>
  Members& required(std::string_view key, T& into) {
    if (const Json* value = take(key)) {
      keep(read_value(Node(*value, node_, key), into));
    } else if (!failure_) {
      failure_ = node_.error(ErrorKind::kInvalidArgument, fmt::format("'{}' is missing", key));
    }
    return *this;
  }
  // Known, of no effect here.
  Members& ignored(std::string_view key) {
    static_cast<void>(take(key));
    return *this;
  }
  // Known, and refused with `reason` when it says something: not null, "", {} or [].
  Members& unsupported(std::string_view key, std::string_view reason);

  // The first error, or that of the first unknown member.
  Result<void> finish();

 private:
  const Json* take(std::string_view key);
  void keep(Result<void> result) {
    if (!result && !failure_) failure_ = std::move(result.error());
  }

  const Node& node_;
  Unknown unknown_;
  std::vector<std::string_view> known_;
  std::optional<Error> failure_;
};

}  // namespace stasis::oci
