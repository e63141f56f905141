// A container in which every field of every struct holds a value of its own, none its default: what
// a codec forgets shows as a difference. The values make no sense together (see small_container.h).
//
// A field that is added to the model breaks the binding here that names the fields of its struct.
// Name it there, add it to src/image/*.proto, to its codec and to docs/IMAGE-FORMAT.md.
#pragma once

#include <array>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "model/container.h"

namespace stasis::image {

class Filler {
 public:
  void set(bool& value) { value = true; }
  // Large or negative, so that a narrower field loses bits.
  template <std::unsigned_integral T>
  void set(T& value) {
    value = static_cast<T>(std::numeric_limits<T>::max() - ++last_);
  }
  template <std::signed_integral T>
  void set(T& value) {
    value = static_cast<T>(std::numeric_limits<T>::min() + static_cast<T>(++last_));
  }
  // Not UTF-8, and with a NUL.
  void set(std::string& value) {
    value = std::string("\xff\0", 2) + "text " + std::to_string(++last_);
  }
  void set(NsPid& value) { set(value.value); }

  void set(model::VmaKind& value) { value = model::VmaKind::kVvarVclock; }
  void set(model::SharedMemoryKind& value) { value = model::SharedMemoryKind::kSysv; }
  void set(model::SeccompMode& value) { value = model::SeccompMode::kFilter; }
  void set(model::TtyRole& value) { value = model::TtyRole::kCurrentTty; }
  void set(model::LockKind& value) { value = model::LockKind::kLease; }
  void set(model::UnixState& value) { value = model::UnixState::kPeerClosed; }
  void set(model::TcpState& value) { value = model::TcpState::kBound; }

  template <class T>
  void set(std::optional<T>& value) {
    set(value.emplace());
  }
  template <class T>
  void set(std::vector<T>& values) {
    values.resize(2);
    for (T& value : values) set(value);
  }
  template <class T, std::size_t N>
  void set(std::array<T, N>& values) {
    for (T& value : values) set(value);
  }
  template <class A, class B>
  void set(std::pair<A, B>& value) {
    set(value.first);
    set(value.second);
  }
  void set(std::map<std::string, std::string>& values) {
    values.clear();
    for (int i = 0; i < 2; ++i) {
      std::pair<std::string, std::string> entry;
      set(entry);
      values.insert(entry);
    }
  }
  // Vectors of structs that hold a variant get one element for each alternative.
  void set(std::vector<model::OpenFile>& files) { set_each(files); }
  void set(std::vector<model::Socket>& sockets) { set_each(sockets); }

