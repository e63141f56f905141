// A client of a redis server on a unix socket: just enough of its protocol for tests and
// benchmarks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace stasis::test {

class RedisClient {
 public:
  // Nothing when nobody listens there yet.
  static std::optional<RedisClient> try_connect(const std::string& path);
  // Tries until the server answers PING; gives up at the limit.
  static RedisClient connect(const std::string& path, std::chrono::seconds limit);

  // Sends one command and returns its answer: the text, number, or "-ERR ..."; "" for nil. Nothing
  // when the connection is lost.
  std::optional<std::string> command(const std::vector<std::string>& words);
  // SETs `keys` keys named key:N with values of `value_bytes` bytes, pipelined.
  void fill(long keys, std::size_t value_bytes);
  static std::string value_of(long key, std::size_t value_bytes);

 private:
  explicit RedisClient(UniqueFd fd) : fd_(std::move(fd)) {}
  bool send_all(std::string_view text);
  std::optional<std::string> read_line();
  std::optional<std::string> read_answer();

  UniqueFd fd_;
  std::string buffered_;
};

}  // namespace stasis::test
