#include "checkpoint/blocker.h"

#include <fmt/format.h>

namespace stasis::checkpoint {

std::string to_string(const Blocker& blocker) {
  std::string text = blocker.pid.value == 0
                         ? std::string("container")
                         : fmt::format("pid {} ({})", blocker.pid.value, blocker.comm);
  if (!blocker.where.empty()) text += ": " + blocker.where;
  text += ": " + blocker.what;
  if (!blocker.advice.empty()) text += "; " + blocker.advice;
  return text;
}

std::string describe(const std::vector<Blocker>& blockers) {
  std::string text =
      fmt::format("{} thing{} cannot be checkpointed (nothing was changed):", blockers.size(),
                  blockers.size() == 1 ? "" : "s");
  for (const Blocker& blocker : blockers) text += "\n  " + to_string(blocker);
  return text;
}

}  // namespace stasis::checkpoint
