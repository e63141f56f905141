// Restores an image into a container that the runtime has prepared: takes over its first process
// and turns it into the process tree of the image. Whatever fails, what was made is traced with
// PTRACE_O_EXITKILL; the caller removes the container around it.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "image/reader.h"
#include "restore/process_tree.h"

namespace stasis::restore {

struct Request {
  const image::ImageReader* image = nullptr;  // its data was verified
  model::NetworkOwner network = model::NetworkOwner::kOther;
  HostPid init;  // blocked, single-threaded, all privileges, in its namespaces
  JoinFn join;   // for processes that `exec` had brought in
  std::array<int, 3> stdio = {0, 1, 2};  // the caller's, for files that came from outside
  std::string console_path;              // of the new console inside; "": none
  int caller_terminal = -1;              // takes the place of terminals from outside; -1: none
};

struct Report {
  std::vector<std::string> warnings;  // what this machine did not let restore
  std::chrono::nanoseconds total{0};
};

Result<Report> restore(const Request& request);

// What restore would do, one step a line; touches nothing.
Result<std::string> describe_restore(const model::Container& container);

}  // namespace stasis::restore
