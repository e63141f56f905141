#include "integration/support/redis_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

std::string encode(const std::vector<std::string>& words) {
  std::string text = fmt::format("*{}\r\n", words.size());
  for (const std::string& word : words) text += fmt::format("${}\r\n{}\r\n", word.size(), word);
  return text;
}

}  // namespace

std::optional<RedisClient> RedisClient::try_connect(const std::string& path) {
  UniqueFd fd(must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    give_up("the path of the socket is too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::nullopt;
  return RedisClient(std::move(fd));
}

RedisClient RedisClient::connect(const std::string& path, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (auto client = try_connect(path); client && client->command({"PING"}) == "PONG")
      return std::move(*client);
    poll(nullptr, 0, 2);  // a server tells nobody outside when it starts to listen
  }
  give_up("no redis server answers at " + path);
}

bool RedisClient::send_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::optional<std::string> RedisClient::read_line() {
  while (true) {
    if (const auto end = buffered_.find("\r\n"); end != std::string::npos) {
      std::string line = buffered_.substr(0, end);
      buffered_.erase(0, end + 2);
      return line;
    }
    std::array<char, 65536> chunk{};
    const ssize_t count = recv(fd_.get(), chunk.data(), chunk.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    buffered_.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

std::optional<std::string> RedisClient::read_answer() {
  auto line = read_line();
  if (!line || line->empty()) return std::nullopt;
  if ((*line)[0] == '+' || (*line)[0] == ':') return line->substr(1);
  if ((*line)[0] != '$') return line;
  if (*line == "$-1") return "";
  const auto size = static_cast<std::size_t>(std::stoul(line->substr(1)));
  std::string value;
  // A value may hold line ends itself; read on until it is whole.
  while (true) {
    auto part = read_line();
    if (!part) return std::nullopt;
    value += *part;
    if (value.size() >= size) return value;
    value += "\r\n";
  }
}

std::optional<std::string> RedisClient::command(const std::vector<std::string>& words) {
  if (!send_all(encode(words))) return std::nullopt;
  return read_answer();
}

std::string RedisClient::value_of(long key, std::size_t value_bytes) {
  std::string value = fmt::format("value of {} ", key);
  // Different in every key, so that no page equals another.
  for (auto seed = static_cast<std::uint64_t>(key) + 1; value.size() < value_bytes;) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    value += fmt::format("{:016x}", seed);
  }
  value.resize(value_bytes);
  return value;
}

void RedisClient::fill(long keys, std::size_t value_bytes) {
  constexpr long kBatch = 500;
  for (long first = 0; first < keys; first += kBatch) {
    const long end = std::min(first + kBatch, keys);
    std::string text;
    for (long key = first; key < end; ++key)
      text += encode({"SET", fmt::format("key:{}", key), value_of(key, value_bytes)});
    if (!send_all(text)) give_up("the redis server closed the connection");
    for (long key = first; key < end; ++key) {
      if (read_answer() != "OK") give_up("the redis server refused a SET");
    }
  }
}

}  // namespace stasis::test
