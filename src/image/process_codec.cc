#include "image/process_codec.h"

#include <utility>

#include "image/codec.h"
#include "image/memory_codec.h"
#include "image/thread_codec.h"

namespace stasis::image {
namespace {

using Actions = decltype(model::Process::signal_actions);
using IntervalTimers = decltype(model::Process::interval_timers);

// Only those that differ from SIG_DFL.
void encode_actions(const Actions& from, wire::Process* to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == model::SignalAction{}) continue;
    wire::SignalAction* action = to->add_signal_actions();
    action->set_signal(static_cast<std::uint32_t>(i) + 1);
    action->set_handler(from[i].handler);
    action->set_flags(from[i].flags);
    action->set_restorer(from[i].restorer);
    action->set_mask(from[i].mask);
  }
}

Result<Actions> decode_actions(const wire::Process& from) {
  Actions actions{};
  std::uint32_t last = 0;
  for (const wire::SignalAction& action : from.signal_actions()) {
    if (action.signal() <= last || action.signal() > actions.size()) {
      return fail(ErrorKind::kCorruptImage, "signal actions: signal {} after {}", action.signal(),
                  last);
    }
    last = action.signal();
    actions[last - 1] = {.handler = action.handler(),
                         .flags = action.flags(),
                         .restorer = action.restorer(),
                         .mask = action.mask()};
  }
  return actions;
}

void encode_interval_timers(const IntervalTimers& from, wire::Process* to) {
  if (from == IntervalTimers{}) return;
  for (const model::IntervalTimer& timer : from) {
    wire::IntervalTimer* added = to->add_interval_timers();
    added->set_interval_us(timer.interval_us);
    added->set_value_us(timer.value_us);
  }
}

Result<IntervalTimers> decode_interval_timers(const wire::Process& from) {
  IntervalTimers timers{};
  if (from.interval_timers_size() == 0) return timers;
  if (from.interval_timers_size() != static_cast<int>(timers.size())) {
    return fail(ErrorKind::kCorruptImage, "interval timers: {} instead of {}",
                from.interval_timers_size(), timers.size());
  }
  for (std::size_t i = 0; i < timers.size(); ++i) {
    const wire::IntervalTimer& timer = from.interval_timers(static_cast<int>(i));
    timers[i] = {.interval_us = timer.interval_us(), .value_us = timer.value_us()};
  }
  return timers;
}

void encode_posix_timer(const model::PosixTimer& from, wire::PosixTimer* to) {
  to->set_id(from.id);
  to->set_clock(from.clock);
  to->set_notify(from.notify);
  to->set_signal(from.signal);
  to->set_signal_value(from.signal_value);
  to->set_notify_tid(from.notify_tid.value);
  to->set_overrun(from.overrun);
  to->set_interval_ns(from.interval_ns);
  to->set_value_ns(from.value_ns);
}

Result<model::PosixTimer> decode_posix_timer(const wire::PosixTimer& from) {
  return model::PosixTimer{.id = from.id(),
                           .clock = from.clock(),
                           .notify = from.notify(),
                           .signal = from.signal(),
                           .signal_value = from.signal_value(),
                           .notify_tid = NsPid{from.notify_tid()},
                           .overrun = from.overrun(),
                           .interval_ns = from.interval_ns(),
                           .value_ns = from.value_ns()};
}

void encode_rlimit(const model::Rlimit& from, wire::Rlimit* to) {
  to->set_soft(from.soft);
  to->set_hard(from.hard);
}

Result<model::Rlimit> decode_rlimit(const wire::Rlimit& from) {
  return model::Rlimit{.soft = from.soft(), .hard = from.hard()};
}

void encode_fd(const model::FdEntry& from, wire::FdEntry* to) {
  to->set_fd(from.fd);
  to->set_open_file(from.open_file);
  to->set_close_on_exec(from.close_on_exec);
}

