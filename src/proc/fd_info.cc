#include "proc/fd_info.h"

#include <algorithm>

#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "fdinfo";

// The kernel's own dev_t (include/linux/kdev_t.h): 12 bits major, 20 bits minor.
void split_device(std::uint32_t device, std::uint32_t& major, std::uint32_t& minor) {
  major = device >> 20;
  minor = device & 0xfffff;
}

void parse_epoll_target(Fields& fields, FdInfo& info) {
  EpollTarget target;
  std::uint32_t device = 0;
  fields.tagged("tfd", target.fd)
      .tagged("events", target.events, 16)
      .tagged("data", target.data, 16)
      .tagged("pos", target.pos)
      .tagged("ino", target.inode, 16)
      .tagged("sdev", device, 16);
  split_device(device, target.dev_major, target.dev_minor);
  info.epoll_targets.push_back(target);
}

void parse_handle(Fields& fields, InotifyWatchInfo& watch) {
  FileHandle handle;
  std::size_t length = 0;
  std::string_view hex;
  fields.tagged("fhandle-bytes", length, 16)
      .tagged("fhandle-type", handle.type, 16)
      .tagged("f_handle", hex);
  if (!fields.ok()) return;
  if (hex.size() != 2 * length) {
    fields.wrong("f_handle", fmt::format("{} bytes in hexadecimal", length), hex);
    return;
  }
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    fields.number_of("f_handle", hex.substr(at, 2), handle.bytes.emplace_back(), 16);
  }
  watch.handle = std::move(handle);
}

// "inotify wd:1 ino:9e7e sdev:800013 mask:800afce ignored_mask:0 fhandle-bytes:8 ..."
void parse_inotify_watch(Fields& fields, FdInfo& info) {
  InotifyWatchInfo watch;
  std::uint32_t device = 0;
  std::uint32_t ignored_mask = 0;
  fields.literal("inotify")
      .tagged("wd", watch.descriptor, 16)
      .tagged("ino", watch.inode, 16)
      .tagged("sdev", device, 16)
      .tagged("mask", watch.mask, 16)
      .tagged("ignored_mask", ignored_mask, 16);
  split_device(device, watch.dev_major, watch.dev_minor);
  if (fields.ok() && !fields.at_end()) parse_handle(fields, watch);
  info.inotify_watches.push_back(std::move(watch));
}

// "(seconds, nanoseconds)"
void parse_time(Fields& fields, std::string_view name, std::uint64_t& into_ns) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  std::string_view text;
  fields.rest(text);
  const auto comma = text.find(", ");
  if (!text.starts_with('(') || !text.ends_with(')') || comma == std::string_view::npos) {
    fields.wrong(name, "(seconds, nanoseconds)", text);
    return;
  }
  std::uint64_t seconds = 0;
  std::uint64_t nanoseconds = 0;
  fields.number_of(name, text.substr(1, comma - 1), seconds)
      .number_of(name, text.substr(comma + 2, text.size() - comma - 3), nanoseconds);
  if (fields.ok() && (nanoseconds >= kSecond || seconds > UINT64_MAX / kSecond - 1)) {
    fields.wrong(name, "a time below 2^64 ns", text);
    return;
  }
  into_ns = seconds * kSecond + nanoseconds;
}

template <class T>
T& made(std::optional<T>& value) {
  return value ? *value : value.emplace();
}

bool parse_eventfd(Fields& fields, std::string_view key, FdInfo& info) {
  if (key == "eventfd-count") {
    fields.number(key, made(info.eventfd).count, 16);
  } else if (key == "eventfd-id") {
    fields.number(key, made(made(info.eventfd).id));
  } else if (key == "eventfd-semaphore") {
    int semaphore = 0;
    fields.number(key, semaphore);
    made(info.eventfd).semaphore = semaphore != 0;
  } else {
    return false;
  }
  return true;
}

