#include "workloads/smaps.h"

#include <cstdlib>
#include <sstream>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

std::string without_history(const std::string& flags) {
  std::istringstream in(flags);
  std::string kept;
  for (std::string flag; in >> flag;) {
    if (flag == "sd" || flag == "ac") continue;
    kept += (kept.empty() ? "" : " ") + flag;
  }
  return kept;
}

}  // namespace

SmapsEntry read_smaps(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::istringstream in(read_text("/proc/self/smaps"));
  SmapsEntry entry;
  bool here = false;
  for (std::string line; std::getline(in, line);) {
    unsigned long start = 0, end = 0;
    char permissions[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s ", &start, &end, permissions) == 3) {
      if (here) break;
      here = start <= wanted && wanted < end;
      if (here) entry = {.range = line.substr(0, line.find(' ')), .permissions = permissions};
    } else if (here && line.starts_with("VmFlags:")) {
      entry.flags = without_history(line.substr(8));
    } else if (here && line.starts_with("Rss:")) {
      entry.rss_kib = std::atoll(line.c_str() + 4);
    } else if (here && line.starts_with("Pss:")) {
      entry.pss_kib = std::atoll(line.c_str() + 4);
    }
  }
  return entry;
}

}  // namespace stasis::workload
