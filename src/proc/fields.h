// The tools the parsers of this folder share: the fields of one line, taken left to right, with
// errors that say where and what. Nothing here knows any particular file.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/parse.h"
#include "base/result.h"

namespace stasis::proc {

// Kernel text in an error message: in single quotes, control characters as \xNN, at most 64 bytes.
std::string quoted(std::string_view text);

// What `T` looks like in an error message: "a decimal number", "a hexadecimal number" ...
std::string_view number_word(int base);

// "maps line 3: offset: expected a hexadecimal number, found 'zz'"
Error unexpected(std::string_view file, std::size_t line, std::string_view name,
                 std::string_view expected, std::string_view found);

// The fields of line `number` (from 1) of `file`. The first failure sticks: later calls do nothing,
// and done() returns it. Targets are written on success only.
class Fields {
 public:
  Fields(std::string_view file, std::size_t number, std::string_view text)
      : file_(file), number_(number), rest_(text) {}

  // The next blank-separated word, whatever it is; missing words are an error.
  Fields& word(std::string_view name, std::string_view& into);
  Fields& word(std::string_view name, std::string& into);
  // The next word, which must be exactly `text`.
  Fields& literal(std::string_view text);
  // The next word as a number.
  template <std::integral T>
  Fields& number(std::string_view name, T& into, int base = 10) {
    std::string_view text;
    word(name, text);
    return number_of(name, text, into, base);
  }
  // The next word as "A<separator>B".
  template <std::integral T, std::integral U>
  Fields& pair(std::string_view name, char separator, T& first, U& second, int base = 10) {
    std::string_view text;
    word(name, text);
    if (error_) return *this;
    const auto at = text.find(separator);
    if (at == std::string_view::npos) {
      return wrong(name, std::string("two numbers around '") + separator + "'", text);
    }
    number_of(name, text.substr(0, at), first, base);
    return number_of(name, text.substr(at + 1), second, base);
  }
  // "tag:value" or "tag: value", value a number.
  template <std::integral T>
  Fields& tagged(std::string_view tag, T& into, int base = 10) {
    std::string_view text;
    tagged(tag, text);
    return number_of(tag, text, into, base);
  }
  // The same with any word, taken as it stands.
  Fields& tagged(std::string_view tag, std::string_view& into);
  // `text`, already taken from the line, as a number.
  template <std::integral T>
  Fields& number_of(std::string_view name, std::string_view text, T& into, int base = 10) {
    if (error_) return *this;
    const auto value = parse_number<T>(text, base);
    if (!value) return wrong(name, number_word(base), text);
    into = *value;
    return *this;
  }
  // All remaining words as numbers, appended to `into`.
  template <class Container>
  Fields& numbers(std::string_view name, Container& into, int base = 10) {
    for (auto text = take_word(rest_); !error_ && !text.empty(); text = take_word(rest_)) {
      typename Container::value_type value{};
      number_of(name, text, value, base);
      if (!error_) into.push_back(value);
    }
    return *this;
  }
  // What is left, without leading blanks; may be empty.
  Fields& rest(std::string_view& into);
  // Nothing may be left but blanks.
  Fields& end();

  // Makes the error for a field that was taken as a word and is not what it should be.
  Fields& wrong(std::string_view name, std::string_view expected, std::string_view found);

  // Nothing but blanks is left.
  bool at_end() const { return rest_.find_first_not_of(" \t") == std::string_view::npos; }
  bool ok() const { return !error_.has_value(); }
  Result<void> done();

 private:
  std::string_view file_;
  std::size_t number_;
  std::string_view rest_;
  std::optional<Error> error_;
};

// "Key:<blanks>value" split at the first ':'; the value has no blanks around it. Nothing when there
// is no ':'.
struct KeyValue {
  std::string_view key;
  std::string_view value;
};
std::optional<KeyValue> split_key(std::string_view line);

// The error for a line that must be there and is not.
Error missing_line(std::string_view file, std::string_view key);

}  // namespace stasis::proc
