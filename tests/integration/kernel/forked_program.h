// A forked copy of the test program that holds state and answers questions over pipes. A process
// that is rebuilt from its checkpoint inherits the same pipes from the test, and answers again.
#pragma once

#include <functional>
#include <vector>

#include "base/ids.h"
#include "base/unique_fd.h"
#include "sys/file.h"

namespace stasis::test {

class ForkedProgram {
 public:
  // `set_up` runs first, then `answer` for each question: 0 tells that all is well. `busy` runs in
  // between, again and again; without it the child sleeps.
  struct Body {
    std::function<void()> set_up;
    std::function<int(char question)> answer;
    std::function<void()> busy = {};
  };
  explicit ForkedProgram(Body body);
  ~ForkedProgram();  // kills and reaps

  HostPid pid() const { return pid_; }
  // The descriptors that it needs to answer.
  std::vector<int> fds() const { return {questions_.read_end.get(), answers_.write_end.get()}; }
  // Ends it, keeps the pipes.
  void kill();
  // Whoever holds the child's ends answers. -1: nobody is left.
  int ask(char question);

 private:
  HostPid pid_;
  sys::PipeFds questions_;
  sys::PipeFds answers_;
};

}  // namespace stasis::test
