#include "image/network_codec.h"

#include <utility>

#include "image/codec.h"

namespace stasis::image {
namespace {

void encode_link(const model::NetworkLink& from, wire::NetworkLink* to) {
  to->set_index(from.index);
  to->set_name(from.name);
  to->set_alias(from.alias);
  to->set_kind(from.kind);
  to->set_external(from.external);
  to->set_flags(from.flags);
  to->set_mtu(from.mtu);
  to->set_queue_length(from.queue_length);
  to->set_group(from.group);
  to->set_parent(from.parent);
  to->set_master(from.master);
  to->set_address(text_of(from.address));
  to->set_kind_data(text_of(from.kind_data));
  to->set_port_data(text_of(from.port_data));
}

Result<model::NetworkLink> decode_link(const wire::NetworkLink& from) {
  return model::NetworkLink{.index = from.index(),
                            .name = from.name(),
                            .alias = from.alias(),
                            .kind = from.kind(),
                            .external = from.external(),
                            .flags = from.flags(),
                            .mtu = from.mtu(),
                            .queue_length = from.queue_length(),
                            .group = from.group(),
                            .parent = from.parent(),
                            .master = from.master(),
                            .address = to_bytes(from.address()),
                            .kind_data = to_bytes(from.kind_data()),
                            .port_data = to_bytes(from.port_data())};
}

void encode_setting(const model::NetworkSetting& from, wire::NetworkSetting* to) {
  to->set_name(from.name);
  to->set_value(from.value);
}

Result<model::NetworkSetting> decode_setting(const wire::NetworkSetting& from) {
  return model::NetworkSetting{.name = from.name(), .value = from.value()};
}

using WireBodies = google::protobuf::RepeatedPtrField<std::string>;

void encode_bodies(const std::vector<model::Bytes>& from, WireBodies* to) {
  for (const model::Bytes& body : from) *to->Add() = text_of(body);
}

std::vector<model::Bytes> decode_bodies(const WireBodies& from) {
  std::vector<model::Bytes> bodies;
  for (const std::string& body : from) bodies.push_back(to_bytes(body));
  return bodies;
}

}  // namespace

void encode_network(const model::Network& from, wire::Network* to) {
  encode_list(from.links, to->mutable_links(), encode_link);
  encode_bodies(from.addresses, to->mutable_addresses());
  encode_bodies(from.routes, to->mutable_routes());
  encode_bodies(from.rules, to->mutable_rules());
  encode_bodies(from.neighbours, to->mutable_neighbours());
  encode_list(from.settings, to->mutable_settings(), encode_setting);
}

Result<model::Network> decode_network(const wire::Network& from) {
  STASIS_ASSIGN(auto links, decode_list(from.links(), "network link", decode_link));
  STASIS_ASSIGN(auto settings, decode_list(from.settings(), "network setting", decode_setting));
  return model::Network{.links = std::move(links),
                        .addresses = decode_bodies(from.addresses()),
                        .routes = decode_bodies(from.routes()),
                        .rules = decode_bodies(from.rules()),
                        .neighbours = decode_bodies(from.neighbours()),
                        .settings = std::move(settings)};
}

}  // namespace stasis::image
