// Names of unix sockets: struct sockaddr_un, and nodes in the container's filesystem. To be called
// in the container (container_thread.h): names are used exactly as the program wrote them.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/socket.h"

namespace stasis::restore {

model::Bytes address_of(const model::UnixSocket& named);

// Binds, after a stale node of the same name was unlinked, and gives the node its mode and owner.
// kConflict: there is something at this path that is no socket.
Result<void> bind_name(int fd, const model::UnixSocket& named);
Result<void> unlink_name(const model::UnixSocket& named);
Result<void> connect_by_name(int fd, const model::UnixSocket& target);

// The same for a process whose working directory and root are others: it goes to the directory, and
// connects to the address.
struct Reach {
  UniqueFd directory;
  model::Bytes address;
};
Result<Reach> find_reach(const model::UnixSocket& target);

// "'/run/x.sock'", "'@abstract'"
std::string shown(const model::UnixSocket& named);

}  // namespace stasis::restore
