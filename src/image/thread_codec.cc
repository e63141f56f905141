#include "image/thread_codec.h"

#include <algorithm>
#include <utility>

#include "image/codec.h"

namespace stasis::image {
namespace {

void encode_credentials(const model::Credentials& from, wire::Credentials* to) {
  to->set_ruid(from.ruid);
  to->set_euid(from.euid);
  to->set_suid(from.suid);
  to->set_fsuid(from.fsuid);
  to->set_rgid(from.rgid);
  to->set_egid(from.egid);
  to->set_sgid(from.sgid);
  to->set_fsgid(from.fsgid);
  encode_numbers(from.groups, to->mutable_groups());
  to->set_cap_inheritable(from.cap_inheritable);
  to->set_cap_permitted(from.cap_permitted);
  to->set_cap_effective(from.cap_effective);
  to->set_cap_bounding(from.cap_bounding);
  to->set_cap_ambient(from.cap_ambient);
  to->set_securebits(from.securebits);
  to->set_no_new_privs(from.no_new_privs);
}

model::Credentials decode_credentials(const wire::Credentials& from) {
  return {.ruid = from.ruid(),
          .euid = from.euid(),
          .suid = from.suid(),
          .fsuid = from.fsuid(),
          .rgid = from.rgid(),
          .egid = from.egid(),
          .sgid = from.sgid(),
          .fsgid = from.fsgid(),
          .groups = decode_numbers(from.groups()),
          .cap_inheritable = from.cap_inheritable(),
          .cap_permitted = from.cap_permitted(),
          .cap_effective = from.cap_effective(),
          .cap_bounding = from.cap_bounding(),
          .cap_ambient = from.cap_ambient(),
          .securebits = from.securebits(),
          .no_new_privs = from.no_new_privs()};
}

void encode_scheduling(const model::Scheduling& from, wire::Scheduling* to) {
  to->set_policy(from.policy);
  to->set_flags(from.flags);
  to->set_nice(from.nice);
  to->set_rt_priority(from.rt_priority);
  to->set_runtime_ns(from.runtime_ns);
  to->set_deadline_ns(from.deadline_ns);
  to->set_period_ns(from.period_ns);
  encode_numbers(from.affinity, to->mutable_affinity());
  to->set_timer_slack_ns(from.timer_slack_ns);
  to->set_io_priority(from.io_priority);
}

model::Scheduling decode_scheduling(const wire::Scheduling& from) {
  return {.policy = from.policy(),
          .flags = from.flags(),
          .nice = from.nice(),
          .rt_priority = from.rt_priority(),
          .runtime_ns = from.runtime_ns(),
          .deadline_ns = from.deadline_ns(),
          .period_ns = from.period_ns(),
          .affinity = decode_numbers(from.affinity()),
          .timer_slack_ns = from.timer_slack_ns(),
          .io_priority = from.io_priority()};
}

void encode_seccomp(const model::Seccomp& from, wire::Seccomp* to) {
  to->set_mode(static_cast<wire::SeccompMode>(from.mode));
  encode_numbers(from.filters, to->mutable_filters());
}

Result<model::Seccomp> decode_seccomp(const wire::Seccomp& from) {
  STASIS_ASSIGN(const auto mode, decode_enum(from.mode(), "seccomp mode", model::SeccompMode::kNone,
                                             model::SeccompMode::kFilter));
  return model::Seccomp{.mode = mode, .filters = decode_numbers(from.filters())};
}

void encode_rseq(const model::Rseq& from, wire::Rseq* to) {
  to->set_address(from.address);
  to->set_size(from.size);
  to->set_signature(from.signature);
  to->set_flags(from.flags);
}

model::Rseq decode_rseq(const wire::Rseq& from) {
  return {.address = from.address(),
          .size = from.size(),
          .signature = from.signature(),
          .flags = from.flags()};
}

void encode_stack(const model::AlternateStack& from, wire::AlternateStack* to) {
  to->set_sp(from.sp);
  to->set_flags(from.flags);
  to->set_size(from.size);
}

Result<model::GeneralRegisters> decode_registers(const wire::Thread& from) {
  model::GeneralRegisters registers{};
  if (from.registers_size() != static_cast<int>(registers.size())) {
    return fail(ErrorKind::kCorruptImage, "registers: {} instead of {}", from.registers_size(),
                registers.size());
  }
  std::ranges::copy(from.registers(), registers.begin());
  return registers;
}

}  // namespace

void encode_pending(const std::vector<model::SignalInfo>& from, WireSignals* to) {
  for (const model::SignalInfo& info : from) {
    to->Add(std::string(info.raw.begin(), info.raw.end()));
  }
}

Result<std::vector<model::SignalInfo>> decode_pending(const WireSignals& from) {
  std::vector<model::SignalInfo> pending;
  pending.reserve(static_cast<std::size_t>(from.size()));
  for (const std::string& raw : from) {
    model::SignalInfo info;
    if (raw.size() != info.raw.size()) {
      return fail(ErrorKind::kCorruptImage, "pending signal {}: {} bytes instead of {}",
                  pending.size(), raw.size(), info.raw.size());
    }
    std::ranges::transform(raw, info.raw.begin(),
                           [](char byte) { return static_cast<std::uint8_t>(byte); });
    pending.push_back(info);
  }
  return pending;
}

void encode_thread(const model::Thread& from, wire::Thread* to) {
  to->set_tid(from.tid.value);
  to->set_comm(from.comm);
  to->mutable_registers()->Assign(from.registers.begin(), from.registers.end());
  to->set_xstate(text_of(from.xstate));
  to->set_signal_mask(from.signal_mask);
  encode_pending(from.pending, to->mutable_pending());
  encode_stack(from.alternate_stack, to->mutable_alternate_stack());
  to->mutable_robust_list()->set_head(from.robust_list.head);
  to->mutable_robust_list()->set_length(from.robust_list.length);
  to->set_clear_child_tid(from.clear_child_tid);
  if (from.rseq) encode_rseq(*from.rseq, to->mutable_rseq());
  encode_credentials(from.credentials, to->mutable_credentials());
  encode_scheduling(from.scheduling, to->mutable_scheduling());
  encode_seccomp(from.seccomp, to->mutable_seccomp());
  to->set_parent_death_signal(from.parent_death_signal);
  to->set_personality(from.personality);
}

Result<model::Thread> decode_thread(const wire::Thread& from) {
  STASIS_ASSIGN(const auto registers, decode_registers(from));
  STASIS_ASSIGN(auto pending, decode_pending(from.pending()));
  STASIS_ASSIGN(auto seccomp, decode_seccomp(from.seccomp()));
  const wire::AlternateStack& stack = from.alternate_stack();
  return model::Thread{
      .tid = NsPid{from.tid()},
      .comm = from.comm(),
      .registers = registers,
      .xstate = to_bytes(from.xstate()),
      .signal_mask = from.signal_mask(),
      .pending = std::move(pending),
      .alternate_stack = {.sp = stack.sp(), .flags = stack.flags(), .size = stack.size()},
      .robust_list = {.head = from.robust_list().head(), .length = from.robust_list().length()},
      .clear_child_tid = from.clear_child_tid(),
      .rseq = optional_if(from.has_rseq(), decode_rseq(from.rseq())),
      .credentials = decode_credentials(from.credentials()),
      .scheduling = decode_scheduling(from.scheduling()),
      .seccomp = std::move(seccomp),
      .parent_death_signal = from.parent_death_signal(),
      .personality = from.personality()};
}

void encode_seccomp_filter(const model::SeccompFilter& from, wire::SeccompFilter* to) {
  to->set_program(text_of(from.program));
  to->set_flags(from.flags);
}

Result<model::SeccompFilter> decode_seccomp_filter(const wire::SeccompFilter& from) {
  return model::SeccompFilter{.program = to_bytes(from.program()), .flags = from.flags()};
}

}  // namespace stasis::image
