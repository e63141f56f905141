// Making the links of an image in the network namespace of the calling thread, and finding out
// which link there is which of the image.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/network.h"
#include "netlink/socket.h"

namespace stasis::restore {

struct RestoredLinks {
  std::map<std::uint32_t, std::uint32_t> numbers;  // the image's -> here
  std::map<std::uint32_t, std::string> names;      // the image's numbers
  // Numbers in the image of those whose state is restored. A link from outside is left as it is
  // when it has addresses already, and may not be there at all.
  std::set<std::uint32_t> own;
  bool is_own(std::uint32_t number) const { return own.contains(number); }
};

// `warnings`: links from outside that are not there.
Result<RestoredLinks> make_links(netlink::Socket& socket, const model::Network& network,
                                 std::vector<std::string>& warnings);
// Length of the queue, alias, MTU; ports of bridges.
Result<void> set_links(netlink::Socket& socket, const model::Network& network,
                       const RestoredLinks& links);
// Up or down, and the other flags: when the addresses are there.
Result<void> set_link_flags(netlink::Socket& socket, const model::Network& network,
                            const RestoredLinks& links);

}  // namespace stasis::restore
