#include "restore/sysv_attachments.h"

#include <sys/shm.h>

#include <gtest/gtest.h>

namespace stasis::restore {
namespace {

constexpr std::uint64_t kPage = model::kPageSize;
constexpr std::uint64_t kBase = 0x10000000;

class PlanAttachments : public testing::Test {
 protected:
  PlanAttachments() {
    container_.shared_memory.push_back({.kind = model::SharedMemoryKind::kMemfd});
    container_.shared_memory.push_back({.kind = model::SharedMemoryKind::kSysv,
                                        .content = {.size = 8 * kPage - 100, .extents = {}},
                                        .sysv_id = 77});
  }

  void add(std::uint64_t first_page, std::uint64_t end_page, std::uint32_t protection,
           std::uint32_t memory = 1) {
    model::Vma area;
    area.start = kBase + first_page * kPage;
    area.end = kBase + end_page * kPage;
    area.file_offset = first_page * kPage;
    area.protection = protection;
    area.kind = model::VmaKind::kSharedMemory;
    area.shared = true;
    area.shared_memory = memory;
    wanted_.push_back(areas_.size());
    areas_.push_back(area);
  }

  std::vector<Attachment> plan() const { return plan_attachments(container_, areas_, wanted_); }

  model::Container container_;
  std::vector<model::Vma> areas_;
  std::vector<std::size_t> wanted_;
};

constexpr std::uint32_t kReadWrite = model::kProtRead | model::kProtWrite;

TEST_F(PlanAttachments, AttachesAWholeSegmentOnce) {
  add(0, 8, kReadWrite);
  const auto plan = this->plan();
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].id, 77U);
  EXPECT_EQ(plan[0].start, kBase);
  EXPECT_EQ(plan[0].flags, 0);
  EXPECT_TRUE(plan[0].unmap.empty());
  EXPECT_TRUE(plan[0].protect.empty());
}

TEST_F(PlanAttachments, CutsOutWhatIsNotMapped) {
  add(1, 2, kReadWrite);
  add(3, 4, model::kProtRead);
  const auto plan = this->plan();
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].start, kBase);
  const std::vector<memory::AddressRange> gaps = {{kBase, kBase + kPage},
                                                  {kBase + 2 * kPage, kBase + 3 * kPage},
                                                  {kBase + 4 * kPage, kBase + 8 * kPage}};
  EXPECT_EQ(plan[0].unmap, gaps);
  ASSERT_EQ(plan[0].protect.size(), 1U);
  EXPECT_EQ(plan[0].protect[0].range.start, kBase + 3 * kPage);
  EXPECT_EQ(plan[0].protect[0].protection, model::kProtRead);
}

TEST_F(PlanAttachments, IsReadOnlyOnlyWhereItCanNeverBeWritten) {
  add(0, 8, model::kProtRead);
  EXPECT_EQ(plan()[0].flags, 0);
  EXPECT_EQ(plan()[0].protect.size(), 1U);
  areas_[0].read_only_backing = true;
  EXPECT_EQ(plan()[0].flags, SHM_RDONLY);
  EXPECT_TRUE(plan()[0].protect.empty());
}

TEST_F(PlanAttachments, TellsTwoAttachmentsApart) {
  add(0, 8, kReadWrite);
  add(0, 8, kReadWrite);
  areas_[1].start += 16 * kPage;
  areas_[1].end += 16 * kPage;
  add(32, 33, kReadWrite, 0);  // a memfd
  const auto plan = this->plan();
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[1].start, kBase + 16 * kPage);
}

}  // namespace
}  // namespace stasis::restore
