// What a container's own network namespace holds beside sockets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/data.h"

namespace stasis::model {

struct NetworkLink {
  std::uint32_t index = 0;  // its number, > 0
  std::string name, alias;
  std::string kind;         // "veth", "bridge" ...; "": lo, and devices of a driver
  bool external = false;    // it came from outside, or its other end is there
  std::uint32_t flags = 0;  // IFF_
  std::uint32_t mtu = 0;
  std::uint32_t queue_length = 0;
  std::uint32_t group = 0;
  std::uint32_t parent = 0;    // number of the link below, of a veth the other end; 0: none
  std::uint32_t master = 0;    // number of the bridge that it is a port of; 0: none
  Bytes address;               // of the hardware
  Bytes kind_data, port_data;  // rtnetlink attributes of IFLA_INFO_DATA, IFLA_INFO_SLAVE_DATA
  bool operator==(const NetworkLink&) const = default;
};

struct NetworkSetting {
  std::string name;  // below /proc/sys/net: "ipv4/ip_forward"
  std::string value;
  bool operator==(const NetworkSetting&) const = default;
};

struct Network {
  std::vector<NetworkLink> links;  // a link below before those on it
  // Bodies of rtnetlink(7) messages; links by their number.
  std::vector<Bytes> addresses, routes, rules, neighbours;
  std::vector<NetworkSetting> settings;  // those that a new namespace has otherwise
  bool operator==(const Network&) const = default;
};

// Who made the network namespace of a container, and makes it again for a restore.
enum class NetworkOwner {
  kContainer,  // the runtime, as config.json asks: what is in it is the container's
  kOther,      // it is joined, and left as it is
};

}  // namespace stasis::model
