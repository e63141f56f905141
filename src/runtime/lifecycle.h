// What is done to an existing container from outside: signals, deletion, pausing, waiting.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

// "KILL", "SIGKILL", "9".
Result<int> parse_signal(std::string_view text);

enum class KillScope { kInit, kAll };
// kConflict: the container is not running (with kAll that is fine: nothing is left to signal).
Result<void> kill_container(const StateStore& store, const std::string& id, int signal,
                            KillScope scope);

enum class Force { kNo, kYes };
// Without force, a container must be stopped or created. With force, an unknown id is fine.
Result<void> delete_container(const StateStore& store, const std::string& id, Force force);

Result<void> pause_container(const StateStore& store, const std::string& id);
Result<void> resume_container(const StateStore& store, const std::string& id);

// Blocks until pid 1 has ended; its status as a shell would call it. Needs Linux 6.15 (the exit
// status of a process that is not one's own child). kConflict: it is stopped already.
Result<int> wait_container(const StateStore& store, const std::string& id);

}  // namespace stasis::runtime