bool parse_timerfd(Fields& fields, std::string_view key, FdInfo& info) {
  if (key == "clockid") {
    fields.number(key, made(info.timerfd).clock);
  } else if (key == "ticks") {
    fields.number(key, made(info.timerfd).ticks);
  } else if (key == "settime flags") {
    fields.number(key, made(info.timerfd).settime_flags, 8);
  } else if (key == "it_value") {
    parse_time(fields, key, made(info.timerfd).value_ns);
  } else if (key == "it_interval") {
    parse_time(fields, key, made(info.timerfd).interval_ns);
  } else {
    return false;
  }
  return true;
}

bool parse_common(Fields& fields, std::string_view key, FdInfo& info) {
  if (key == "pos") {
    fields.number(key, info.pos);
  } else if (key == "flags") {
    fields.number(key, info.flags, 8);
  } else if (key == "mnt_id") {
    fields.number(key, info.mount_id);
  } else if (key == "ino") {
    fields.number(key, made(info.inode));
  } else {
    return false;
  }
  return true;
}

// False: a line of a kind that is not known here.
bool parse_line(Fields& fields, std::string_view key, FdInfo& info) {
  if (parse_common(fields, key, info) || parse_eventfd(fields, key, info) ||
      parse_timerfd(fields, key, info)) {
    return true;
  }
  if (key == "sigmask") {
    fields.number(key, made(info.signal_mask), 16);
  } else if (key == "Pid") {
    fields.number(key, made(info.pidfd).pid.value);
  } else if (key == "NSpid") {
    std::vector<pid_t> pids;
    fields.numbers(key, pids);
    for (const pid_t pid : pids) made(info.pidfd).ns_pid.push_back(NsPid{pid});
  } else if (key == "tty-index") {
    fields.number(key, made(info.tty_index));
  } else if (key == "scm_fds") {
    fields.number(key, made(info.in_flight_fds));
  } else {
    return false;
  }
  return true;
}

// The lines that hold several tagged values.
bool parse_record(Fields& fields, std::string_view key, FdInfo& info) {
  if (key == "tfd") {
    parse_epoll_target(fields, info);
  } else if (key == "inotify wd") {
    parse_inotify_watch(fields, info);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<FdInfo> parse_fd_info(std::string_view text) {
  FdInfo info;
  bool has_pos = false;
  bool has_flags = false;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    const auto entry = split_key(line);
    if (!entry) continue;  // of io_uring, drm and other kinds
    if (entry->key == "lock") {
      STASIS_ASSIGN(info.locks.emplace_back(), parse_lock_line(kFile, number, entry->value));
      continue;
    }
    Fields record(kFile, number, line);
    if (!parse_record(record, entry->key, info)) {
      record = Fields(kFile, number, entry->value);
      if (!parse_line(record, entry->key, info)) continue;
    }
    STASIS_TRY(record.end().done());
    has_pos = has_pos || entry->key == "pos";
    has_flags = has_flags || entry->key == "flags";
  }
  if (!has_pos) return missing_line(kFile, "pos");
  if (!has_flags) return missing_line(kFile, "flags");
  return info;
}

Result<FdInfo> read_fd_info(const ProcDir& dir, int fd) {
  STASIS_ASSIGN(const auto text, dir.read(fmt::format("fdinfo/{}", fd)));
  return parse_fd_info(text).context(fmt::format("{}: fd {}", dir.name(), fd));
}

Result<std::vector<int>> list_fds(const ProcDir& dir) {
  STASIS_ASSIGN(const auto names, dir.list("fd"));
  std::vector<int> fds;
  for (const auto& name : names) {
    const auto fd = parse_number<int>(name);
    if (!fd) {
      return fail(ErrorKind::kUnsupported, "{}: fd: expected a number, found {}", dir.name(),
                  quoted(name));
    }
    fds.push_back(*fd);
  }
  std::sort(fds.begin(), fds.end());
  return fds;
}

}  // namespace stasis::proc
