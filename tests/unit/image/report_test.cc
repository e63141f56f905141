#include "image/report.h"

#include "base/text.h"
#include "image/describe.h"
#include "image/memory_view.h"
#include "unit/image/image_directory.h"
#include "unit/image/small_container.h"

namespace stasis::image {
namespace {

class Report : public ImageDirectory {
 protected:
  // Page 1 of the data, which both processes have at 0x600000, starts with `page`.
  ImageReader image_with_page(const model::Container& container, std::string page) {
    auto writer = ImageWriter::create(directory_).value();
    page.resize(model::kPageSize);
    EXPECT_EQ(writer.allocate(kSmallDataBytes).value(), 0U);
    EXPECT_TRUE(writer.write_data(4096, std::as_bytes(std::span(page))).has_value());
    const std::vector<std::byte> shared(8192, std::byte{'s'});
    EXPECT_TRUE(writer.write_data(8192, shared).has_value());
    EXPECT_TRUE(std::move(writer).finish(container).has_value());
    return ImageReader::open(directory_).value();
  }
  std::string memory(const ImageReader& image, std::uint64_t address, std::uint64_t length) {
    const auto& space = image.container().processes[0].memory;
    return read_memory(image, space, RemoteAddr{address}, length).value().value_or("nothing");
  }
};

TEST_F(Report, ReadsMemoryThroughTheExtents) {
  const auto image = image_with_page(small_container(), "hello");
  EXPECT_EQ(memory(image, 0x600000, 5), "hello");
  EXPECT_EQ(memory(image, 0x600001, 3), "ell");
  EXPECT_EQ(memory(image, 0x600ffe, 4), std::string(4, '\0'));  // into a hole
  EXPECT_EQ(memory(image, 0x600000, 0x3000).size(), 0x3000U);
  EXPECT_EQ(memory(image, 0x700ffe, 4), "ssss");     // shared memory
  EXPECT_EQ(memory(image, 0x400000, 1), "nothing");  // a file's page
  EXPECT_EQ(memory(image, 0x602fff, 2), "nothing");  // beyond the area
  EXPECT_EQ(memory(image, 0x500000, 1), "nothing");  // between areas
  EXPECT_EQ(memory(image, UINT64_MAX, 1), "nothing");
}

TEST_F(Report, TellsWhatTheImageHolds) {
  model::Container container = small_container();
  container.info.left_running = true;
  container.processes[1].exit_status = 0;
  const auto image =
      image_with_page(container, std::string(16, '\0') + std::string("worker\0--fast\0\0\0", 16));
  const ImageReport report = make_report(image).value();
  const std::string expected = fmt::format(
      "image       {}\n"
      "uuid        {}\n"
      "container   small, left running after the checkpoint\n"
      "made        2023-11-14 22:13:20 UTC by stasis 0.1.0 on here (Linux 6.18.0, x86_64)\n"
      "size        {}: 16.0 KiB of data, {} of metadata\n"
      "\n"
      "processes\n"
      "  1 worker [2 threads]: worker --fast\n"
      "    7 worker (zombie) [2 threads]\n"
      "\n"
      "memory             areas        mapped        stored\n"
      "  anonymous            1      12.0 KiB       8.0 KiB\n"
      "  private file         1       8.0 KiB           0 B\n"
      "  shared memory        1       8.0 KiB           0 B\n"
      "  shared objects       1                     8.0 KiB\n"
      "  tmpfs entries        4                         0 B\n"
      "  deleted files        1                         4 B\n"
      "\n"
      "fds of 1 worker\n"
      "     0  external  the caller's stdin (/dev/null)\n"
      "     4  file      /srv/log at 0 (deleted)\n"
      "     5  socket    socket 0: unix stream, connected to socket 1\n"
      "\n"
      "sockets\n"
      "     0  unix stream, connected to socket 1\n"
      "     1  unix stream, connected to socket 0, 1 messages queued\n"
      "     2  tcp, listening on unknown address\n",
      path(), report.summary.uuid, human_bytes(report.summary.file_bytes),
      human_bytes(report.summary.metadata_bytes));
  EXPECT_EQ(report_text(report, image.container()), expected);
}

TEST_F(Report, LeavesOutArgumentsThatTheImageDoesNotHold) {
  model::Container container = small_container();
  container.processes[0].memory.layout.arg_start = 0x10;
  container.processes[0].memory.layout.arg_end = UINT64_MAX;
  container.processes[1].memory.layout.arg_end = 0;
  const ImageReport report = make_report(image_with_page(container, "x")).value();
  EXPECT_TRUE(report.processes[0].arguments.empty());
  EXPECT_TRUE(report.processes[1].arguments.empty());
}

TEST(Describe, EscapesWhatCouldSteerATerminal) {
  EXPECT_EQ(printable("plain ~"), "plain ~");
  EXPECT_EQ(printable("a\x1b[2J\n\\\xc3"), "a\\x1b[2J\\x0a\\x5c\\xc3");
}

TEST(Describe, NamesEveryKindOfFile) {
  const model::Container container = small_container();
  const auto text = [&](const model::OpenFileDetail& detail) {
    model::OpenFile file;
    file.flags = 1;
    file.position = 3;
    file.detail = detail;
    return std::string(kind_of(file)) + ": " + describe(file, container);
  };
  EXPECT_EQ(text(model::PathFile{.path = "/a"}), "file: /a at 3");
  EXPECT_EQ(text(model::PipeEnd{}), "pipe: write end of pipe 0, 3 bytes in it");
  EXPECT_EQ(text(model::EventFd{.count = 2, .semaphore = true}), "eventfd: count 2, semaphore");
  EXPECT_EQ(text(model::Epoll{.watches = {{}}}), "epoll: watches 1 files");
  EXPECT_EQ(text(model::SignalFd{.mask = 16}), "signalfd: mask 0x10");
  EXPECT_EQ(text(model::TimerFd{.clock = 1, .value_ns = 5, .interval_ns = 6}),
            "timerfd: clock 1, 5 ns left, every 6 ns");
  EXPECT_EQ(text(model::Inotify{}), "inotify: watches 0 paths");
  EXPECT_EQ(text(model::MemfdFile{}), "memfd: 'buffer' at 3");
  EXPECT_EQ(text(model::PidFdFile{.pid = NsPid{4}}), "pidfd: pid 4");
  EXPECT_EQ(text(model::TtyFile{.role = model::TtyRole::kMaster}), "tty: master of tty 0");
  EXPECT_EQ(text(model::TtyFile{.role = model::TtyRole::kConsole}), "tty: /dev/console, tty 0");
  EXPECT_EQ(text(model::SocketFile{.socket = 0}),
            "socket: socket 0: unix stream, connected to socket 1");
  EXPECT_EQ(text(model::ExternalFile{.stdio = 2, .description = "pipe:[1]"}),
            "external: the caller's stderr (pipe:[1])");
  EXPECT_EQ(text(model::NamespaceFile{.kind = "net"}), "namespace: net");
}

TEST(Describe, NamesSockets) {
  const model::Bytes v4 = {2, 0, 0x18, 0xeb, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
  model::Bytes v6(28);
  v6[0] = 10;
  v6[3] = 80;
  v6[23] = 1;
  model::Socket socket{.domain = 2, .type = 1};
  socket.detail = model::InetSocket{.tcp_state = model::TcpState::kListening, .local_address = v4};
  EXPECT_EQ(describe(socket), "tcp, listening on 127.0.0.1:6379");
  socket.type = 2;
  socket.detail = model::InetSocket{.local_address = v6, .peer_address = v4};
  EXPECT_EQ(describe(socket), "udp [::1]:80, connected to 127.0.0.1:6379");
  socket.type = 5;
  socket.detail = model::UnixSocket{.state = model::UnixState::kListening, .name = {0, 'a'}};
  EXPECT_EQ(describe(socket), "unix seqpacket '\\x00a', listening, 0 connections waiting");
  socket.detail = model::NetlinkSocket{.port = 9};
  EXPECT_EQ(describe(socket), "netlink protocol 0, port 9");
}

TEST(Describe, NamesAreas) {
  const model::MemoryLayout layout{.start_brk = 0x1000, .brk = 0x1800, .start_stack = 0x9f00};
  model::Vma vma{.start = 0x1000, .end = 0x2000};
  EXPECT_EQ(area_kind(vma, layout), "heap");
  vma = {.start = 0x9000, .end = 0xa000};
  EXPECT_EQ(area_kind(vma, layout), "stack");
  vma = {.start = 0x5000, .end = 0x6000};
  EXPECT_EQ(area_kind(vma, layout), "anonymous");
  vma.kind = model::VmaKind::kFile;
  EXPECT_EQ(area_kind(vma, layout), "private file");
  vma.shared = true;
  EXPECT_EQ(area_kind(vma, layout), "shared file");
  vma.kind = model::VmaKind::kVvarVclock;
  EXPECT_EQ(area_kind(vma, layout), "vdso");
}

}  // namespace
}  // namespace stasis::image
