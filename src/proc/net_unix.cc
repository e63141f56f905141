#include "proc/net_unix.h"

#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "net/unix";

}  // namespace

Result<std::vector<UnixSocketLine>> parse_net_unix(std::string_view text) {
  const auto lines = split_lines(text);
  if (lines.empty() || !lines[0].starts_with("Num ")) {
    return unexpected(kFile, 1, "heading", "'Num ...'", lines.empty() ? "" : lines[0]);
  }
  std::vector<UnixSocketLine> sockets;
  for (std::size_t at = 1; at < lines.size(); ++at) {
    UnixSocketLine socket;
    std::string_view address;  // hashed, of no use
    std::string_view name;
    STASIS_TRY(Fields(kFile, at + 1, lines[at])
                   .word("address", address)
                   .number("reference count", socket.reference_count, 16)
                   .number("protocol", socket.protocol, 16)
                   .number("flags", socket.flags, 16)
                   .number("type", socket.type, 16)
                   .number("state", socket.state, 16)
                   .number("inode", socket.inode)
                   .rest(name)
                   .done());
    socket.named = !name.empty();
    socket.abstract = name.starts_with('@');
    if (socket.abstract) name.remove_prefix(1);
    socket.name = name;
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

Result<std::vector<UnixSocketLine>> read_net_unix(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("net/unix"));
  return parse_net_unix(text).context(dir.name());
}

}  // namespace stasis::proc
