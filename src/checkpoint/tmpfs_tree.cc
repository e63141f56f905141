#include "checkpoint/tmpfs_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "checkpoint/file_contents.h"
#include "checkpoint/file_metadata.h"
#include "sys/file.h"

namespace stasis::checkpoint {
namespace {

// Files whose contents are copied together: enough for several threads, few descriptors.
constexpr std::size_t kFilesAtOnce = 256;

std::string join(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

Result<UniqueFd> open_below(int tree, const std::string& path, int flags) {
  return sys::open_in_root(tree, path.empty() ? "/" : path, flags | O_NOFOLLOW);
}

class TreeCollector {
 public:
  explicit TreeCollector(int tree) : tree_(tree) {}

  // Level by level: a directory comes before what is in it.
  Result<std::vector<model::TreeEntry>> run() {
    STASIS_TRY(add(""));
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!S_ISDIR(entries_[i].metadata.mode)) continue;
      const std::string directory = entries_[i].path;
      STASIS_ASSIGN(const UniqueFd fd, open_below(tree_, directory, O_RDONLY | O_DIRECTORY));
      STASIS_ASSIGN(const auto names, sys::list_dir(fd.get()));
      for (const std::string& name : names) {
        const std::string path = join(directory, name);
        STASIS_TRY(add(path).context(path));
      }
    }
    return std::move(entries_);
  }

 private:
  Result<void> add(const std::string& path) {
    STASIS_ASSIGN(const UniqueFd fd, open_below(tree_, path, O_PATH));
    STASIS_ASSIGN(const struct stat status, sys::stat_fd(fd.get()));
    model::TreeEntry entry;
    entry.path = path;
    STASIS_ASSIGN(entry.metadata, read_metadata(fd.get(), status));
    if (!S_ISDIR(status.st_mode) && status.st_nlink > 1) {
      const auto [first, added] = first_names_.try_emplace(status.st_ino, path);
      if (!added) entry.hard_link_of = first->second;
    }
    if (S_ISLNK(status.st_mode)) {
      STASIS_ASSIGN(entry.link_target, sys::read_link_at(fd.get(), ""));
    }
    if (S_ISREG(status.st_mode) && entry.hard_link_of.empty()) {
      entry.content.size = static_cast<std::uint64_t>(status.st_size);
    }
    entries_.push_back(std::move(entry));
    return {};
  }

  int tree_;
  std::vector<model::TreeEntry> entries_;
  std::map<ino_t, std::string> first_names_;
};

class ContentSaver {
 public:
  explicit ContentSaver(image::ImageWriter& image) : image_(image) {}

  Result<void> add(int tree, model::TreeEntry& entry) {
    if (entry.content.size == 0) return {};
    STASIS_ASSIGN(UniqueFd fd, open_below(tree, entry.path, O_RDONLY));
    batch_.push_back({fd.get(), entry.content.size, &entry.content});
    open_.push_back(std::move(fd));
    return batch_.size() < kFilesAtOnce ? Result<void>() : flush();
  }

  Result<void> flush() {
    STASIS_TRY(copy_file_contents(batch_, image_));
    batch_.clear();
    open_.clear();
    return {};
  }

 private:
  image::ImageWriter& image_;
  std::vector<FileToCopy> batch_;
  std::vector<UniqueFd> open_;
};

}  // namespace

Result<std::vector<model::TreeEntry>> collect_tree(int tree) { return TreeCollector(tree).run(); }

Result<void> save_trees(const std::vector<OwnTmpfs>& mounts,
                        std::vector<model::TmpfsMount>& described, image::ImageWriter& image) {
  ContentSaver saver(image);
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    for (model::TreeEntry& entry : described[i].entries) {
      STASIS_TRY(saver.add(mounts[i].tree.get(), entry)
                     .context(fmt::format("'{}' in the tmpfs at '{}'", entry.path,
                                          mounts[i].mount_point)));
    }
  }
  return saver.flush().context("saving the contents of tmpfs mounts");
}

}  // namespace stasis::checkpoint
