#include "oci/json_reader.h"

#include <algorithm>

namespace stasis::oci {
namespace {

std::string_view describe(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    default:
      return "a number";
  }
}

// The library's message without its own prefix and position: "[json.exception...] parse error at
// line 1, column 2: syntax error while parsing ...".
std::string_view detail_of(std::string_view message) {
  const auto at = message.find(": ");
  return at == message.npos ? message : message.substr(at + 2);
}

}  // namespace

std::string Node::path() const {
  if (parent_ == nullptr) return "";
  const std::string prefix = parent_->path();
  if (key_.data() == nullptr) return fmt::format("{}[{}]", prefix, index_);
  return prefix.empty() ? std::string(key_) : fmt::format("{}.{}", prefix, key_);
}

Error Node::error(ErrorKind kind, std::string_view text) const {
  const std::string at = path();
  return Error(kind, at.empty() ? std::string(text) : fmt::format("{}: {}", at, text));
}

Error Node::expected(std::string_view what) const {
  return error(ErrorKind::kInvalidArgument,
               fmt::format("expected {}, found {}", what, describe(value_)));
}

Result<Json> parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto before = text.substr(0, error.byte > 0 ? std::min(error.byte - 1, text.size()) : 0);
    const auto line = 1 + std::ranges::count(before, '\n');
    const auto newline = before.rfind('\n');
    const auto column = before.size() - (newline == before.npos ? 0 : newline + 1) + 1;
    return fail(ErrorKind::kInvalidArgument, "line {} column {}: {}", line, column,
                detail_of(error.what()));
  }
}

Result<void> read_value(const Node& node, std::string& into) {
  if (!node.value().is_string()) return node.expected("a string");
  into = node.value().get_ref<const std::string&>();
  if (into.find('\0') != std::string::npos) {
    return node.error(ErrorKind::kInvalidArgument, "holds a zero byte");
  }
  return {};
}

Result<void> read_value(const Node& node, bool& into) {
  if (!node.value().is_boolean()) return node.expected("a boolean");
  into = node.value().get<bool>();
  return {};
}

const Json* Members::take(std::string_view key) {
  known_.push_back(key);
  if (failure_) return nullptr;
  const auto found = node_.value().find(key);
  if (found == node_.value().end() || found->is_null()) return nullptr;
  return &*found;
}

Members& Members::unsupported(std::string_view key, std::string_view reason) {
  const Json* value = take(key);
  if (value == nullptr) return *this;
  const bool empty = value->is_string() ? value->get_ref<const std::string&>().empty()
                                        : value->is_structured() && value->empty();
  if (!empty) failure_ = Node(*value, node_, key).error(ErrorKind::kUnsupported, reason);
  return *this;
}

Result<void> Members::finish() {
  if (failure_) return std::move(*failure_);
  if (unknown_ == Unknown::kIgnore) return {};
  for (const auto& [key, value] : node_.value().items()) {
    if (std::ranges::find(known_, key) != known_.end()) continue;
    return Node(value, node_, key).error(ErrorKind::kUnsupported, "is not known to stasis");
  }
  return {};
}

}  // namespace stasis::oci
