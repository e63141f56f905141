#include "image/socket_codec.h"

#include <utility>
#include <variant>

#include "image/codec.h"

namespace stasis::image {
namespace {

using Detail = decltype(model::Socket::detail);

void encode_credentials(const model::SocketCredentials& from, wire::SocketCredentials* to) {
  to->set_pid(from.pid.value);
  to->set_uid(from.uid);
  to->set_gid(from.gid);
}

model::SocketCredentials decode_credentials(const wire::SocketCredentials& from) {
  return {.pid = NsPid{from.pid()}, .uid = from.uid(), .gid = from.gid()};
}

void encode_message(const model::QueuedMessage& from, wire::QueuedMessage* to) {
  to->set_data(text_of(from.data));
  encode_numbers(from.open_files, to->mutable_open_files());
  if (from.credentials) encode_credentials(*from.credentials, to->mutable_credentials());
  to->set_source_address(text_of(from.source_address));
}

Result<model::QueuedMessage> decode_message(const wire::QueuedMessage& from) {
  return model::QueuedMessage{
      .data = to_bytes(from.data()),
      .open_files = decode_numbers(from.open_files()),
      .credentials = optional_if(from.has_credentials(), decode_credentials(from.credentials())),
      .source_address = to_bytes(from.source_address())};
}

void encode_option(const model::SocketOption& from, wire::SocketOption* to) {
  to->set_level(from.level);
  to->set_name(from.name);
  to->set_value(text_of(from.value));
}

Result<model::SocketOption> decode_option(const wire::SocketOption& from) {
  return model::SocketOption{
      .level = from.level(), .name = from.name(), .value = to_bytes(from.value())};
}

void encode_unix(const model::UnixSocket& from, wire::UnixSocket* to) {
  to->set_state(static_cast<wire::UnixState>(from.state));
  to->set_name(text_of(from.name));
  to->set_name_deleted(from.name_deleted);
  to->set_path_mode(from.path_mode);
  to->set_path_uid(from.path_uid);
  to->set_path_gid(from.path_gid);
  to->set_path_directory(from.path_directory);
  if (from.peer) to->set_peer(*from.peer);
  to->set_backlog(from.backlog);
  encode_numbers(from.pending_clients, to->mutable_pending_clients());
  if (from.peer_credentials) {
    encode_credentials(*from.peer_credentials, to->mutable_peer_credentials());
  }
}

Result<model::UnixSocket> decode_unix(const wire::UnixSocket& from) {
  STASIS_ASSIGN(const auto state,
                decode_enum(from.state(), "unix state", model::UnixState::kUnconnected,
                            model::UnixState::kPeerClosed));
  return model::UnixSocket{
      .state = state,
      .name = to_bytes(from.name()),
      .name_deleted = from.name_deleted(),
      .path_mode = from.path_mode(),
      .path_uid = from.path_uid(),
      .path_gid = from.path_gid(),
      .path_directory = from.path_directory(),
      .peer = optional_if(from.has_peer(), from.peer()),
      .backlog = from.backlog(),
      .pending_clients = decode_numbers(from.pending_clients()),
      .peer_credentials =
          optional_if(from.has_peer_credentials(), decode_credentials(from.peer_credentials()))};
}

void encode_connection(const model::TcpConnection& from, wire::TcpConnection* to) {
  to->set_send_sequence(from.send_sequence);
  to->set_receive_sequence(from.receive_sequence);
  to->set_send_queue(text_of(from.send_queue));
  to->set_send_queue_unsent(from.send_queue_unsent);
  to->set_receive_queue(text_of(from.receive_queue));
  to->set_mss_clamp(from.mss_clamp);
  to->set_options(from.options);
  to->set_send_scale(from.send_scale);
  to->set_receive_scale(from.receive_scale);
  to->set_timestamp(from.timestamp);
  to->set_window(text_of(from.window));
}

Result<model::TcpConnection> decode_connection(const wire::TcpConnection& from) {
  STASIS_ASSIGN(const auto send_scale, narrow<std::uint8_t>(from.send_scale(), "send scale"));
  STASIS_ASSIGN(const auto receive_scale,
                narrow<std::uint8_t>(from.receive_scale(), "receive scale"));
  return model::TcpConnection{.send_sequence = from.send_sequence(),
                              .receive_sequence = from.receive_sequence(),
                              .send_queue = to_bytes(from.send_queue()),
                              .send_queue_unsent = from.send_queue_unsent(),
                              .receive_queue = to_bytes(from.receive_queue()),
                              .mss_clamp = from.mss_clamp(),
                              .options = from.options(),
                              .send_scale = send_scale,
                              .receive_scale = receive_scale,
                              .timestamp = from.timestamp(),
                              .window = to_bytes(from.window())};
}

void encode_inet(const model::InetSocket& from, wire::InetSocket* to) {
  to->set_tcp_state(static_cast<wire::TcpState>(from.tcp_state));
  to->set_local_address(text_of(from.local_address));
  to->set_peer_address(text_of(from.peer_address));
  to->set_backlog(from.backlog);
  if (from.connection) encode_connection(*from.connection, to->mutable_connection());
}

Result<model::InetSocket> decode_inet(const wire::InetSocket& from) {
  STASIS_ASSIGN(const auto tcp_state,
                decode_enum(from.tcp_state(), "TCP state", model::TcpState::kClosed,
                            model::TcpState::kBound));
  model::InetSocket socket{.tcp_state = tcp_state,
                           .local_address = to_bytes(from.local_address()),
                           .peer_address = to_bytes(from.peer_address()),
                           .backlog = from.backlog(),
                           .connection = std::nullopt};
  if (from.has_connection()) {
    STASIS_ASSIGN(socket.connection, decode_connection(from.connection()));
  }
  return socket;
}

void encode_netlink(const model::NetlinkSocket& from, wire::NetlinkSocket* to) {
  to->set_port(from.port);
  to->set_groups(from.groups);
  to->set_peer_address(text_of(from.peer_address));
}

model::NetlinkSocket decode_netlink(const wire::NetlinkSocket& from) {
  return {
      .port = from.port(), .groups = from.groups(), .peer_address = to_bytes(from.peer_address())};
}

struct DetailEncoder {
  wire::Socket* to;
  void operator()(const model::UnixSocket& from) const {
    encode_unix(from, to->mutable_unix_socket());
  }
  void operator()(const model::InetSocket& from) const { encode_inet(from, to->mutable_inet()); }
  void operator()(const model::NetlinkSocket& from) const {
    encode_netlink(from, to->mutable_netlink());
  }
};

Result<Detail> decode_detail(const wire::Socket& from) {
  switch (from.detail_case()) {
    case wire::Socket::kUnixSocket: {
      STASIS_ASSIGN(auto socket, decode_unix(from.unix_socket()));
      return Detail(std::move(socket));
    }
    case wire::Socket::kInet: {
      STASIS_ASSIGN(auto socket, decode_inet(from.inet()));
      return Detail(std::move(socket));
    }
    case wire::Socket::kNetlink:
      return Detail(decode_netlink(from.netlink()));
    case wire::Socket::DETAIL_NOT_SET:
      break;
  }
  return fail(ErrorKind::kCorruptImage, "no known kind of socket");
}

}  // namespace

void encode_socket(const model::Socket& from, wire::Socket* to) {
  to->set_domain(from.domain);
  to->set_type(from.type);
  to->set_protocol(from.protocol);
  encode_list(from.options, to->mutable_options(), encode_option);
  to->set_shut_down(from.shut_down);
  encode_list(from.queue, to->mutable_queue(), encode_message);
  std::visit(DetailEncoder{to}, from.detail);
}

Result<model::Socket> decode_socket(const wire::Socket& from) {
  STASIS_ASSIGN(auto options, decode_list(from.options(), "option", decode_option));
  STASIS_ASSIGN(auto queue, decode_list(from.queue(), "queued message", decode_message));
  STASIS_ASSIGN(auto detail, decode_detail(from));
  return model::Socket{.domain = from.domain(),
                       .type = from.type(),
                       .protocol = from.protocol(),
                       .options = std::move(options),
                       .shut_down = from.shut_down(),
                       .queue = std::move(queue),
                       .detail = std::move(detail)};
}

}  // namespace stasis::image
