#include "memory/page_collector.h"

#include <algorithm>
#include <unordered_map>

#include "memory/page_copier.h"
#include "memory/page_parts.h"
#include "memory/page_scan.h"

namespace stasis::memory {
namespace {

using Fate = PagePart::Fate;

// An area whose pages may be shared with another process: copy-on-write sharing comes from fork,
// which keeps addresses.
bool overlaps_another(const std::vector<PageSource>& sources, const PageSource& source,
                      const model::Vma& area) {
  return std::ranges::any_of(sources, [&](const PageSource& other) {
    if (other.space == source.space) return false;
    const auto& areas = other.space->vmas;
    auto at = std::ranges::upper_bound(areas, area.start, {}, &model::Vma::end);
    for (; at != areas.end() && at->start < area.end; ++at) {
      if (has_own_pages(*at)) return true;
    }
    return false;
  });
}

class Collector {
 public:
  Collector(const std::vector<PageSource>& sources, image::ImageWriter& image)
      : sources_(sources), image_(image) {}

  Result<PageStatistics> run() {
    for (const auto& source : sources_) {
      STASIS_ASSIGN(known_, sys::read_known_categories(source.pagemap_fd));
      for (auto& area : source.space->vmas) {
        area.pages.clear();
        area.guards.clear();
        STASIS_TRY(plan_area(source, area)
                       .context(fmt::format("finding the pages of pid {} at {:#x}-{:#x}",
                                            source.pid.value, area.start, area.end)));
      }
    }
    STASIS_ASSIGN(const CopyResult copied, copy_pages(jobs_, image_));
    for (std::size_t job = 0; job < jobs_.size(); ++job) {
      auto& area = *job_areas_[job];
      if (!copied.zero_ranges[job].empty()) {
        area.pages = subtract(area.pages, copied.zero_ranges[job]);
      }
    }
    return statistics_;
  }

 private:
  // Guard pages are told like pages that are swapped out (a marker is in their place).
  static void add_guard(model::Vma& area, const sys::PageRange& range) {
    if (!area.guards.empty() && area.guards.back().end == range.start) {
      area.guards.back().end = range.end;
    } else {
      area.guards.push_back({range.start, range.end});
    }
  }

  Result<void> find_guards(const PageSource& source, model::Vma& area) {
    const bool mapped =
        area.kind == model::VmaKind::kFile || area.kind == model::VmaKind::kSharedMemory;
    if (!mapped || (known_ & sys::kPageGuard) == 0) return {};
    STASIS_ASSIGN(const auto ranges, sys::scan_pages(source.pagemap_fd, plan_guards_scan(area)));
    for (const auto& range : ranges) add_guard(area, range);
    return {};
  }

  Result<void> plan_area(const PageSource& source, model::Vma& area) {
    if (!has_own_pages(area)) return find_guards(source, area);
    STASIS_ASSIGN(const auto ranges,
                  sys::scan_pages(source.pagemap_fd, plan_saved_pages_scan(area, known_)));
    std::vector<PagePart> parts;
    const bool may_share = overlaps_another(sources_, source, area);
    for (const auto& range : ranges) {
      if ((range.categories & sys::kPageGuard) != 0) {
        add_guard(area, range);
        continue;
      }
      for (const auto& part : plan_parts(range, source.pre_copied)) {
        if (may_share) {
          STASIS_TRY(add_by_frame(source, part, parts));
        } else {
          parts.push_back(part);
        }
      }
    }
    STASIS_TRY(give_slots(parts));
    finish_area(source, area, parts);
    return {};
  }

  // Splits off the pages that are (or may turn out to be) another process's too.
  Result<void> add_by_frame(const PageSource& source, const PagePart& part,
                            std::vector<PagePart>& parts) {
    std::vector<sys::PagemapEntry> entries(part.bytes() / model::kPageSize);
    STASIS_TRY(sys::read_pagemap(source.pagemap_fd, part.start, entries));
    std::uint64_t plain_from = part.start;
    const auto flush = [&](std::uint64_t end) {
      if (plain_from < end) parts.push_back(cut(part, plain_from, end));
    };
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::uint64_t key = frame_key(entries[i]);
      if (key == 0) continue;
      const std::uint64_t address = part.start + i * model::kPageSize;
      flush(address);
      plain_from = address + model::kPageSize;
      PagePart page = cut(part, address, plain_from);
      page.frame_key = key;
      if (const auto known = slot_of_frame_.find(key); known != slot_of_frame_.end()) {
        page.fate = Fate::kShare;
        page.slot = known->second;
      }
      parts.push_back(page);
    }
    flush(part.end);
    return {};
  }

  static PagePart cut(const PagePart& part, std::uint64_t start, std::uint64_t end) {
    PagePart piece = part;
    piece.start = start;
    piece.end = end;
    if (part.slot) piece.slot = *part.slot + (start - part.start);
    return piece;
  }

  Result<void> give_slots(std::vector<PagePart>& parts) {
    std::uint64_t wanted = 0;
    for (const auto& part : parts) wanted += part.slot ? 0 : part.bytes();
    std::uint64_t next = 0;
    if (wanted != 0) {
      STASIS_ASSIGN(next, image_.allocate(wanted));
    }
    for (auto& part : parts) {
      if (!part.slot) part.slot = std::exchange(next, next + part.bytes());
      if (part.frame_key != 0) slot_of_frame_.emplace(part.frame_key, *part.slot);
    }
    return {};
  }

  void finish_area(const PageSource& source, model::Vma& area, const std::vector<PagePart>& parts) {
    const bool anonymous = area.kind == model::VmaKind::kAnonymous;
    CopyJob single{source.memory_fd, {}, anonymous ? ZeroPages::kSkip : ZeroPages::kStore};
    // Others may refer to the slot by now, so that pages of zeros stay, too.
    CopyJob shared{source.memory_fd, {}, ZeroPages::kStore};
    for (const auto& part : parts) {
      const model::DataExtent extent{part.start, part.bytes(), *part.slot};
      append_extent(area.pages, extent);
      switch (part.fate) {
        case Fate::kCopy:
          append_extent(part.frame_key == 0 ? single.pages : shared.pages, extent);
          statistics_.copied_bytes += part.bytes();
          break;
        case Fate::kKeep:
          statistics_.pre_copied_bytes += part.bytes();
          break;
        case Fate::kShare:
          statistics_.shared_bytes += part.bytes();
          break;
      }
    }
    add_job(std::move(single), area);
    add_job(std::move(shared), area);
  }

  void add_job(CopyJob job, model::Vma& area) {
    if (job.pages.empty()) return;
    jobs_.push_back(std::move(job));
    job_areas_.push_back(&area);
  }

  const std::vector<PageSource>& sources_;
  image::ImageWriter& image_;
  std::unordered_map<std::uint64_t, std::uint64_t> slot_of_frame_;
  std::vector<CopyJob> jobs_;
  std::vector<model::Vma*> job_areas_;
  PageStatistics statistics_;
  std::uint64_t known_ = 0;  // page categories of this kernel
};

}  // namespace

Result<PageStatistics> collect_pages(const std::vector<PageSource>& sources,
                                     image::ImageWriter& image) {
  return Collector(sources, image).run();
}

}  // namespace stasis::memory
