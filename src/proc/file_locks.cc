#include "proc/file_locks.h"

#include "proc/fields.h"

namespace stasis::proc {
namespace {

void set_kind(Fields& fields, std::string_view word, FileLock& lock) {
  if (word == "POSIX") {
    lock.kind = LockClass::kPosix;
  } else if (word == "OFDLCK") {
    lock.kind = LockClass::kOfd;
  } else if (word == "FLOCK") {
    lock.kind = LockClass::kFlock;
  } else if (word == "LEASE") {
    lock.kind = LockClass::kLease;
  } else if (word == "DELEG") {
    lock.kind = LockClass::kDelegation;
  } else {
    fields.wrong("kind", "POSIX, OFDLCK, FLOCK, LEASE or DELEG", word);
  }
}

void set_state(Fields& fields, std::string_view word, FileLock& lock) {
  lock.breaking = word == "BREAKING" || word == "BREAKER";
  if (!lock.breaking && word != "ADVISORY" && word != "ACTIVE") {
    fields.wrong("state", "ADVISORY, ACTIVE, BREAKING or BREAKER", word);
  }
}

void set_mode(Fields& fields, std::string_view word, FileLock& lock) {
  if (word == "READ") {
    lock.mode = LockMode::kRead;
  } else if (word == "WRITE") {
    lock.mode = LockMode::kWrite;
  } else if (word == "UNLCK") {
    lock.mode = LockMode::kUnlock;
  } else {
    fields.wrong("mode", "READ, WRITE or UNLCK", word);
  }
}

// "fe:00:12345": device in hexadecimal, inode in decimal.
void set_file(Fields& fields, std::string_view word, FileLock& lock) {
  const auto parts = split(word, ':');
  if (parts.size() != 3) {
    fields.wrong("file", "MAJOR:MINOR:INODE", word);
    return;
  }
  fields.number_of("file", parts[0], lock.dev_major, 16)
      .number_of("file", parts[1], lock.dev_minor, 16)
      .number_of("file", parts[2], lock.inode);
}

}  // namespace

Result<FileLock> parse_lock_line(std::string_view file, std::size_t line, std::string_view text) {
  FileLock lock;
  Fields fields(file, line, text);
  std::string_view number;
  std::string_view kind;
  fields.word("number", number).word("kind", kind);
  if (!number.ends_with(':')) {
    fields.wrong("number", "a number and ':'", number);
  } else {
    fields.number_of("number", number.substr(0, number.size() - 1), lock.number);
  }
  if (kind == "->") {
    lock.waiting = true;
    fields.word("kind", kind);
  }
  std::string_view state;
  std::string_view mode;
  std::string_view object;
  std::string_view end;
  fields.word("state", state)
      .word("mode", mode)
      .number("pid", lock.pid.value)
      .word("file", object)
      .number("start", lock.start)
      .word("end", end)
      .end();
  STASIS_TRY(fields.done());
  set_kind(fields, kind, lock);
  set_state(fields, state, lock);
  set_mode(fields, mode, lock);
  set_file(fields, object, lock);
  if (end != "EOF") fields.number_of("end", end, lock.end);
  STASIS_TRY(fields.done());
  return lock;
}

Result<std::vector<FileLock>> parse_locks(std::string_view text) {
  std::vector<FileLock> locks;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    STASIS_ASSIGN(locks.emplace_back(), parse_lock_line("locks", ++number, line));
  }
  return locks;
}

Result<std::vector<FileLock>> read_locks(const ProcDir& proc) {
  STASIS_ASSIGN(const auto text, proc.read("locks"));
  return parse_locks(text).context(proc.name());
}

}  // namespace stasis::proc
