#include "integration/support/bundle.h"

#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

namespace fs = std::filesystem;

constexpr std::array kCapabilities = {
    "CAP_CHOWN",         "CAP_DAC_OVERRIDE",     "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",        "CAP_FSETID",           "CAP_KILL",
    "CAP_SETGID",        "CAP_SETUID",           "CAP_SETPCAP",
    "CAP_NET_ADMIN",     "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",
    "CAP_IPC_LOCK",      "CAP_IPC_OWNER",        "CAP_SYS_ADMIN",
    "CAP_SYS_CHROOT",    "CAP_SYS_PTRACE",       "CAP_SYS_NICE",
    "CAP_MKNOD",         "CAP_AUDIT_WRITE",      "CAP_SETFCAP",
    "CAP_SYS_TTY_CONFIG"};

void make_empty_rootfs(const std::string& rootfs) {
  for (const char* name : {"bin", "dev", "etc", "proc", "sys", "tmp", "run", "mnt"})
    fs::create_directories(rootfs + "/" + name);
  fs::permissions(rootfs + "/tmp", fs::perms::all | fs::perms::sticky_bit);
  write_file(rootfs + "/etc/passwd",
             "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n");
  write_file(rootfs + "/etc/group", "root:x:0:\nnogroup:x:65534:\n");
}

}  // namespace

Bundle::Bundle(std::string directory) : directory_(std::move(directory)) {
  make_empty_rootfs(rootfs());
}

Bundle::Bundle(const Runtime& runtime, std::string directory) : Bundle(std::move(directory)) {
  const Finished spec = runtime.run({"spec", "--bundle", directory_});
  if (spec.status != 0) give_up("spec: " + spec.err);
  config = nlohmann::json::parse(read_file(directory_ + "/config.json"));
  config["process"]["terminal"] = false;
  config["root"]["readonly"] = false;
}

void Bundle::save() const { write_file(directory_ + "/config.json", config.dump(2) + "\n"); }

void Bundle::set_arguments(const std::vector<std::string>& arguments) {
  config["process"]["args"] = arguments;
}

void Bundle::allow_all_capabilities() {
  for (const char* set : {"bounding", "effective", "permitted"})
    config["process"]["capabilities"][set] = kCapabilities;
  config["process"]["noNewPrivileges"] = false;
}

void Bundle::bind_mount(const std::string& source, const std::string& target) {
  fs::create_directories(rootfs() + target);
  config["mounts"].push_back({{"destination", target},
                              {"type", "bind"},
                              {"source", source},
                              {"options", {"rbind", "rw"}}});
}

void Bundle::mount_tmpfs(const std::string& target) {
  fs::create_directories(rootfs() + target);
  config["mounts"].push_back({{"destination", target},
                              {"type", "tmpfs"},
                              {"source", "tmpfs"},
                              {"options", {"nosuid", "nodev", "mode=1777"}}});
}

void Bundle::add_file(const std::string& source, const std::string& target) const {
  const fs::path destination = rootfs() + target;
  fs::create_directories(destination.parent_path());
  fs::copy_file(source, destination, fs::copy_options::overwrite_existing);
}

void Bundle::use_tree(const std::string& tree) {
  fs::create_directories(directory_ + "/upper");
  fs::create_directories(directory_ + "/work");
  const std::string options =
      fmt::format("lowerdir={},upperdir={}/upper,workdir={}/work", tree, directory_, directory_);
  must(mount("overlay", rootfs().c_str(), "overlay", 0, options.c_str()), "overlay of " + tree);
}

}  // namespace stasis::test
