// Open files and what they refer to: pipes, terminals, sockets, trees, System V IPC.
#include "image/validate.h"

#include <gtest/gtest.h>

#include "unit/image/error_after.h"

namespace stasis::image {
namespace {

TEST(ValidateFiles, OpenFilesResolve) {
  EXPECT_EQ(
      error_after([](auto& c) { std::get<model::ExternalFile>(c.open_files[0].detail).stdio = 3; }),
      "open file 0: stdio 3");
  EXPECT_EQ(
      error_after([](auto& c) { std::get<model::PathFile>(c.open_files[1].detail).ghost = 1; }),
      "open file 1: ghost file 1, but there are 1");
  EXPECT_EQ(
      error_after([](auto& c) { std::get<model::PathFile>(c.open_files[1].detail).path = "x"; }),
      "open file 1: path: 'x' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) { c.open_files[1].locks[0].start = 10; }),
            "open file 1: lock from 10 to 9");
  EXPECT_EQ(
      error_after([](auto& c) { std::get<model::SocketFile>(c.open_files[2].detail).socket = 3; }),
      "open file 2: socket 3, but there are 3");
  EXPECT_EQ(error_after([](auto& c) { std::get<model::PipeEnd>(c.open_files[3].detail).pipe = 1; }),
            "open file 3: pipe 1, but there are 1");
  EXPECT_EQ(error_after([](auto& c) {
              std::get<model::Epoll>(c.open_files[4].detail).watches[0].open_file = 8;
            }),
            "open file 4: epoll watch: open file 8, but there are 8");
  EXPECT_EQ(error_after([](auto& c) {
              std::get<model::MemfdFile>(c.open_files[5].detail).shared_memory = 1;
            }),
            "open file 5: shared memory 1, but there are 1");
  EXPECT_EQ(error_after([](auto& c) { std::get<model::TtyFile>(c.open_files[6].detail).tty = 1; }),
            "open file 6: tty 1, but there are 1");
  EXPECT_EQ(error_after([](auto& c) {
              std::get<model::Inotify>(c.open_files[7].detail).watches[0].path = "";
            }),
            "open file 7: inotify watch: '' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) { c.open_files[0].detail = model::PidFdFile{}; }),
            "open file 0: pidfd of pid 0");
  EXPECT_EQ(
      error_after([](auto& c) { c.open_files[0].detail = model::NamespaceFile{.kind = "x"}; }),
      "open file 0: unknown namespace 'x'");
}

TEST(ValidateFiles, PipesAndTerminals) {
  EXPECT_EQ(error_after([](auto& c) {
              c.pipes[0].packets = {1, 1};
            }),
            "pipe 0: packets of 2 bytes in 3 bytes of data");
  EXPECT_EQ(error_after([](auto& c) { c.pipes[0].fifo_path = "fifo"; }),
            "pipe 0: fifo: 'fifo' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) {
              c.ttys[0].console = false;
              c.ttys[0].external = true;
            }),
            "tty 0: external, but no console");
}

TEST(ValidateFiles, SocketsResolveAndFitTheirDomain) {
  const auto unix_error = [](const std::function<void(model::UnixSocket&)>& change) {
    return error_after([&](auto& c) { change(std::get<model::UnixSocket>(c.sockets[0].detail)); });
  };
  EXPECT_EQ(unix_error([](auto& s) { s.peer = 3; }), "socket 0: peer: socket 3, but there are 3");
  EXPECT_EQ(unix_error([](auto& s) { s.peer = 2; }), "socket 0: peer: socket 2 is no unix socket");
  EXPECT_EQ(unix_error([](auto& s) { s.pending_clients = {2}; }),
            "socket 0: pending client: socket 2 is no unix socket");
  EXPECT_EQ(unix_error([](auto& s) { s.name.resize(109); }),
            "socket 0: name: 109 bytes, more than 108");
  EXPECT_EQ(unix_error([](auto& s) { s.path_directory = "x"; }),
            "socket 0: directory: 'x' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) { c.sockets[0].domain = 2; }),
            "socket 0: a unix socket of domain 2");
  EXPECT_EQ(error_after([](auto& c) { c.sockets[2].domain = 1; }),
            "socket 2: an inet socket of domain 1");
  EXPECT_EQ(error_after([](auto& c) { c.sockets[2].detail = model::NetlinkSocket{}; }),
            "socket 2: a netlink socket of domain 2");
  EXPECT_EQ(error_after([](auto& c) { c.sockets[2].shut_down = 4; }), "socket 2: shut down 4");
  EXPECT_EQ(error_after([](auto& c) { c.sockets[1].queue[0].open_files = {8}; }),
            "socket 1: queued message 0: open file 8, but there are 8");
  EXPECT_EQ(error_after([](auto& c) { c.sockets[1].queue[0].source_address.resize(129); }),
            "socket 1: queued message 0: source address: 129 bytes, more than 128");
  EXPECT_EQ(error_after([](auto& c) {
              c.sockets[1].options = {{.name = 3, .value = model::Bytes(65537)}};
            }),
            "socket 1: option 3: 65537 bytes");
  EXPECT_EQ(
      error_after([](auto& c) {
        std::get<model::InetSocket>(c.sockets[2].detail).connection = {.send_queue_unsent = 1};
      }),
      "socket 2: 1 bytes unsent of 0");
}

