#include "runtime/init_channel.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "base/parse.h"
#include "sys/fd_passing.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

constexpr std::size_t kHeader = sizeof(Message);

Result<std::vector<std::byte>> encode(Message message, std::string_view text) {
  if (text.size() > kLongestText) {
    return fail(ErrorKind::kInvalidArgument, "a message of {} bytes is too long", text.size());
  }
  std::vector<std::byte> bytes(kHeader + text.size());
  std::memcpy(bytes.data(), &message, kHeader);
  std::ranges::copy(std::as_bytes(std::span(text)), bytes.begin() + kHeader);
  return bytes;
}

}  // namespace

std::string encode_error(const Error& error) {
  return fmt::format("{} {}", static_cast<int>(error.kind()), error.message());
}

Error decode_error(std::string_view text) {
  const auto number = parse_number<int>(take_word(text));
  const bool known = number && *number >= 0 && *number <= static_cast<int>(ErrorKind::kKernel);
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return Error(known ? static_cast<ErrorKind>(*number) : ErrorKind::kKernel, std::string(text));
}

Result<void> InitChannel::send(Message message, std::string_view text, int passed_fd) const {
  STASIS_ASSIGN(const auto bytes, encode(message, text));
  const auto fds = std::span<const int>(&passed_fd, passed_fd >= 0 ? 1U : 0U);
  return sys::send_record(socket_.get(), bytes, fds);
}

Result<void> InitChannel::write(Message message, std::string_view text) const {
  STASIS_ASSIGN(const auto bytes, encode(message, text));
  return sys::write_all(socket_.get(), bytes);
}

void InitChannel::send_failure(const Error& error) const {
  static_cast<void>(
      send(Message::kFailed, std::string_view(encode_error(error)).substr(0, kLongestText)));
}

Result<Received> InitChannel::receive() const {
  std::vector<std::byte> bytes(kHeader + kLongestText);
  STASIS_ASSIGN(auto record, sys::receive_record(socket_.get(), bytes));
  Received received;
  if (record.size < kHeader) {
    return fail(ErrorKind::kTaskDied, "the container's process died while it was set up");
  }
  std::memcpy(&received.message, bytes.data(), kHeader);
  received.text.assign(reinterpret_cast<const char*>(bytes.data()) + kHeader,
                       record.size - kHeader);
  if (!record.fds.empty()) received.fd = std::move(record.fds.front());
  return received;
}

Result<Received> InitChannel::expect(Message expected) const {
  STASIS_ASSIGN(Received received, receive());
  if (received.message == Message::kFailed) return decode_error(received.text);
  if (received.message != expected) {
    return fail(ErrorKind::kKernel, "message {} from the container's process where {} was due",
                static_cast<unsigned>(received.message), static_cast<unsigned>(expected));
  }
  return received;
}

Result<void> InitChannel::expect_end() const {
  auto received = receive();
  if (!received && received.error().kind() == ErrorKind::kTaskDied) return {};
  STASIS_ASSIGN(const Received got, std::move(received));
  return decode_error(got.text);
}

Result<std::pair<InitChannel, InitChannel>> make_init_channel() {
  STASIS_ASSIGN(auto pair, sys::make_record_pair());
  return std::pair{InitChannel(std::move(pair.first)), InitChannel(std::move(pair.second))};
}

}  // namespace stasis::runtime
