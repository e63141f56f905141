#include "checkpoint/semaphore_undo.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "sys/process.h"

namespace stasis::checkpoint {
namespace {

constexpr std::int32_t kMaxValue = 32767;  // SEMVMX, and the largest adjustment
constexpr std::uint32_t kMaxSum = 65536;   // from the smallest adjustment

// A binary search for the smallest sum that is out of range.
struct Search {
  std::uint32_t set = 0, number = 0;
  std::uint32_t low = 1, high = kMaxSum;
  std::uint32_t middle() const { return low + (high - low) / 2; }
};

Result<bool> same_list(HostPid one, HostPid other) {
  STASIS_ASSIGN(const int order, sys::kcmp(one, other, sys::KcmpType::kSysvSem));
  return order == 0;
}

// One question for each search; false when the kernel does not let the process ask.
Result<bool> ask_once(courier::Courier& courier, const std::vector<model::SemaphoreSet>& sets,
                      std::span<Search> searches) {
  courier::SyscallBatch batch;
  std::vector<courier::SyscallBatch::Call> calls;
  for (const Search& search : searches) {
    const auto& set = sets[search.set];
    const auto question = make_undo_question(static_cast<std::uint16_t>(search.number),
                                             set.values[search.number], search.middle());
    const auto room = batch.bytes(std::as_bytes(std::span(question)));
    calls.push_back(batch.add(SYS_semop, set.permissions.id, room, question.size()));
  }
  STASIS_TRY(courier.run(batch).context("asking for SEM_UNDO adjustments"));
  for (std::size_t i = 0; i < searches.size(); ++i) {
    Search& search = searches[i];
    const std::int64_t answer = batch.result(calls[i]);
    if (answer == -ERANGE) {
      search.high = search.middle();
    } else if (answer == -EAGAIN) {
      search.low = search.middle() + 1;
    } else if (answer == -EACCES) {
      return false;
    } else {
      return fail(ErrorKind::kKernel, "semop on set {} for a question: {}",
                  sets[search.set].permissions.id, answer);
    }
  }
  return true;
}

}  // namespace

Result<UndoOwner> find_undo_owner(const std::vector<HostPid>& threads) {
  const HostPid self{::getpid()};
  STASIS_ASSIGN(const bool leader_has_none, same_list(self, threads.front()));
  for (const HostPid thread : std::span(threads).subspan(1)) {
    STASIS_ASSIGN(const bool as_leader, same_list(threads.front(), thread));
    STASIS_ASSIGN(const bool has_none, same_list(self, thread));
    if (!as_leader && !has_none) return UndoOwner::kSingleThread;
  }
  return leader_has_none ? UndoOwner::kNobody : UndoOwner::kProcess;
}

std::vector<sembuf> make_undo_question(std::uint16_t number, std::uint16_t value,
                                       std::uint32_t sum) {
  std::vector<sembuf> operations;
  std::int32_t now = value;
  const auto add = [&](std::int32_t change, int flags) {
    operations.push_back(
        {number, static_cast<short>(change), static_cast<short>(flags | IPC_NOWAIT)});
    now += change;
  };
  while (sum > 0) {
    const auto part = static_cast<std::int32_t>(std::min<std::uint32_t>(sum, kMaxValue));
    if (now < part) add(part - now, 0);
    add(-part, SEM_UNDO);
    sum -= static_cast<std::uint32_t>(part);
  }
  add(1, 0);
  add(0, 0);
  return operations;
}

Result<FoundUndo> ask_undo(courier::Courier& courier, NsPid process,
                           const std::vector<model::SemaphoreSet>& sets) {
  std::vector<Search> searches;
  for (std::uint32_t set = 0; set < sets.size(); ++set) {
    for (std::uint32_t i = 0; i < sets[set].values.size(); ++i) searches.push_back({set, i});
  }
  FoundUndo found;
  while (std::ranges::any_of(searches, [](const Search& one) { return one.low < one.high; })) {
    STASIS_ASSIGN(found.all_seen, ask_once(courier, sets, searches));
    if (!found.all_seen) return found;
  }
  for (const Search& search : searches) {
    const std::int32_t adjustment = kMaxValue + 1 - static_cast<std::int32_t>(search.low);
    if (adjustment == 0) continue;
    found.adjustments.push_back({process, search.set, search.number, adjustment});
  }
  return found;
}

}  // namespace stasis::checkpoint
