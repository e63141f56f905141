#include "proc/syscall_state.h"

#include "proc/fields.h"

namespace stasis::proc {
namespace {

void parse_hex(Fields& fields, std::string_view name, std::uint64_t& into) {
  std::string_view text;
  fields.word(name, text);
  if (!fields.ok()) return;
  if (!text.starts_with("0x")) {
    fields.wrong(name, "'0x' and a hexadecimal number", text);
    return;
  }
  fields.number_of(name, text.substr(2), into, 16);
}

}  // namespace

Result<SyscallState> parse_syscall(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  SyscallState state;
  if (text == "running") {
    state.running = true;
    return state;
  }
  Fields fields("syscall", 1, text);
  std::int64_t number = 0;
  fields.number("number", number);
  if (number != -1) {
    state.number = number;
    for (auto& argument : state.arguments) parse_hex(fields, "argument", argument);
  }
  parse_hex(fields, "stack pointer", state.stack_pointer.value);
  parse_hex(fields, "instruction pointer", state.instruction_pointer.value);
  STASIS_TRY(fields.end().done());
  return state;
}

Result<SyscallState> read_syscall(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("syscall"));
  return parse_syscall(text).context(dir.name());
}

}  // namespace stasis::proc