  // model/container.h
  void set(model::Container& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  }
  void set(model::CheckpointInfo& x) {
    auto& [a, b, c, d, e, f, g] = x;
    all(a, b, c, d, e, f, g);
  }
  void set(model::HostFacts& x) {
    auto& [a, b, c, d, e, f, g, h] = x;
    all(a, b, c, d, e, f, g, h);
  }
  void set(model::Clocks& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  // model/data.h
  void set(model::DataExtent& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::Content& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  // model/memory.h
  void set(model::PageSpan& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::Vma& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
  }
  void set(model::MemoryLayout& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l);
  }
  void set(model::AddressSpace& x) {
    auto& [a, b, c, d, e, f, g] = x;
    all(a, b, c, d, e, f, g);
  }
  void set(model::MappedFile& x) {
    auto& [a, b, c, d, e] = x;
    all(a, b, c, d, e);
  }
  void set(model::SharedMemory& x) {
    auto& [a, b, c, d, e, f, g, h, i] = x;
    all(a, b, c, d, e, f, g, h, i);
  }
  // model/task.h
  void set(model::SignalInfo& x) { set(x.raw); }
  void set(model::SignalAction& x) {
    auto& [a, b, c, d] = x;
    all(a, b, c, d);
  }
  void set(model::AlternateStack& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::RobustList& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::Rseq& x) {
    auto& [a, b, c, d] = x;
    all(a, b, c, d);
  }
  void set(model::Credentials& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  }
  void set(model::Scheduling& x) {
    auto& [a, b, c, d, e, f, g, h, i, j] = x;
    all(a, b, c, d, e, f, g, h, i, j);
  }
  void set(model::SeccompFilter& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::Seccomp& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::Thread& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  }
  void set(model::IntervalTimer& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::PosixTimer& x) {
    auto& [a, b, c, d, e, f, g, h, i] = x;
    all(a, b, c, d, e, f, g, h, i);
  }
  void set(model::Rlimit& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::FdEntry& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::ControllingTerminal& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::Process& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
  }
  // model/open_file.h
  void set(model::PathFile& x) {
    auto& [a, b, c, d, e, f] = x;
    all(a, b, c, d, e, f);
  }
  void set(model::PipeEnd& x) { set(x.pipe); }
  void set(model::EventFd& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::EpollWatch& x) {
    auto& [a, b, c, d] = x;
    all(a, b, c, d);
  }
  void set(model::Epoll& x) {
    auto& [a] = x;
    all(a);
  }
  void set(model::SignalFd& x) {
    auto& [a] = x;
    all(a);
  }
  void set(model::TimerFd& x) {
    auto& [a, b, c, d, e] = x;
    all(a, b, c, d, e);
  }
  void set(model::InotifyWatch& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::Inotify& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::MemfdFile& x) {
    auto& [a] = x;
    all(a);
  }
  void set(model::PidFdFile& x) {
    auto& [a] = x;
    all(a);
  }
  void set(model::TtyFile& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::SocketFile& x) {
    auto& [a] = x;
    all(a);
  }
  void set(model::ExternalFile& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::NamespaceFile& x) {
    auto& [a] = x;
    all(a);
  }
  void set(model::FileOwner& x) {
    auto& [a, b, c, d, e] = x;
    all(a, b, c, d, e);
  }
  void set(model::FileLock& x) {
    auto& [a, b, c, d, e] = x;
    all(a, b, c, d, e);
  }
  void set(model::OpenFile& x) {  // all but the variant
    auto& [a, b, c, d, detail] = x;
    all(a, b, c, d);
    std::visit([this](auto& alternative) { set(alternative); }, detail);
  }
  void set(model::Pipe& x) {
    auto& [a, b, c, d, e, f] = x;
    all(a, b, c, d, e, f);
  }
  void set(model::Terminal& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l);
  }
  void set(model::Tty& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  }
  // model/socket.h
  void set(model::SocketCredentials& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::QueuedMessage& x) {
    auto& [a, b, c, d] = x;
    all(a, b, c, d);
  }
  void set(model::SocketOption& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::UnixSocket& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k] = x;
    all(a, b, c, d, e, f, g, h, i, j, k);
  }
  void set(model::TcpConnection& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k] = x;
    all(a, b, c, d, e, f, g, h, i, j, k);
  }
  void set(model::InetSocket& x) {
    auto& [a, b, c, d, e] = x;
    all(a, b, c, d, e);
  }
  void set(model::NetlinkSocket& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::Socket& x) {
    auto& [a, b, c, d, e, f, detail] = x;
    all(a, b, c, d, e, f);
    std::visit([this](auto& alternative) { set(alternative); }, detail);
  }
  // model/filesystem.h
  void set(model::FileMetadata& x) {
    auto& [a, b, c, d, e, f, g] = x;
    all(a, b, c, d, e, f, g);
  }
  void set(model::TreeEntry& x) {
    auto& [a, b, c, d, e] = x;
    all(a, b, c, d, e);
  }
  void set(model::TmpfsMount& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::GhostFile& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  // model/ipc.h
  void set(model::IpcPermissions& x) {
    auto& [a, b, c, d, e, f, g] = x;
    all(a, b, c, d, e, f, g);
  }
  void set(model::ShmSegment& x) {
    auto& [a, b, c, d, e] = x;
    all(a, b, c, d, e);
  }
  void set(model::SemaphoreSet& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::SemaphoreUndo& x) {
    auto& [a, b, c, d] = x;
    all(a, b, c, d);
  }
  void set(model::IpcMessage& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::MessageQueue& x) {
    auto& [a, b, c] = x;
    all(a, b, c);
  }
  void set(model::Ipc& x) {
    auto& [a, b, c, d] = x;
    all(a, b, c, d);
  }
  // model/network.h
  void set(model::NetworkLink& x) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = x;
    all(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  }
  void set(model::NetworkSetting& x) {
    auto& [a, b] = x;
    all(a, b);
  }
  void set(model::Network& x) {
    auto& [a, b, c, d, e, f] = x;
    all(a, b, c, d, e, f);
  }

 private:
  template <class... Fields>
  void all(Fields&... fields) {
    (set(fields), ...);
  }

  template <class Item>
  void set_each(std::vector<Item>& items) {
    add_alternatives(items,
                     std::make_index_sequence<std::variant_size_v<decltype(Item::detail)>>());
    for (Item& item : items) set(item);
  }
  template <class Item, std::size_t... I>
  void add_alternatives(std::vector<Item>& items, std::index_sequence<I...>) {
    (items.emplace_back().detail.template emplace<I>(), ...);
  }

  std::uint64_t last_ = 0;
};

inline model::Container filled_container() {
  model::Container container;
  Filler().set(container);
  return container;
}

}  // namespace stasis::image
