#include "integration/support/cgroups.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

constexpr std::string_view kPrefix = "stasis-test-";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

// The line "4:memory:/a" for the hierarchy whose mount options name "memory"; "0::/" for v2.
bool line_is_of(const std::vector<std::string>& line, const Hierarchy& hierarchy) {
  if (hierarchy.type == "cgroup2") return line[0] == "0";
  if (line[1].empty()) return false;
  const auto have = split(hierarchy.options, ',');
  const auto wanted = split(line[1], ',');
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
    return std::find(have.begin(), have.end(), one) != have.end();
  });
}

std::string controllers_of(const std::string& super_options) {
  std::string kept;
  for (const std::string& option : split(super_options, ',')) {
    if (option == "rw" || option == "ro" || option.starts_with("release_agent=") ||
        option == "xattr" || option == "clone_children" || option == "nsdelegate" ||
        option == "memory_recursiveprot") {
      continue;
    }
    kept += (kept.empty() ? "" : ",") + option;
  }
  return kept;
}

std::string directory_of(const Hierarchy& hierarchy, const std::string& name) {
  // In v2 the directory stands at the root: cgroups with processes cannot have controllers below.
  if (hierarchy.type == "cgroup2" || hierarchy.current_cgroup == "/")
    return hierarchy.mount_point + "/" + name;
  return hierarchy.mount_point + hierarchy.current_cgroup + "/" + name;
}

void remove_stale(const std::string& parent) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    const pid_t owner = std::atoi(name.c_str() + kPrefix.size());
    if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) remove_cgroup_tree(entry.path());
  }
}

// A v1 cpuset takes no process before it has cpus and memory nodes.
void inherit_cpuset(const std::string& directory) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    const std::string parent = std::filesystem::path(directory).parent_path() / file;
    if (exists(parent)) write_file(directory + "/" + file, read_file(parent));
  }
}

// What cannot be given stays missing: tests that need it say so.
void enable_controllers(const std::string& directory) {
  for (const std::string& name : split(read_file(directory + "/cgroup.controllers"), ' ')) {
    const std::string trimmed = name.substr(0, name.find('\n'));
    if (!trimmed.empty()) std::ofstream(directory + "/cgroup.subtree_control") << "+" + trimmed;
  }
}

}  // namespace

std::vector<Hierarchy> find_hierarchies(const std::string& mountinfo, const std::string& cgroup) {
  std::vector<Hierarchy> found;
  for (const std::string& line : split_lines(mountinfo)) {
    const auto dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const auto left = split(line.substr(0, dash), ' ');
    const auto right = split(line.substr(dash + 3), ' ');
    if (left.size() < 5 || right.size() < 3 || !right[0].starts_with("cgroup")) continue;
    Hierarchy one{.mount_point = left[4], .type = right[0], .options = controllers_of(right[2])};
    for (const std::string& text : split_lines(cgroup)) {
      const auto first = text.find(':');
      const auto second = text.find(':', first + 1);
      if (second == std::string::npos) continue;
      const std::vector<std::string> parts{text.substr(0, first),
                                           text.substr(first + 1, second - first - 1),
                                           text.substr(second + 1)};
      if (line_is_of(parts, one)) one.current_cgroup = parts[2];
    }
    if (!one.current_cgroup.empty()) found.push_back(one);
  }
  return found;
}

std::vector<Hierarchy> find_hierarchies() {
  return find_hierarchies(read_file("/proc/self/mountinfo"), read_file("/proc/self/cgroup"));
}

std::vector<std::string> make_own_cgroups(const std::vector<Hierarchy>& hierarchies) {
  std::vector<std::string> made;
  const std::string name = fmt::format("{}{}", kPrefix, getpid());
  for (const Hierarchy& hierarchy : hierarchies) {
    const std::string directory = directory_of(hierarchy, name);
    remove_stale(std::filesystem::path(directory).parent_path());
    must(mkdir(directory.c_str(), 0755), "mkdir " + directory);
    if (hierarchy.type == "cgroup") inherit_cpuset(directory);
    made.push_back(directory);
  }
  return made;
}

void enter_cgroups(const std::vector<std::string>& directories) {
  for (const std::string& directory : directories) write_file(directory + "/cgroup.procs", "0");
}

void enter_v2_leaf(const std::vector<Hierarchy>& hierarchies,
                   const std::vector<std::string>& directories) {
  for (std::size_t i = 0; i < hierarchies.size(); ++i) {
    if (hierarchies[i].type != "cgroup2") continue;
    const std::string leaf = directories[i] + "/main";
    must(mkdir(leaf.c_str(), 0755), "mkdir " + leaf);
    write_file(leaf + "/cgroup.procs", "0");
  }
}

void remount_cgroups(const std::vector<Hierarchy>& hierarchies) {
  for (const Hierarchy& hierarchy : hierarchies) {
    const char* path = hierarchy.mount_point.c_str();
    must(umount2(path, MNT_DETACH), "umount " + hierarchy.mount_point);
    must(mount("cgroup", path, hierarchy.type.c_str(), MS_NOSUID | MS_NODEV | MS_NOEXEC,
               hierarchy.options.c_str()),
         "mounting " + hierarchy.mount_point + " with " + hierarchy.options);
    if (hierarchy.type == "cgroup2") enable_controllers(hierarchy.mount_point);
  }
}

bool remove_cgroup_tree(const std::string& directory) {
  std::vector<std::string> below = list_tree(directory);
  std::reverse(below.begin(), below.end());
  for (const std::string& name : below) {
    const std::string path = directory + "/" + name;
    if (std::filesystem::is_directory(path) && rmdir(path.c_str()) != 0) return false;
  }
  return rmdir(directory.c_str()) == 0;
}

std::vector<std::string> list_cgroups(const std::vector<Hierarchy>& hierarchies) {
  std::vector<std::string> found;
  for (const Hierarchy& hierarchy : hierarchies) {
    for (const std::string& name : list_tree(hierarchy.mount_point)) {
      const std::string path = hierarchy.mount_point + "/" + name;
      std::error_code ignored;
      if (name == "main" || name.starts_with("main/")) continue;
      if (std::filesystem::is_directory(path, ignored)) found.push_back(path);
    }
  }
  return found;
}

}  // namespace stasis::test
