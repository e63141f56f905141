#include "workloads/helper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "workloads/workload.h"

namespace stasis::workload {

Helper::Helper(const Answer& answer) {
  std::array<int, 2> questions{};
  std::array<int, 2> answers{};
  must(pipe2(questions.data(), O_CLOEXEC), "pipe2");
  must(pipe2(answers.data(), O_CLOEXEC), "pipe2");
  pid_ = static_cast<pid_t>(must(fork(), "fork"));
  if (pid_ == 0) {
    // A helper that is stopped would not see the end of the pipe.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(questions[1]);
    close(answers[0]);
    serve(questions[0], answers[1], answer);
    _exit(0);
  }
  close(questions[0]);
  close(answers[1]);
  to_ = questions[1];
  from_ = answers[0];
}

void Helper::serve(int in, int out, const Answer& answer) {
  char question = 0;
  while (true) {
    const ssize_t count = read(in, &question, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count != 1) return;
    const std::int64_t reply = answer(question);
    must(write(out, &reply, sizeof reply), "write an answer");
  }
}

std::int64_t Helper::ask(char question) const {
  must(write(to_, &question, 1), "ask a helper");
  std::int64_t reply = -1;
  ssize_t count = 0;
  while ((count = read(from_, &reply, sizeof reply)) < 0 && errno == EINTR) {
  }
  if (count != sizeof reply) differs("a helper process did not answer");
  return reply;
}

}  // namespace stasis::workload
