#include "image/validate.h"

#include <gtest/gtest.h>

#include "unit/image/error_after.h"

namespace stasis::image {
namespace {

model::Vma& area(model::Container& c, std::size_t index) {
  return c.processes[1].memory.vmas[index];
}

TEST(Validate, TakesASoundContainer) {
  EXPECT_EQ(error_after([](auto&) {}), "no error");
  EXPECT_TRUE(validate({}, 0).has_value());
}

TEST(Validate, ErrorsAreOfKindCorruptImage) {
  model::Container container = small_container();
  EXPECT_EQ(validate(container, 0).error().kind(), ErrorKind::kCorruptImage);
}

TEST(Validate, BytesUnderWayThroughATerminal) {
  EXPECT_EQ(error_after([](auto& c) { c.ttys[0].input.resize(4096); }),
            "tty 0: 4096 bytes of input, 0 of output");
  EXPECT_EQ(error_after([](auto& c) {
              c.ttys[0].input = {'a', '\n'};
              c.ttys[0].input_lines = {2, 1};
            }),
            "tty 0: 2 lines of 3 bytes in 2 bytes of input");
}

model::NetworkLink link_of(std::uint32_t index, const char* name, const char* kind) {
  return {.index = index, .name = name, .kind = kind};
}

TEST(Validate, NetworkLinksNameOneAnother) {
  const auto with = [](std::vector<model::NetworkLink> links) {
    return error_after([&](auto& c) { c.network = model::Network{.links = std::move(links)}; });
  };
  auto port = link_of(3, "port", "veth");
  port.parent = 4;
  auto end = link_of(4, "end", "veth");
  end.parent = 3;
  EXPECT_EQ(with({link_of(1, "lo", ""), port, end}), "no error");
  EXPECT_EQ(with({port}), "network link 0: its parent 4 does not exist");
  EXPECT_EQ(with({link_of(3, "port", "veth")}), "network link 0: one end of a veth");
  EXPECT_EQ(with({link_of(2, "x", "dummy"), link_of(2, "y", "dummy")}),
            "network link 1: the number 2 twice");
  EXPECT_EQ(with({link_of(2, "a/b", "dummy")}), "network link 0: the name 'a/b'");
  EXPECT_EQ(with({link_of(2, "wg0", "wireguard")}), "network link 0: the kind 'wireguard'");
  port.master = 1;
  EXPECT_EQ(with({link_of(1, "lo", ""), port, end}), "network link 1: its master 1 is no bridge");
}

TEST(Validate, NetworkSettingsStayBelowTheirDirectory) {
  EXPECT_NE(error_after([](auto& c) {
              c.network = model::Network{.settings = {{"../kernel/hostname", "x"}}};
            }),
            "no error");
  EXPECT_NE(error_after([](auto& c) {
              c.network = model::Network{.routes = {{1, 2, 3}}};
            }),
            "no error");
}

TEST(Validate, ProcessesFormATree) {
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].ppid = NsPid{9}; }),
            "process 1 (pid 7): its parent 9 is not described before it");
  EXPECT_EQ(error_after([](auto& c) { std::swap(c.processes[0], c.processes[1]); }),
            "process 0 (pid 7): its parent 1 is not described before it");
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].ppid = NsPid{101}; }),
            "process 1 (pid 7): its parent 101 is not described before it");
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].threads.clear(); }),
            "process 1 (pid 7): no threads");
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].threads[0].tid = NsPid{8}; }),
            "process 1 (pid 7): its first thread has tid 8");
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].threads[1].tid = NsPid{101}; }),
            "process 1 (pid 7): tid 101 is no new one");
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].threads[1].tid = NsPid{-1}; }),
            "process 1 (pid 7): tid -1 is no new one");
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].sid = NsPid{-1}; }),
            "process 1 (pid 7): process group 1, session -1");
}

TEST(Validate, ProcessFieldsHaveLimits) {
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].exit_signal = 65; }),
            "process 0 (pid 1): exit signal 65");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].stop_signal = 0; }),
            "process 0 (pid 1): stop signal 0");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].umask = 01000; }),
            "process 0 (pid 1): umask 1000");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].rlimits.resize(65); }),
            "process 0 (pid 1): 65 rlimits, more than 64");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].cwd = "srv"; }),
            "process 0 (pid 1): cwd: 'srv' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].cwd = "/srv/../etc"; }),
            "process 0 (pid 1): cwd: '/srv/../etc' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].root = ""; }),
            "process 0 (pid 1): root: '' is no plain absolute path");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].cgroup = "../up"; }),
            "process 0 (pid 1): cgroup: '../up' is no plain relative path");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].cwd = "/" + std::string(4095, 'a'); }),
            "process 0 (pid 1): cwd: 4096 bytes, more than 4095");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].cwd = std::string("/a\0b", 4); }),
            "process 0 (pid 1): cwd: contains a NUL");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].terminal->tty = 1; }),
            "process 0 (pid 1): controlling terminal: tty 1, but there are 1");
}

