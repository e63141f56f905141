// A workload holds one kind of state and checks it: set_up() makes the state, then the program
// prints "ready"; for every byte on standard input verify() looks at the state again and the
// program prints "ok", or one line "differs: ..." for everything that is not as it was. The end of
// standard input ends the program.
//
// verify() can run any number of times, so it leaves the state as it found it. Whether a checkpoint
// happened in between it cannot know and need not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stasis::workload {

class Workload {
 public:
  virtual ~Workload() = default;
  virtual void set_up() = 0;
  virtual void verify() = 0;
};

// Notes a difference, for the line that verify() ends with.
void differs(std::string_view text);
void expect(bool condition, std::string_view what);
void expect_equal(std::string_view what, std::int64_t expected, std::int64_t actual);
void expect_equal(std::string_view what, std::string_view expected, std::string_view actual);

// For set_up: ends the program with "cannot WHAT: errno" when `result` is -1.
std::int64_t must(std::int64_t result, std::string_view what);
int must_fd(std::int64_t result, std::string_view what);
[[noreturn]] void fail(std::string_view what);

std::string read_text(const std::string& path);
// The value after "KEY:" in /proc/PATH/status, without white space around it.
std::string status_field(const std::string& path, std::string_view key);

struct Registration {
  using Make = Workload* (*)();
  Registration(const char* name, Make make);
  const char* name;
  Make make;
  Registration* next;
};

}  // namespace stasis::workload

#define STASIS_WORKLOAD(type, name)                            \
  static ::stasis::workload::Registration registration_##type( \
      name, [] { return static_cast<::stasis::workload::Workload*>(new type); })
