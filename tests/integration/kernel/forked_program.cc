#include "integration/kernel/forked_program.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

namespace stasis::test {
namespace {

bool is_readable(int fd) {
  pollfd ready{.fd = fd, .events = POLLIN};
  return ::poll(&ready, 1, 0) == 1;
}

[[noreturn]] void serve(const ForkedProgram::Body& body, int questions, int answers) {
  body.set_up();
  for (char question = 'r';;) {
    const int answer = question == 'r' ? 0 : body.answer(question);
    if (::write(answers, &answer, sizeof(answer)) != sizeof(answer)) ::_exit(1);
    while (body.busy && !is_readable(questions)) body.busy();
    if (::read(questions, &question, 1) != 1) ::_exit(0);
  }
}

int read_answer(int fd) {
  constexpr int kPatienceMs = 20'000;
  int answer = -1;
  pollfd ready{.fd = fd, .events = POLLIN};
  if (::poll(&ready, 1, kPatienceMs) != 1) return -1;
  return ::read(fd, &answer, sizeof(answer)) == sizeof(answer) ? answer : -1;
}

}  // namespace

ForkedProgram::ForkedProgram(Body body)
    : questions_(sys::make_pipe().value()), answers_(sys::make_pipe().value()) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(body, questions_.read_end.get(), answers_.write_end.get());
  }
  pid_ = HostPid{pid};
  if (read_answer(answers_.read_end.get()) != 0) pid_ = HostPid{};
}

ForkedProgram::~ForkedProgram() { kill(); }

void ForkedProgram::kill() {
  if (pid_.value <= 0) return;
  ::kill(pid_.value, SIGKILL);
  ::waitpid(pid_.value, nullptr, __WALL);
  pid_ = HostPid{};
}

int ForkedProgram::ask(char question) {
  if (::write(questions_.write_end.get(), &question, 1) != 1) return -1;
  return read_answer(answers_.read_end.get());
}

}  // namespace stasis::test