TEST(Validate, ThreadFieldsHaveLimits) {
  const auto thread_error = [](const std::function<void(model::Thread&)>& change) {
    return error_after([&](auto& c) { change(c.processes[0].threads[1]); });
  };
  const std::string prefix = "process 0 (pid 1): thread 101: ";
  EXPECT_EQ(thread_error([](auto& t) { t.comm = "sixteen-letters-"; }),
            prefix + "comm: 16 bytes, more than 15");
  EXPECT_EQ(thread_error([](auto& t) { t.xstate.resize(65537); }),
            prefix + "xstate: 65537 bytes, more than 65536");
  EXPECT_EQ(thread_error([](auto& t) { t.credentials.groups.resize(65537); }),
            prefix + "65537 groups, more than 65536");
  EXPECT_EQ(thread_error([](auto& t) { t.scheduling.affinity.resize(1025); }),
            prefix + "affinity: 1025 words, more than 1024");
  EXPECT_EQ(thread_error([](auto& t) { t.parent_death_signal = 65; }),
            prefix + "parent death signal 65");
  EXPECT_EQ(thread_error([](auto& t) {
              t.seccomp.filters = {0, 1};
            }),
            prefix + "seccomp filter 1, but there are 1");
}

TEST(Validate, FdsAreSortedAndResolve) {
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].fds[2].fd = 4; }),
            "process 0 (pid 1): fd 4 after fd 4");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].fds[0].fd = -1; }),
            "process 0 (pid 1): fd -1 after fd -1");
  EXPECT_EQ(error_after([](auto& c) { c.processes[0].fds[1].open_file = 8; }),
            "process 0 (pid 1): fd 4: open file 8, but there are 8");
}

TEST(Validate, AZombieNeedsNoMemory) {
  EXPECT_EQ(error_after([](auto& c) {
              c.processes[1].exit_status = 0;
              c.processes[1].memory = {};
              c.processes[1].memory.exe_file = 99;
            }),
            "no error");
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].memory.exe_file = 1; }),
            "process 1 (pid 7): exe: mapped file 1, but there are 1");
}

TEST(Validate, AreasAreSortedRangesOfPages) {
  const std::string prefix = "process 1 (pid 7): area ";
  EXPECT_EQ(error_after([](auto& c) { area(c, 1).start = 0x401000; }),
            prefix + "0x401000-0x603000: overlaps the one before");
  EXPECT_EQ(error_after([](auto& c) { area(c, 0).end = 0x400000; }),
            prefix + "0x400000-0x400000: bad range");
  EXPECT_EQ(error_after([](auto& c) { area(c, 0).end = 0x400001; }),
            prefix + "0x400000-0x400001: bad range");
  EXPECT_EQ(error_after([](auto& c) { area(c, 2).end = 0x100000000001000; }),
            prefix + "0x700000-0x100000000001000: bad range");
  EXPECT_EQ(error_after([](auto& c) { area(c, 0).protection = 8; }),
            prefix + "0x400000-0x402000: unknown protection 0x8");
  EXPECT_EQ(error_after([](auto& c) { area(c, 0).file_offset = 1; }),
            prefix + "0x400000-0x402000: bad file offset 0x1");
  EXPECT_EQ(error_after([](auto& c) { area(c, 0).file_offset = 0x7ffffffffffff000; }),
            prefix + "0x400000-0x402000: bad file offset 0x7ffffffffffff000");
  EXPECT_EQ(error_after([](auto& c) {
              area(c, 1).huge_tlb = true;
              area(c, 1).huge_page_bytes = 12288;
            }),
            prefix + "0x600000-0x603000: huge pages of 12288 bytes");
  EXPECT_EQ(error_after([](auto& c) {
              const std::uint64_t start = area(c, 0).start;
              area(c, 0).guards = {{start, start + 0x800}};
            }),
            prefix + "0x400000-0x402000: bad guard pages 0x400000-0x400800");
  EXPECT_EQ(error_after([](auto& c) {
              area(c, 0).guards = {{0x401000, 0x403000}};
            }),
            prefix + "0x400000-0x402000: bad guard pages 0x401000-0x403000");
  EXPECT_EQ(error_after([](auto& c) { area(c, 1).name.resize(256, 'a'); }),
            prefix + "0x600000-0x603000: name: 256 bytes, more than 255");
  EXPECT_EQ(error_after([](auto& c) { c.processes[1].memory.layout.auxv.resize(4097); }),
            "process 1 (pid 7): auxiliary vector: 4097 bytes, more than 4096");
}

