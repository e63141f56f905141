#include "checkpoint/early_areas.h"

#include <algorithm>

namespace stasis::checkpoint {
namespace {

using proc::Mapping;
using proc::MappingDetail;

// Told for a userfaultfd's own watching, which comes and goes with a pre-copy.
bool is_watching(const std::string& code) { return code == "uw" || code == "um" || code == "ui"; }

// Whether both show pages of the same object with the same protection, as two parts of one area do.
bool is_same_object(const Mapping& a, const Mapping& b) {
  return a.read == b.read && a.write == b.write && a.exec == b.exec && a.shared == b.shared &&
         a.dev_major == b.dev_major && a.dev_minor == b.dev_minor && a.inode == b.inode &&
         a.path == b.path && a.deleted == b.deleted &&
         (a.inode == 0 || a.offset - a.start == b.offset - b.start);
}

// Areas of `all` that share an address with `area`.
std::span<const MappingDetail> overlapping(const std::vector<MappingDetail>& all,
                                           const Mapping& area) {
  const auto first = std::ranges::upper_bound(
      all, area.start, {}, [](const MappingDetail& detail) { return detail.mapping.end; });
  auto last = first;
  while (last != all.end() && last->mapping.start < area.end) ++last;
  return {first, last};
}

std::vector<std::string> lasting_codes(const proc::VmFlags& flags) {
  std::vector<std::string> codes;
  std::ranges::remove_copy_if(flags.codes, std::back_inserter(codes), is_watching);
  return codes;
}

}  // namespace

std::optional<std::vector<MappingDetail>> EarlyAreas::details_of(
    const std::vector<Mapping>& now) const {
  std::vector<MappingDetail> details;
  details.reserve(now.size());
  for (const Mapping& area : now) {
    const auto before = overlapping(areas_, area);
    if (before.empty()) return std::nullopt;
    for (const MappingDetail& part : before) {
      if (!is_same_object(part.mapping, area)) return std::nullopt;
      if (part.flags != before.front().flags) return std::nullopt;
    }
    details.push_back({.mapping = area,
                       .flags = before.front().flags,
                       .kernel_page_bytes = before.front().kernel_page_bytes,
                       .protection_key = before.front().protection_key});
  }
  return details;
}

bool confirms(const std::vector<MappingDetail>& used, const std::vector<MappingDetail>& now) {
  return std::ranges::all_of(used, [&](const MappingDetail& area) {
    const auto parts = overlapping(now, area.mapping);
    return !parts.empty() && std::ranges::all_of(parts, [&](const MappingDetail& part) {
      return is_same_object(part.mapping, area.mapping) &&
             lasting_codes(part.flags) == lasting_codes(area.flags);
    });
  });
}

}  // namespace stasis::checkpoint
