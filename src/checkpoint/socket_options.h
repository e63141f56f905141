// Which setsockopt(2) calls make a fresh socket like a given one.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "model/socket.h"

namespace stasis::checkpoint {

class SocketOptionReader {
 public:
  // Options of `fd` that differ from those of a fresh socket of the calling thread's network
  // namespace, in the order in which they are to be set.
  Result<std::vector<model::SocketOption>> read(int fd, const model::Socket& kind);

 private:
  using Options = std::vector<model::SocketOption>;
  std::map<std::tuple<int, int, int>, Options> defaults_;
};

}  // namespace stasis::checkpoint
