#include "image/open_file_codec.h"

#include <utility>
#include <variant>

#include "image/codec.h"

namespace stasis::image {
namespace {

void encode_watch(const model::EpollWatch& from, wire::EpollWatch* to) {
  to->set_fd(from.fd);
  to->set_open_file(from.open_file);
  to->set_events(from.events);
  to->set_data(from.data);
}

Result<model::EpollWatch> decode_watch(const wire::EpollWatch& from) {
  return model::EpollWatch{
      .fd = from.fd(), .open_file = from.open_file(), .events = from.events(), .data = from.data()};
}

void encode_inotify_watch(const model::InotifyWatch& from, wire::InotifyWatch* to) {
  to->set_descriptor(from.descriptor);
  to->set_path(from.path);
  to->set_mask(from.mask);
}

Result<model::InotifyWatch> decode_inotify_watch(const wire::InotifyWatch& from) {
  return model::InotifyWatch{
      .descriptor = from.descriptor(), .path = from.path(), .mask = from.mask()};
}

struct DetailEncoder {
  wire::OpenFile* to;

  void operator()(const model::PathFile& from) const {
    wire::PathFile* file = to->mutable_path_file();
    file->set_path(from.path);
    file->set_type(from.type);
    file->set_size(from.size);
    file->set_mtime_ns(from.mtime_ns);
    file->set_device(from.device);
    if (from.ghost) file->set_ghost(*from.ghost);
  }
  void operator()(const model::PipeEnd& from) const { to->mutable_pipe_end()->set_pipe(from.pipe); }
  void operator()(const model::EventFd& from) const {
    to->mutable_event_fd()->set_count(from.count);
    to->mutable_event_fd()->set_semaphore(from.semaphore);
  }
  void operator()(const model::Epoll& from) const {
    encode_list(from.watches, to->mutable_epoll()->mutable_watches(), encode_watch);
  }
  void operator()(const model::SignalFd& from) const {
    to->mutable_signal_fd()->set_mask(from.mask);
  }
  void operator()(const model::TimerFd& from) const {
    wire::TimerFd* timer = to->mutable_timer_fd();
    timer->set_clock(from.clock);
    timer->set_settime_flags(from.settime_flags);
    timer->set_ticks(from.ticks);
    timer->set_value_ns(from.value_ns);
    timer->set_interval_ns(from.interval_ns);
  }
  void operator()(const model::Inotify& from) const {
    wire::Inotify* inotify = to->mutable_inotify();
    encode_list(from.watches, inotify->mutable_watches(), encode_inotify_watch);
    inotify->set_queued(text_of(from.queued));
  }
  void operator()(const model::MemfdFile& from) const {
    to->mutable_memfd()->set_shared_memory(from.shared_memory);
  }
  void operator()(const model::PidFdFile& from) const {
    to->mutable_pid_fd()->set_pid(from.pid.value);
  }
  void operator()(const model::TtyFile& from) const {
    to->mutable_tty()->set_tty(from.tty);
    to->mutable_tty()->set_role(static_cast<wire::TtyRole>(from.role));
  }
  void operator()(const model::SocketFile& from) const {
    to->mutable_socket()->set_socket(from.socket);
  }
  void operator()(const model::ExternalFile& from) const {
    to->mutable_external()->set_stdio(from.stdio);
    to->mutable_external()->set_description(from.description);
  }
  void operator()(const model::NamespaceFile& from) const {
    to->mutable_namespace_file()->set_kind(from.kind);
  }
};

model::PathFile decode_path_file(const wire::PathFile& from) {
  return {.path = from.path(),
          .type = from.type(),
          .size = from.size(),
          .mtime_ns = from.mtime_ns(),
          .device = from.device(),
          .ghost = optional_if(from.has_ghost(), from.ghost())};
}

model::TimerFd decode_timer_fd(const wire::TimerFd& from) {
  return {.clock = from.clock(),
          .settime_flags = from.settime_flags(),
          .ticks = from.ticks(),
          .value_ns = from.value_ns(),
          .interval_ns = from.interval_ns()};
}

Result<model::OpenFileDetail> decode_epoll(const wire::Epoll& from) {
  STASIS_ASSIGN(auto watches, decode_list(from.watches(), "epoll watch", decode_watch));
  return model::OpenFileDetail(model::Epoll{.watches = std::move(watches)});
}

Result<model::OpenFileDetail> decode_inotify(const wire::Inotify& from) {
  STASIS_ASSIGN(auto watches, decode_list(from.watches(), "inotify watch", decode_inotify_watch));
  return model::OpenFileDetail(
      model::Inotify{.watches = std::move(watches), .queued = to_bytes(from.queued())});
}

Result<model::OpenFileDetail> decode_tty_file(const wire::TtyFile& from) {
  STASIS_ASSIGN(const auto role, decode_enum(from.role(), "tty role", model::TtyRole::kMaster,
                                             model::TtyRole::kCurrentTty));
  return model::OpenFileDetail(model::TtyFile{.tty = from.tty(), .role = role});
}

Result<model::OpenFileDetail> decode_detail(const wire::OpenFile& from) {
  using Detail = model::OpenFileDetail;
  switch (from.detail_case()) {
    case wire::OpenFile::kPathFile:
      return Detail(decode_path_file(from.path_file()));
    case wire::OpenFile::kPipeEnd:
      return Detail(model::PipeEnd{.pipe = from.pipe_end().pipe()});
    case wire::OpenFile::kEventFd:
      return Detail(model::EventFd{.count = from.event_fd().count(),
                                   .semaphore = from.event_fd().semaphore()});
    case wire::OpenFile::kEpoll:
      return decode_epoll(from.epoll());
    case wire::OpenFile::kSignalFd:
      return Detail(model::SignalFd{.mask = from.signal_fd().mask()});
    case wire::OpenFile::kTimerFd:
      return Detail(decode_timer_fd(from.timer_fd()));
    case wire::OpenFile::kInotify:
      return decode_inotify(from.inotify());
    case wire::OpenFile::kMemfd:
      return Detail(model::MemfdFile{.shared_memory = from.memfd().shared_memory()});
    case wire::OpenFile::kPidFd:
      return Detail(model::PidFdFile{.pid = NsPid{from.pid_fd().pid()}});
    case wire::OpenFile::kTty:
      return decode_tty_file(from.tty());
    case wire::OpenFile::kSocket:
      return Detail(model::SocketFile{.socket = from.socket().socket()});
    case wire::OpenFile::kExternal:
      return Detail(model::ExternalFile{.stdio = from.external().stdio(),
                                        .description = from.external().description()});
    case wire::OpenFile::kNamespaceFile:
      return Detail(model::NamespaceFile{.kind = from.namespace_file().kind()});
    case wire::OpenFile::DETAIL_NOT_SET:
      break;
  }
  return fail(ErrorKind::kCorruptImage, "no known kind of file");
}

void encode_owner(const model::FileOwner& from, wire::FileOwner* to) {
  to->set_type(from.type);
  to->set_id(from.id.value);
  to->set_signal(from.signal);
  to->set_uid(from.uid);
  to->set_euid(from.euid);
}

model::FileOwner decode_owner(const wire::FileOwner& from) {
  return {.type = from.type(),
          .id = NsPid{from.id()},
          .signal = from.signal(),
          .uid = from.uid(),
          .euid = from.euid()};
}

void encode_lock(const model::FileLock& from, wire::FileLock* to) {
  to->set_kind(static_cast<wire::LockKind>(from.kind));
  to->set_exclusive(from.exclusive);
  to->set_owner(from.owner.value);
  to->set_start(from.start);
  to->set_end(from.end);
}

Result<model::FileLock> decode_lock(const wire::FileLock& from) {
  STASIS_ASSIGN(const auto kind,
                decode_enum(from.kind(), "kind", model::LockKind::kFlock, model::LockKind::kLease));
  return model::FileLock{.kind = kind,
                         .exclusive = from.exclusive(),
                         .owner = NsPid{from.owner()},
                         .start = from.start(),
                         .end = from.end()};
}

}  // namespace

void encode_open_file(const model::OpenFile& from, wire::OpenFile* to) {
  to->set_flags(from.flags);
  to->set_position(from.position);
  if (from.owner) encode_owner(*from.owner, to->mutable_owner());
  encode_list(from.locks, to->mutable_locks(), encode_lock);
  std::visit(DetailEncoder{to}, from.detail);
}

Result<model::OpenFile> decode_open_file(const wire::OpenFile& from) {
  STASIS_ASSIGN(auto locks, decode_list(from.locks(), "lock", decode_lock));
  STASIS_ASSIGN(auto detail, decode_detail(from));
  return model::OpenFile{.flags = from.flags(),
                         .position = from.position(),
                         .owner = optional_if(from.has_owner(), decode_owner(from.owner())),
                         .locks = std::move(locks),
                         .detail = std::move(detail)};
}

}  // namespace stasis::image
