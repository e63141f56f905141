// The cgroups that a test runs in: one fresh directory in every hierarchy of the machine (v1,
// hybrid or v2), below the one the caller is in, which becomes the root of a cgroup namespace. A
// test can then freeze or kill what it sees of the tree without reaching anything else.
#pragma once

#include <string>
#include <vector>

namespace stasis::test {

struct Hierarchy {
  std::string mount_point;     // "/sys/fs/cgroup/freezer"
  std::string type;            // "cgroup" or "cgroup2"
  std::string options;         // "freezer"; what a new mount of it needs
  std::string current_cgroup;  // of the calling process: "/", "/user.slice"
};

// Pure: from the texts of /proc/self/mountinfo and /proc/self/cgroup.
std::vector<Hierarchy> find_hierarchies(const std::string& mountinfo, const std::string& cgroup);
std::vector<Hierarchy> find_hierarchies();

// Makes "stasis-test-PID" in every hierarchy and returns the directories, in the order of
// `hierarchies`. First removes those of programs that no longer run.
std::vector<std::string> make_own_cgroups(const std::vector<Hierarchy>& hierarchies);
void enter_cgroups(const std::vector<std::string>& directories);
// For the root of a new cgroup namespace: in v2 the caller moves to the leaf "main" of its
// directory, as a cgroup with processes in it cannot give controllers to its children.
void enter_v2_leaf(const std::vector<Hierarchy>& hierarchies,
                   const std::vector<std::string>& directories);
// In a new cgroup and mount namespace: every hierarchy is mounted again, so that only the own part
// is seen, and that of v2 gives its controllers to children.
void remount_cgroups(const std::vector<Hierarchy>& hierarchies);
// Removes a cgroup and all below it; false when something still runs there.
bool remove_cgroup_tree(const std::string& directory);
// Every cgroup below the roots of the hierarchies, except "main" and its children.
std::vector<std::string> list_cgroups(const std::vector<Hierarchy>& hierarchies);

}  // namespace stasis::test
