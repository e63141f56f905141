// The files of /proc/PID that hold a single number.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

// One number and a newline; `file` stands in the message.
Result<std::uint64_t> parse_setting(std::string_view file, std::string_view text, int base);
Result<std::int32_t> parse_signed_setting(std::string_view file, std::string_view text);

// personality(2) of the thread.
Result<std::uint32_t> read_personality(const ProcDir& dir);
// -1000 to 1000.
Result<std::int32_t> read_oom_score_adj(const ProcDir& dir);
// core(5): which kinds of areas a core dump holds. kNotFound without CONFIG_ELF_CORE; the file is
// empty for a task without memory, which is an error here.
Result<std::uint32_t> read_coredump_filter(const ProcDir& dir);

}  // namespace stasis::proc
