// Restartable sequences, rseq(2): what the kernel does to a task that is preempted in one.
#pragma once

#include "base/result.h"
#include "sys/ptrace.h"
#include "trace/registers.h"
#include "trace/remote_memory.h"

namespace stasis::trace {

// `registers` as they are, or continuing at the abort handler when they stand inside the critical
// section that the area names: what the kernel makes of it when the task next returns to user
// space (kernel/rseq.c). It has to be done by hand because system calls that the courier runs in
// the task make the kernel forget the section.
Result<Registers> leave_critical_section(const Registers& registers,
                                         const sys::ptrace::RseqConfiguration& rseq,
                                         const RemoteMemory& memory);

}  // namespace stasis::trace
