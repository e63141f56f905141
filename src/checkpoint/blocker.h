// Something that cannot be checkpointed. Collectors add to a list and go on, so that a user hears
// of everything at once, before anything was changed.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"

namespace stasis::checkpoint {

struct Blocker {
  NsPid pid;  // 0: of the container as a whole
  std::string comm;
  std::string where;   // "fd 7", "memory 7f12a000-7f12b000", "" for the process itself
  std::string what;    // what was found: "a packet socket"
  std::string advice;  // what the user can do: "close it before the checkpoint"
  bool operator==(const Blocker&) const = default;
};

// "pid 12 (redis-server): fd 7: a packet socket; close it before the checkpoint"
std::string to_string(const Blocker& blocker);
// All of them, one a line, below a sentence that says how many.
std::string describe(const std::vector<Blocker>& blockers);

}  // namespace stasis::checkpoint
