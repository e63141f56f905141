#include "proc/net_inet.h"

#include <cstring>

#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::size_t kWordDigits = 8;

// "0100007F:1F90": the address as 32-bit words in the machine's byte order, four of them for IPv6.
void parse_endpoint(Fields& fields, std::string_view name, InetEndpoint& endpoint) {
  std::string_view text;
  fields.word(name, text);
  if (!fields.ok()) return;
  const auto colon = text.find(':');
  const auto address = text.substr(0, colon);
  endpoint.is_v6 = address.size() == 4 * kWordDigits;
  if (colon == std::string_view::npos || (address.size() != kWordDigits && !endpoint.is_v6)) {
    fields.wrong(name, "8 or 32 hexadecimal digits, ':', a port", text);
    return;
  }
  for (std::size_t at = 0; at < address.size(); at += kWordDigits) {
    std::uint32_t word = 0;
    fields.number_of(name, address.substr(at, kWordDigits), word, 16);
    std::memcpy(endpoint.address.data() + at / 2, &word, sizeof(word));
  }
  fields.number_of(name, text.substr(colon + 1), endpoint.port, 16);
}

Result<InetSocketLine> parse_line(std::string_view file, std::size_t number,
                                  std::string_view line) {
  InetSocketLine socket;
  std::string_view ignored;
  Fields fields(file, number, line);
  fields.word("sl", ignored);
  parse_endpoint(fields, "local address", socket.local);
  parse_endpoint(fields, "remote address", socket.remote);
  fields.number("state", socket.state, 16)
      .pair("queues", ':', socket.send_queue, socket.receive_queue, 16)
      .word("timer", ignored)
      .word("retransmits", ignored)
      .number("uid", socket.uid)
      .word("timeout", ignored)
      .number("inode", socket.inode);
  STASIS_TRY(fields.done());
  return socket;
}

}  // namespace

Result<std::vector<InetSocketLine>> parse_net_inet(std::string_view file, std::string_view text) {
  const auto name = "net/" + std::string(file);
  const auto lines = split_lines(text);
  if (lines.empty() || trim(lines[0]).substr(0, 3) != "sl ") {
    return unexpected(name, 1, "heading", "'sl ...'", lines.empty() ? "" : lines[0]);
  }
  std::vector<InetSocketLine> sockets;
  for (std::size_t at = 1; at < lines.size(); ++at) {
    STASIS_ASSIGN(sockets.emplace_back(), parse_line(name, at + 1, lines[at]));
  }
  return sockets;
}

Result<std::vector<InetSocketLine>> read_net_inet(const ProcDir& dir, const std::string& file) {
  STASIS_ASSIGN(const auto text, dir.read("net/" + file));
  return parse_net_inet(file, text).context(dir.name());
}

}  // namespace stasis::proc
