// A whole container as an image holds it. Plain values; indexes refer to the vectors of Container.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/data.h"
#include "model/filesystem.h"
#include "model/ipc.h"
#include "model/memory.h"
#include "model/network.h"
#include "model/open_file.h"
#include "model/socket.h"
#include "model/task.h"

namespace stasis::model {

// What a restoring machine must match, or must have at least.
struct HostFacts {
  std::string architecture;  // "x86_64"
  std::uint64_t page_size = kPageSize;
  std::string kernel;           // uname -r, for people only
  std::string hostname;         // where it was made, for people only
  std::uint64_t xfeatures = 0;  // XCR0: state components that saved threads may use
  std::uint64_t xstate_bytes = 0;
  std::uint64_t vdso_hash = 0;  // xxh3 of the vDSO's bytes: equal means the same entry points
  std::uint64_t vdso_bytes = 0;
  bool operator==(const HostFacts&) const = default;
};

// The container's clocks at the moment of the checkpoint, as its time namespace shows them.
struct Clocks {
  std::int64_t realtime_ns = 0;
  std::int64_t monotonic_ns = 0;
  std::int64_t boottime_ns = 0;
  bool operator==(const Clocks&) const = default;
};

struct CheckpointInfo {
  std::string id;    // the container's at the checkpoint
  std::string uuid;  // of this image, 36 characters
  std::string tool;  // "stasis 0.1.0"
  bool left_running = false;
  bool tcp_established = false;
  std::string oci_config;  // config.json text; restore's default when the bundle has none
  std::map<std::string, std::string> annotations;
  bool operator==(const CheckpointInfo&) const = default;
};

struct Container {
  CheckpointInfo info;
  HostFacts host;
  Clocks clocks;
  std::vector<Process> processes;  // parents before children
  std::vector<OpenFile> open_files;
  std::vector<Pipe> pipes;
  std::vector<Socket> sockets;
  std::vector<Tty> ttys;
  std::vector<MappedFile> mapped_files;
  std::vector<SharedMemory> shared_memory;
  std::vector<GhostFile> ghost_files;
  std::vector<TmpfsMount> tmpfs;
  std::vector<SeccompFilter> seccomp_filters;
  Ipc ipc;
  std::optional<Network> network;  // of a network namespace that is the container's own
  bool operator==(const Container&) const = default;
};

}  // namespace stasis::model