TEST(ValidateFiles, TreesAreTrees) {
  const auto tree_error = [](const std::function<void(std::vector<model::TreeEntry>&)>& change) {
    return error_after([&](auto& c) { change(c.tmpfs[0].entries); });
  };
  EXPECT_EQ(tree_error([](auto& e) { e[0].path = "x"; }), "tmpfs 0: entry 0 is not its root");
  EXPECT_EQ(tree_error([](auto& e) { e[1].path = ""; }), "tmpfs 0: entry 0 is not its root");
  EXPECT_EQ(tree_error([](auto& e) { std::swap(e[1], e[2]); }),
            "tmpfs 0: entry 1: 'd/f' comes before its directory");
  EXPECT_EQ(tree_error([](auto& e) { e[3].path = "d"; }), "tmpfs 0: entry 3: 'd' is there twice");
  EXPECT_EQ(tree_error([](auto& e) { e[3].path = "../x"; }),
            "tmpfs 0: entry 3: path: '../x' is no plain relative path");
  EXPECT_EQ(tree_error([](auto& e) { e[3].path = "/x"; }),
            "tmpfs 0: entry 3: path: '/x' is no plain relative path");
  EXPECT_EQ(tree_error([](auto& e) { e[3].hard_link_of = "g"; }),
            "tmpfs 0: entry 3: 'g' is a link of 'g', which does not come before it");
  EXPECT_EQ(tree_error([](auto& e) { e[3].link_target = std::string(4096, 'a'); }),
            "tmpfs 0: entry 3: link target: 4096 bytes, more than 4095");
  EXPECT_EQ(tree_error([](auto& e) {
              e[3].metadata.xattrs = {{"a", model::Bytes(65537)}};
            }),
            "tmpfs 0: entry 3: xattr a: 65537 bytes");
  EXPECT_EQ(tree_error([](auto& e) { e[2].content.extents = {{.length = 1}}; }),
            "tmpfs 0: entry 2: d/f: extent at 0x0 of 1 bytes: not in order or outside [0x0, 0x0)");
  EXPECT_EQ(error_after([](auto& c) { c.tmpfs[0].mount_point = "tmp"; }),
            "tmpfs 0: mount point: 'tmp' is no plain absolute path");
}

TEST(ValidateFiles, TheRestResolvesToo) {
  EXPECT_EQ(error_after([](auto& c) { c.mapped_files[0].ghost = 1; }),
            "mapped file 0: ghost file 1, but there are 1");
  EXPECT_EQ(error_after([](auto& c) { c.mapped_files[0].path = "/bin//x"; }),
            "mapped file 0: path: '/bin//x' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) { c.shared_memory[0].name = std::string("a\0", 2); }),
            "shared memory 0: name: contains a NUL");
  EXPECT_EQ(error_after([](auto& c) { c.ghost_files[0].path = ""; }),
            "ghost file 0: path: '' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) { c.seccomp_filters[0].program.pop_back(); }),
            "seccomp filter 0: a program of 15 bytes");
  EXPECT_EQ(error_after([](auto& c) { c.seccomp_filters[0].program.clear(); }),
            "seccomp filter 0: a program of 0 bytes");
  EXPECT_EQ(error_after([](auto& c) { c.ipc.segments[0].shared_memory = 1; }),
            "SysV segment 0: shared memory 1, but there are 1");
  EXPECT_EQ(error_after([](auto& c) { c.info.id = std::string(1025, 'a'); }),
            "container id: 1025 bytes, more than 1024");
  EXPECT_EQ(error_after([](auto& c) { c.host.kernel = std::string("6\0", 2); }),
            "host facts: kernel: contains a NUL");
}

TEST(ValidateFiles, SemaphoresAndMessages) {
  const auto ipc_error = [](const std::function<void(model::Ipc&)>& change) {
    return error_after([&](auto& c) {
      c.ipc.semaphores = {{.values = {1, 2}, .last_pids = {NsPid{1}, NsPid{0}}}};
      c.ipc.undo = {{.process = NsPid{1}, .set = 0, .number = 1, .adjustment = -3}};
      c.ipc.queues = {{.max_bytes = 10, .messages = {{.type = 1, .data = {7}}}}};
      change(c.ipc);
    });
  };
  EXPECT_EQ(ipc_error([](auto&) {}), "no error");
  EXPECT_EQ(ipc_error([](auto& i) { i.semaphores[0].values.clear(); }),
            "semaphore set 0: no semaphores in it");
  EXPECT_EQ(ipc_error([](auto& i) { i.semaphores[0].values[1] = 32768; }),
            "semaphore set 0: a semaphore of value 32768");
  EXPECT_EQ(ipc_error([](auto& i) { i.semaphores[0].last_pids.pop_back(); }),
            "semaphore set 0: 1 pids of 2 semaphores");
  EXPECT_EQ(ipc_error([](auto& i) { i.undo[0].set = 1; }),
            "semaphore adjustment 0: semaphore set 1, but there are 1");
  EXPECT_EQ(ipc_error([](auto& i) { i.undo[0].number = 2; }),
            "semaphore adjustment 0: semaphore 2, but there are 2");
  EXPECT_EQ(ipc_error([](auto& i) { i.undo[0].adjustment = 0; }),
            "semaphore adjustment 0: an adjustment of 0");
  EXPECT_EQ(ipc_error([](auto& i) { i.undo[0].adjustment = 32768; }),
            "semaphore adjustment 0: an adjustment of 32768");
  EXPECT_EQ(ipc_error([](auto& i) { i.queues[0].messages[0].type = 0; }),
            "message queue 0: a message of type 0");
}

}  // namespace
}  // namespace stasis::image
