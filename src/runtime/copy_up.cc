#include "runtime/copy_up.h"

#include <string>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/unique_fd.h"
#include "sys/file.h"
#include "sys/memory_file.h"
#include "sys/node.h"

namespace stasis::runtime {
namespace {

std::int64_t in_ns(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// One entry of `from_dir` under the same name in `to_dir`.
class Entry {
 public:
  Entry(int from_dir, int to_dir, const std::string& name)
      : from_dir_(from_dir), to_dir_(to_dir), name_(name) {}

  Result<void> copy() const {
    STASIS_ASSIGN(const struct stat st, sys::stat_at(from_dir_, name_, AT_SYMLINK_NOFOLLOW));
    const mode_t permissions = st.st_mode & 07777U;
    switch (st.st_mode & S_IFMT) {
      case S_IFDIR:
        STASIS_TRY(copy_directory());
        break;
      case S_IFREG:
        STASIS_TRY(copy_file(st));
        break;
      case S_IFLNK: {
        STASIS_ASSIGN(const std::string target, sys::read_link_at(from_dir_, name_));
        STASIS_TRY(sys::make_symlink_at(target, to_dir_, name_));
        break;
      }
      default:
        STASIS_TRY(sys::make_node_at(to_dir_, name_, st.st_mode, st.st_rdev));
    }
    STASIS_TRY(sys::set_owner_at(to_dir_, name_, st.st_uid, st.st_gid));
    // After the owner, whose change takes setuid bits away.
    if (!S_ISLNK(st.st_mode)) STASIS_TRY(sys::set_mode_at(to_dir_, name_, permissions));
    return sys::set_times_at(to_dir_, name_, in_ns(st.st_atim), in_ns(st.st_mtim));
  }

 private:
  Result<void> copy_directory() const {
    STASIS_TRY(sys::make_dir_at(to_dir_, name_, 0700));
    STASIS_ASSIGN(const UniqueFd from,
                  sys::open_at(from_dir_, name_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    STASIS_ASSIGN(const UniqueFd to,
                  sys::open_at(to_dir_, name_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    STASIS_ASSIGN(const auto names, sys::list_dir(from.get()));
    for (const std::string& name : names) {
      STASIS_TRY(Entry(from.get(), to.get(), name).copy().context(name));
    }
    return {};
  }

  Result<void> copy_file(const struct stat& st) const {
    STASIS_ASSIGN(const UniqueFd from, sys::open_at(from_dir_, name_, O_RDONLY | O_NOFOLLOW));
    STASIS_ASSIGN(const UniqueFd to,
                  sys::open_at(to_dir_, name_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    return sys::send_file(from.get(), to.get(), static_cast<std::uint64_t>(st.st_size));
  }

  int from_dir_, to_dir_;
  const std::string& name_;
};

}  // namespace

Result<void> copy_up(int from_dir_fd, int to_dir_fd) {
  STASIS_ASSIGN(const UniqueFd from, sys::open_at(from_dir_fd, ".", O_RDONLY | O_DIRECTORY));
  STASIS_ASSIGN(const auto names, sys::list_dir(from.get()));
  for (const std::string& name : names) {
    STASIS_TRY(Entry(from.get(), to_dir_fd, name).copy().context("tmpcopyup: " + name));
  }
  return {};
}

}  // namespace stasis::runtime
