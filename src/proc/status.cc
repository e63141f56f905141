#include "proc/status.h"

#include <algorithm>
#include <array>

#include "proc/escape.h"
#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "status";

// Lines that every kernel prints for every task, zombies and kernel threads too.
constexpr std::array<std::string_view, 21> kRequired = {
    "Name",   "State",  "Tgid",   "Pid",    "PPid",   "TracerPid", "Uid",
    "Gid",    "Groups", "SigPnd", "ShdPnd", "SigBlk", "SigIgn",    "SigCgt",
    "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "Threads",   "NoNewPrivs"};

std::uint64_t* mask_named(std::string_view key, TaskStatus& status) {
  if (key == "SigPnd") return &status.signals_pending;
  if (key == "ShdPnd") return &status.shared_signals_pending;
  if (key == "SigBlk") return &status.signals_blocked;
  if (key == "SigIgn") return &status.signals_ignored;
  if (key == "SigCgt") return &status.signals_caught;
  if (key == "CapInh") return &status.cap_inheritable;
  if (key == "CapPrm") return &status.cap_permitted;
  if (key == "CapEff") return &status.cap_effective;
  if (key == "CapBnd") return &status.cap_bounding;
  if (key == "CapAmb") return &status.cap_ambient;
  return nullptr;
}

HostPid* pid_named(std::string_view key, TaskStatus& status) {
  if (key == "Tgid") return &status.tgid;
  if (key == "Pid") return &status.pid;
  if (key == "PPid") return &status.ppid;
  if (key == "TracerPid") return &status.tracer_pid;
  return nullptr;
}

std::vector<NsPid>* ns_pids_named(std::string_view key, TaskStatus& status) {
  if (key == "NStgid") return &status.ns_tgid;
  if (key == "NSpid") return &status.ns_pid;
  if (key == "NSpgid") return &status.ns_pgid;
  if (key == "NSsid") return &status.ns_sid;
  return nullptr;
}

std::optional<bool>* optional_flag_named(std::string_view key, TaskStatus& status) {
  if (key == "CoreDumping") return &status.core_dumping;
  if (key == "THP_enabled") return &status.thp_enabled;
  return nullptr;
}

void parse_flag(Fields& fields, const KeyValue& line, bool& into) {
  std::string_view text;
  fields.word(line.key, text);
  if (fields.ok() && text != "0" && text != "1") fields.wrong(line.key, "0 or 1", text);
  into = text == "1";
}

void parse_ids(Fields& fields, std::string_view key, IdSet& ids) {
  fields.number(key, ids.real)
      .number(key, ids.effective)
      .number(key, ids.saved)
      .number(key, ids.filesystem);
}

// Lines without a simple numeric value. False: not one of them.
bool parse_special(Fields& fields, const KeyValue& line, TaskStatus& status) {
  if (line.key == "State") {
    std::string_view letter;
    std::string_view explanation;
    const auto state = find_task_state(fields.word(line.key, letter).ok() ? letter : "");
    if (!state) fields.wrong(line.key, "a state letter", letter);
    status.state = state.value_or(TaskState::kRunning);
    fields.rest(explanation);
  } else if (line.key == "Uid") {
    parse_ids(fields, line.key, status.uid);
  } else if (line.key == "Gid") {
    parse_ids(fields, line.key, status.gid);
  } else if (line.key == "Groups") {
    fields.numbers(line.key, status.groups);
  } else if (line.key == "Umask") {
    std::uint32_t umask = 0;
    fields.number(line.key, umask, 8);
    status.umask = umask;
  } else if (line.key == "Seccomp_filters") {
    std::uint32_t filters = 0;
    fields.number(line.key, filters);
    status.seccomp_filters = filters;
  } else {
    return false;
  }
  return true;
}

// Takes one line other than Name. False: a line that is not wanted.
bool parse_line(Fields& fields, const KeyValue& line, TaskStatus& status) {
  if (parse_special(fields, line, status)) return true;
  if (auto* mask = mask_named(line.key, status)) {
    fields.number(line.key, *mask, 16);
  } else if (auto* pid = pid_named(line.key, status)) {
    fields.number(line.key, pid->value);
  } else if (auto* pids = ns_pids_named(line.key, status)) {
    std::vector<pid_t> values;
    fields.numbers(line.key, values);
    for (const pid_t value : values) pids->push_back(NsPid{value});
  } else if (auto* flag = optional_flag_named(line.key, status)) {
    parse_flag(fields, line, flag->emplace());
  } else if (line.key == "NoNewPrivs") {
    parse_flag(fields, line, status.no_new_privs);
  } else if (line.key == "Threads") {
    fields.number(line.key, status.threads);
  } else if (line.key == "Seccomp") {
    fields.number(line.key, status.seccomp);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<TaskState> find_task_state(std::string_view text) {
  constexpr std::string_view kLetters = "RSDTtXZPI";
  if (text.size() != 1 || kLetters.find(text[0]) == std::string_view::npos) return std::nullopt;
  return static_cast<TaskState>(text[0]);
}

Result<TaskStatus> parse_status(std::string_view text) {
  TaskStatus status;
  std::vector<std::string_view> seen;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    const auto entry = split_key(line);
    if (!entry) return unexpected(kFile, number, "line", "'Key: value'", line);
    if (std::find(seen.begin(), seen.end(), entry->key) != seen.end()) {
      return unexpected(kFile, number, "line", "each key once", entry->key);
    }
    if (entry->key == "Name") {
      // A comm may begin or end with blanks: exactly one tab stands between.
      const auto name = line.substr(std::string_view("Name:").size());
      status.name = decode_name(name.starts_with('\t') ? name.substr(1) : name);
    } else {
      Fields fields(kFile, number, entry->value);
      if (parse_line(fields, *entry, status)) fields.end();
      STASIS_TRY(fields.done());
    }
    seen.push_back(entry->key);
  }
  for (const auto key : kRequired) {
    if (std::find(seen.begin(), seen.end(), key) == seen.end()) return missing_line(kFile, key);
  }
  return status;
}

Result<TaskStatus> read_status(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("status"));
  return parse_status(text).context(dir.name());
}

}  // namespace stasis::proc
