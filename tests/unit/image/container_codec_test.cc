#include "image/container_codec.h"

#include <gtest/gtest.h>

#include "image/container.pb.h"
#include "image/host.pb.h"
#include "unit/image/filled_container.h"

namespace stasis::image {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string message_of(const Result<model::Container>& result) {
  return result.has_value() ? "no error" : result.error().message();
}

std::string encoded(const wire::Container& container) { return container.SerializeAsString(); }

// A process that decodes.
wire::Process* add_process(wire::Container* container) {
  wire::Process* process = container->add_processes();
  process->add_threads()->mutable_registers()->Resize(27, 0);
  return process;
}

TEST(ContainerCodec, EveryFieldComesBack) {
  const model::Container container = filled_container();
  const std::string bytes = encode_container(container).value();
  auto decoded = decode_container(bytes_of(bytes));
  ASSERT_EQ(message_of(decoded), "no error");
  EXPECT_EQ(decoded->host, model::HostFacts{});
  EXPECT_EQ(decoded->info.uuid, "");
  decoded->host = container.host;
  decoded->info.uuid = container.info.uuid;
  EXPECT_EQ(decoded->info, container.info);
  EXPECT_EQ(decoded->clocks, container.clocks);
  EXPECT_EQ(decoded->processes, container.processes);
  EXPECT_EQ(decoded->open_files, container.open_files);
  EXPECT_EQ(decoded->pipes, container.pipes);
  EXPECT_EQ(decoded->sockets, container.sockets);
  EXPECT_EQ(decoded->ttys, container.ttys);
  EXPECT_EQ(decoded->mapped_files, container.mapped_files);
  EXPECT_EQ(decoded->shared_memory, container.shared_memory);
  EXPECT_EQ(decoded->ghost_files, container.ghost_files);
  EXPECT_EQ(decoded->tmpfs, container.tmpfs);
  EXPECT_EQ(decoded->seccomp_filters, container.seccomp_filters);
  EXPECT_EQ(decoded->ipc, container.ipc);
  EXPECT_EQ(decoded->network, container.network);
  EXPECT_EQ(*decoded, container);
}

TEST(ContainerCodec, EveryHostFactComesBack) {
  const model::HostFacts host = filled_container().host;
  const std::string bytes = encode_host(host);
  EXPECT_EQ(decode_host(bytes_of(bytes)).value(), host);
}

TEST(ContainerCodec, EncodesTheSameContainerToTheSameBytes) {
  EXPECT_EQ(encode_container(filled_container()).value(),
            encode_container(filled_container()).value());
}

TEST(ContainerCodec, EmptyContainerComesBack) {
  const std::string bytes = encode_container({}).value();
  EXPECT_EQ(decode_container(bytes_of(bytes)).value(), model::Container{});
}

TEST(ContainerCodec, SkipsUnknownFieldsAndTheMessagesKeepThem) {
  model::Container container = filled_container();
  std::string bytes = encode_container(container).value();
  const std::string unknown = "\xfa\x7f\x03new";  // field 2047, length-delimited
  auto decoded = decode_container(bytes_of(bytes + unknown));
  ASSERT_EQ(message_of(decoded), "no error");
  EXPECT_EQ(decoded->processes, container.processes);

  wire::Container message;
  ASSERT_TRUE(message.ParseFromString(bytes + unknown));
  EXPECT_NE(encoded(message).find("\x03new"), std::string::npos);
}

TEST(ContainerCodec, RejectsWhatIsNoMessage) {
  EXPECT_EQ(message_of(decode_container(bytes_of("\xff\xff\xff"))), "not an encoded message");
  EXPECT_EQ(decode_host(bytes_of("\xff\xff\xff")).error().message(), "not an encoded message");
}

TEST(ContainerCodec, NamesTheElementThatIsWrong) {
  wire::Container container;
  add_process(&container);
  wire::Process* process = add_process(&container);
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))), "no error");
  process->mutable_threads(0)->mutable_registers()->RemoveLast();
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "process 1: thread 0: registers: 26 instead of 27");
  process->mutable_threads(0)->add_registers(0);
  process->mutable_threads(0)->add_pending("short");
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "process 1: thread 0: pending signal 0: 5 bytes instead of 128");
  process->mutable_threads(0)->clear_pending();
  process->mutable_threads(0)->mutable_seccomp()->set_mode(static_cast<wire::SeccompMode>(3));
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "process 1: thread 0: seccomp mode: unknown value 3");
  process->clear_threads();
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))), "process 1: no threads");
}

TEST(ContainerCodec, RejectsBadSignalActionsAndTimers) {
  wire::Container container;
  wire::Process* process = add_process(&container);
  process->add_signal_actions()->set_signal(65);
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "process 0: signal actions: signal 65 after 0");
  process->mutable_signal_actions(0)->set_signal(9);
  process->add_signal_actions()->set_signal(9);
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "process 0: signal actions: signal 9 after 9");
  process->clear_signal_actions();
  process->add_interval_timers();
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "process 0: interval timers: 1 instead of 3");
}

TEST(ContainerCodec, RejectsUnknownKinds) {
  wire::Container container;
  wire::OpenFile* file = container.add_open_files();
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "open file 0: no known kind of file");
  file->mutable_tty()->set_role(static_cast<wire::TtyRole>(5));
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "open file 0: tty role: unknown value 5");
  file->mutable_event_fd();
  file->add_locks()->set_kind(wire::LOCK_KIND_INVALID);
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "open file 0: lock 0: kind: unknown value 0");
  file->clear_locks();
  wire::Socket* socket = container.add_sockets();
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "socket 0: no known kind of socket");
  socket->mutable_unix_socket()->set_state(static_cast<wire::UnixState>(-1));
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "socket 0: unix state: unknown value -1");
  socket->mutable_inet();
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "socket 0: TCP state: unknown value 0");
  container.clear_sockets();
  container.add_shared_memory();
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "shared memory 0: kind: unknown value 0");
}

TEST(ContainerCodec, RejectsNumbersThatDoNotFit) {
  wire::Container container;
  container.mutable_ipc()->add_semaphores()->add_values(65536);
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "semaphore set 0: semaphore value: 65536 is out of range");
  container.clear_ipc();
  wire::Terminal* terminal = container.add_ttys()->mutable_terminal();
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "tty 0: terminal: 0 control characters instead of 19");
  terminal->set_cc(std::string(19, '\0'));
  terminal->set_rows(70000);
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "tty 0: rows: 70000 is out of range");
}

TEST(ContainerCodec, RejectsColumnsOfDifferentLength) {
  wire::Container container;
  wire::GhostFile* ghost = container.add_ghost_files();
  ghost->mutable_content()->mutable_extents()->add_gap(1);
  EXPECT_EQ(message_of(decode_container(bytes_of(encoded(container)))),
            "ghost file 0: extents: columns of 1, 0 and 0 numbers");
}

// Two bytes each ask for a message of more than a hundred.
TEST(ContainerCodec, LimitsTheMemoryForMessages) {
  std::string bytes;
  for (int i = 0; i < 2'000'000; ++i) bytes += std::string("\x1a\x00", 2);  // an empty process
  EXPECT_EQ(message_of(decode_container(bytes_of(bytes))), "4000000 bytes need too much memory");
}

}  // namespace
}  // namespace stasis::image