TEST(Validate, ReferencesOfAnAreaFitItsKind) {
  const std::string prefix = "process 1 (pid 7): area ";
  EXPECT_EQ(error_after([](auto& c) { area(c, 0).file.reset(); }),
            prefix + "0x400000-0x402000: its references do not fit its kind 2");
  EXPECT_EQ(error_after([](auto& c) { area(c, 1).file = 0; }),
            prefix + "0x600000-0x603000: its references do not fit its kind 1");
  EXPECT_EQ(error_after([](auto& c) { area(c, 2).shared_memory.reset(); }),
            prefix + "0x700000-0x702000: its references do not fit its kind 3");
  EXPECT_EQ(error_after([](auto& c) { area(c, 0).file = 1; }),
            prefix + "0x400000-0x402000: mapped file 1, but there are 1");
  EXPECT_EQ(error_after([](auto& c) { area(c, 2).shared_memory = 1; }),
            prefix + "0x700000-0x702000: shared memory 1, but there are 1");
  EXPECT_EQ(error_after([](auto& c) { area(c, 1).shared = true; }),
            prefix + "0x600000-0x603000: a shared area with pages of its own");
}

TEST(Validate, PagesLieInTheirAreaAndInTheData) {
  const auto page_error = [](const std::function<void(model::DataExtent&)>& change) {
    const std::string prefix = "process 1 (pid 7): area 0x600000-0x603000: ";
    const auto message = error_after([&](auto& c) { change(area(c, 1).pages[1]); });
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
  };
  EXPECT_EQ(page_error([](auto& e) { e.object_offset = 0x600000; }),
            "extent at 0x600000 of 4096 bytes: not in order or outside [0x600000, 0x603000)");
  EXPECT_EQ(page_error([](auto& e) { e.object_offset = 0x603000; }),
            "extent at 0x603000 of 4096 bytes: not in order or outside [0x600000, 0x603000)");
  EXPECT_EQ(page_error([](auto& e) { e.length = 8192; }),
            "extent at 0x602000 of 8192 bytes: not in order or outside [0x600000, 0x603000)");
  EXPECT_EQ(page_error([](auto& e) { e.length = UINT64_MAX - 4095; }),
            "extent at 0x602000 of 18446744073709547520 bytes: not in order or outside [0x600000, "
            "0x603000)");
  EXPECT_EQ(page_error([](auto& e) { e.length = 0; }),
            "extent at 0x602000 of 0 bytes: not in order or outside [0x600000, 0x603000)");
  EXPECT_EQ(page_error([](auto& e) { e.data_offset = kSmallDataBytes; }),
            "extent at 0x602000: 4096 bytes at 16384 of 16384 bytes of data");
  EXPECT_EQ(page_error([](auto& e) { e.data_offset = UINT64_MAX - 4095; }),
            "extent at 0x602000: 4096 bytes at 18446744073709547520 of 16384 bytes of data");
  EXPECT_EQ(page_error([](auto& e) { e.data_offset = 512; }),
            "extent at 0x602000: 4096 bytes at 512 are no whole pages");
}

TEST(Validate, ContentEndsAtItsSizeOrItsLastPage) {
  EXPECT_EQ(error_after([](auto& c) { c.shared_memory[0].content.size = 4096; }),
            "shared memory 0: extent at 0x0 of 8192 bytes: not in order or outside [0x0, 0x1000)");
  EXPECT_EQ(error_after([](auto& c) { c.shared_memory[0].content.size = UINT64_MAX; }),
            "shared memory 0: size 18446744073709551615 is out of range");
  EXPECT_EQ(error_after([](auto& c) { c.ghost_files[0].content.extents[0].data_offset = 16383; }),
            "ghost file 0: extent at 0x1: 4 bytes at 16383 of 16384 bytes of data");
}

}  // namespace
}  // namespace stasis::image
