// What `stasis inspect` tells about an image: a tree of plain values, and its text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/reader.h"

namespace stasis::image {

// All areas of one kind, of a process or of the container.
struct MemoryTotal {
  std::string kind;  // as area_kind()
  std::uint64_t areas = 0;
  std::uint64_t mapped_bytes = 0;
  std::uint64_t stored_bytes = 0;  // that extents of these areas name; shared pages count each time
  bool operator==(const MemoryTotal&) const = default;
};

struct FdReport {
  std::int32_t fd = 0;
  std::string kind;         // as kind_of()
  std::string description;  // as describe()
  bool close_on_exec = false;
};

struct ProcessReport {
  int pid = 0, ppid = 0, process_group = 0, session = 0;
  std::string state;  // "running", "stopped", "zombie"
  std::string comm;
  std::vector<std::string> arguments;  // empty when the image does not hold them
  std::string executable;
  std::vector<int> threads;         // thread ids
  std::vector<MemoryTotal> memory;  // sorted by kind
  std::vector<FdReport> fds;
};

struct ImageReport {
  std::string path;
  ImageSummary summary;
  std::vector<ProcessReport> processes;  // parents before children
  std::vector<MemoryTotal> memory;       // of all processes, sorted by kind
  std::vector<std::string> sockets;      // as describe(); the index is the socket's
  std::vector<std::string> network;      // as describe()
  std::uint64_t shared_memory_objects = 0, shared_memory_stored_bytes = 0;
  std::uint64_t tmpfs_mounts = 0, tmpfs_entries = 0, tmpfs_stored_bytes = 0;
  std::uint64_t deleted_files = 0, deleted_files_stored_bytes = 0;
};

Result<ImageReport> make_report(const ImageReader& image);
// Of a container that is not saved: no summary, no arguments, and nothing is stored.
ImageReport make_report(const model::Container& container);

// "2026-01-31 12:00:00 UTC".
std::string time_text(std::int64_t realtime_ns);

// Several lines, ending in a newline. `container` is the one the report was made from.
std::string report_text(const ImageReport& report, const model::Container& container);
// The part of it that a container which is not saved has too.
std::string contents_text(const ImageReport& report);

}  // namespace stasis::image
