// A container that a kernel could have had: one of almost everything, with references that resolve.
// Its data area holds four pages (kSmallDataBytes).
#pragma once

#include <string_view>

#include "model/container.h"

namespace stasis::image {

inline constexpr std::uint64_t kSmallDataBytes = 4 * model::kPageSize;

inline model::Thread small_thread(int tid) {
  model::Thread thread;
  thread.tid = NsPid{tid};
  thread.comm = "worker";
  thread.registers[16] = 0x401000;
  thread.xstate = model::Bytes(576, 0x11);
  thread.seccomp = {.mode = model::SeccompMode::kFilter, .filters = {0}};
  return thread;
}

inline model::Process small_process(int pid, int ppid) {
  model::Process process;
  process.pid = NsPid{pid};
  process.ppid = NsPid{ppid};
  process.pgid = process.sid = NsPid{1};
  process.threads = {small_thread(pid), small_thread(pid + 100)};
  process.memory.vmas = {
      {.start = 0x400000,
       .end = 0x402000,
       .protection = model::kProtRead | model::kProtExec,
       .kind = model::VmaKind::kFile,
       .file = 0},
      {.start = 0x600000,
       .end = 0x603000,
       .protection = model::kProtRead | model::kProtWrite,
       .name = "heap",
       .pages = {{.object_offset = 0x600000, .length = 4096, .data_offset = 4096},
                 {.object_offset = 0x602000, .length = 4096, .data_offset = 0}}},
      {.start = 0x700000,
       .end = 0x702000,
       .kind = model::VmaKind::kSharedMemory,
       .shared = true,
       .shared_memory = 0}};
  process.memory.layout.arg_start = 0x600010;
  process.memory.layout.arg_end = 0x600020;
  process.fds = {{.fd = 0, .open_file = 0}, {.fd = 4, .open_file = 1}, {.fd = 5, .open_file = 2}};
  process.rlimits = {{.soft = 1, .hard = 2}};
  process.cwd = "/srv";
  process.cgroup = "a/b";
  process.terminal = {.tty = 0, .foreground_group = NsPid{1}};
  return process;
}

inline std::vector<model::OpenFile> small_open_files() {
  std::vector<model::OpenFile> files(8);
  files[0].detail = model::ExternalFile{.stdio = 0, .description = "/dev/null"};
  files[1].detail = model::PathFile{.path = "/srv/log", .size = 5, .ghost = 0};
  files[1].locks = {{.kind = model::LockKind::kPosix, .start = 0, .end = 9}};
  files[2].detail = model::SocketFile{.socket = 0};
  files[3].detail = model::PipeEnd{.pipe = 0};
  files[4].detail = model::Epoll{.watches = {{.fd = 4, .open_file = 3}}};
  files[5].detail = model::MemfdFile{.shared_memory = 0};
  files[6].detail = model::TtyFile{.tty = 0};
  files[7].detail = model::Inotify{.watches = {{.descriptor = 1, .path = "/srv"}}};
  return files;
}

inline std::vector<model::Socket> small_sockets() {
  std::vector<model::Socket> sockets(3);
  sockets[0].domain = sockets[1].domain = 1;
  sockets[0].type = sockets[1].type = sockets[2].type = 1;
  sockets[0].detail = model::UnixSocket{.state = model::UnixState::kConnected, .peer = 1};
  sockets[1].detail = model::UnixSocket{.state = model::UnixState::kConnected, .peer = 0};
  sockets[1].queue = {{.data = {1, 2, 3}, .open_files = {1}}};
  sockets[2].domain = 2;
  sockets[2].detail = model::InetSocket{.tcp_state = model::TcpState::kListening,
                                        .local_address = model::Bytes(16, 2),
                                        .backlog = 128};
  return sockets;
}

inline model::Container small_container() {
  model::Container container;
  container.info.id = "small";
  container.info.tool = "stasis 0.1.0";
  container.info.oci_config = "{}";
  container.host = {.architecture = "x86_64", .kernel = "6.18.0", .hostname = "here"};
  container.clocks.realtime_ns = 1'700'000'000'000'000'000;
  container.processes = {small_process(1, 0), small_process(7, 1)};
  container.open_files = small_open_files();
  container.pipes = {{.capacity = 65536, .data = {1, 2, 3}, .packets = {1, 2}}};
  container.sockets = small_sockets();
  container.ttys = {{.console = true}};
  container.mapped_files = {{.path = "/bin/worker", .size = 8192}};
  container.shared_memory = {
      {.content = {.size = 5000,
                   .extents = {{.object_offset = 0, .length = 8192, .data_offset = 8192}}},
       .name = "buffer"}};
  container.ghost_files = {
      {.path = "/srv/log",
       .metadata = {.mode = 0100644, .xattrs = {{"user.a", {1}}}},
       .content = {.size = 5, .extents = {{.object_offset = 1, .length = 4, .data_offset = 9}}}}};
  container.tmpfs = {{.mount_point = "/tmp",
                      .entries = {{.path = "", .metadata = {.mode = 041777}},
                                  {.path = "d", .metadata = {.mode = 040755}},
                                  {.path = "d/f", .metadata = {.mode = 0100644}},
                                  {.path = "g", .hard_link_of = "d/f"}}}};
  container.seccomp_filters = {{.program = model::Bytes(16, 6)}};
  container.ipc.segments = {{.size = 4096, .shared_memory = 0}};
  return container;
}

}  // namespace stasis::image
