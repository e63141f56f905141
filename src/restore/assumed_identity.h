// The kernel remembers who connected, listened, or made a pair of unix sockets (SO_PEERCRED). So
// these calls are made under the ids of whoever made them first. The pid cannot be had so: it takes
// an errand (errands.h).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/result.h"
#include "model/socket.h"

namespace stasis::restore {

// While it lives, the calling thread has other effective ids, and its capabilities still. Only in
// the thread of run_in_container().
class AssumedIdentity {
 public:
  // Without credentials: changes nothing.
  static Result<AssumedIdentity> assume(const std::optional<model::SocketCredentials>& who);
  AssumedIdentity(AssumedIdentity&& other) noexcept
      : before_(std::exchange(other.before_, std::nullopt)) {}
  AssumedIdentity& operator=(AssumedIdentity&&) = delete;
  ~AssumedIdentity();

 private:
  struct Ids {
    std::uint32_t uid = 0, gid = 0;
  };
  explicit AssumedIdentity(std::optional<Ids> before) : before_(before) {}

  std::optional<Ids> before_;
};

}  // namespace stasis::restore