Result<model::FdEntry> decode_fd(const wire::FdEntry& from) {
  return model::FdEntry{
      .fd = from.fd(), .open_file = from.open_file(), .close_on_exec = from.close_on_exec()};
}

model::ControllingTerminal decode_terminal(const wire::ControllingTerminal& from) {
  return {.tty = from.tty(), .foreground_group = NsPid{from.foreground_group()}};
}

}  // namespace

void encode_process(const model::Process& from, wire::Process* to) {
  to->set_pid(from.pid.value);
  to->set_ppid(from.ppid.value);
  to->set_pgid(from.pgid.value);
  to->set_sid(from.sid.value);
  if (from.exit_status) to->set_exit_status(*from.exit_status);
  if (from.stop_signal) to->set_stop_signal(*from.stop_signal);
  to->set_exit_signal(from.exit_signal);
  encode_list(from.threads, to->mutable_threads(), encode_thread);
  encode_address_space(from.memory, to->mutable_memory());
  encode_list(from.fds, to->mutable_fds(), encode_fd);
  encode_actions(from.signal_actions, to);
  encode_pending(from.pending, to->mutable_pending());
  encode_interval_timers(from.interval_timers, to);
  encode_list(from.posix_timers, to->mutable_posix_timers(), encode_posix_timer);
  encode_list(from.rlimits, to->mutable_rlimits(), encode_rlimit);
  to->set_umask(from.umask);
  to->set_cwd(from.cwd);
  to->set_root(from.root);
  to->set_oom_score_adj(from.oom_score_adj);
  to->set_child_subreaper(from.child_subreaper);
  if (from.terminal) {
    to->mutable_terminal()->set_tty(from.terminal->tty);
    to->mutable_terminal()->set_foreground_group(from.terminal->foreground_group.value);
  }
  to->set_cgroup(from.cgroup);
}

Result<model::Process> decode_process(const wire::Process& from) {
  // Before the much larger model struct is made for two bytes of a hostile image.
  if (from.threads().empty()) return fail(ErrorKind::kCorruptImage, "no threads");
  STASIS_ASSIGN(auto threads, decode_list(from.threads(), "thread", decode_thread));
  STASIS_ASSIGN(auto memory, decode_address_space(from.memory()));
  STASIS_ASSIGN(auto fds, decode_list(from.fds(), "fd entry", decode_fd));
  STASIS_ASSIGN(const auto actions, decode_actions(from));
  STASIS_ASSIGN(auto pending, decode_pending(from.pending()));
  STASIS_ASSIGN(const auto interval_timers, decode_interval_timers(from));
  STASIS_ASSIGN(auto posix_timers,
                decode_list(from.posix_timers(), "POSIX timer", decode_posix_timer));
  STASIS_ASSIGN(auto rlimits, decode_list(from.rlimits(), "rlimit", decode_rlimit));
  return model::Process{
      .pid = NsPid{from.pid()},
      .ppid = NsPid{from.ppid()},
      .pgid = NsPid{from.pgid()},
      .sid = NsPid{from.sid()},
      .exit_status = optional_if(from.has_exit_status(), from.exit_status()),
      .stop_signal = optional_if(from.has_stop_signal(), from.stop_signal()),
      .exit_signal = from.exit_signal(),
      .threads = std::move(threads),
      .memory = std::move(memory),
      .fds = std::move(fds),
      .signal_actions = actions,
      .pending = std::move(pending),
      .interval_timers = interval_timers,
      .posix_timers = std::move(posix_timers),
      .rlimits = std::move(rlimits),
      .umask = from.umask(),
      .cwd = from.cwd(),
      .root = from.root(),
      .oom_score_adj = from.oom_score_adj(),
      .child_subreaper = from.child_subreaper(),
      .terminal = optional_if(from.has_terminal(), decode_terminal(from.terminal())),
      .cgroup = from.cgroup()};
}

}  // namespace stasis::image
