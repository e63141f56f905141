// Collects one thread.
#pragma once

#include "checkpoint/tasks.h"

namespace stasis::checkpoint {

Result<std::vector<model::SignalInfo>> collect_pending(HostPid tid, sys::ptrace::SignalQueue queue);
// `courier` is entered in the thread and has pages.
Result<model::Thread> collect_thread(const SeizedProcess& process, const SeizedThread& thread,
                                     courier::Courier& courier, model::Container& container);

}  // namespace stasis::checkpoint
