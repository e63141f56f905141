#include "memory/area.h"

#include <sys/mman.h>

#include <gtest/gtest.h>

namespace stasis::memory {
namespace {

proc::MappingDetail anonymous(std::vector<std::string> flags) {
  proc::MappingDetail detail;
  detail.mapping.start = 0x1000;
  detail.mapping.end = 0x3000;
  detail.mapping.read = detail.mapping.write = true;
  detail.flags.codes = std::move(flags);
  return detail;
}

TEST(DescribeArea, TakesFlagsOver) {
  auto detail = anonymous({"rd", "wr", "gd", "lo", "lf", "nr", "dc", "hg"});
  detail.mapping.path = "[anon:arena]";
  const auto area = describe_area(detail);
  EXPECT_EQ(area.kind, model::VmaKind::kAnonymous);
  EXPECT_EQ(area.protection, model::kProtRead | model::kProtWrite);
  EXPECT_TRUE(area.grows_down && area.locked && area.locked_on_fault && area.no_reserve);
  EXPECT_EQ(area.advice, (std::vector<std::uint32_t>{MADV_DONTFORK, MADV_HUGEPAGE}));
  EXPECT_EQ(area.name, "arena");
}

TEST(DescribeArea, KnowsTheVdsoByNameOnlyWithoutAFile) {
  auto detail = anonymous({"rd", "ex", "de"});
  detail.mapping.path = "[vdso]";
  EXPECT_EQ(describe_area(detail).kind, model::VmaKind::kVdso);
  detail.mapping.inode = 7;
  EXPECT_EQ(describe_area(detail).kind, model::VmaKind::kFile);
}

TEST(FindProblem, NamesWhatCannotBeSaved) {
  const auto problem_of = [](std::vector<std::string> flags, std::string path = "") {
    auto detail = anonymous(std::move(flags));
    if (!path.empty()) detail.mapping.inode = 5;
    detail.mapping.path = std::move(path);
    const auto problem = find_problem(detail, UserfaultfdOwner::kProgram);
    return problem ? problem->what : std::string("none");
  };
  EXPECT_EQ(problem_of({"rd", "wr"}), "none");
  EXPECT_EQ(problem_of({"io", "pf"}), "memory of a device");
  EXPECT_EQ(problem_of({"uw"}), "memory that a userfaultfd watches");
  EXPECT_EQ(problem_of({}, "anon_inode:[io_uring]"), "an io_uring");
  EXPECT_EQ(problem_of({}, "/[aio]"), "a ring of asynchronous I/O (io_setup)");
  EXPECT_EQ(problem_of({"ht"}), "none");
  EXPECT_EQ(problem_of({"ht"}, "/dev/hugepages/x"), "shared memory in huge pages (hugetlbfs)");
}

TEST(FindProblem, PassesOverOurOwnUserfaultfd) {
  EXPECT_EQ(find_problem(anonymous({"uw"}), UserfaultfdOwner::kStasis), std::nullopt);
}

TEST(DescribeArea, TakesPrivateHugePagesForAnonymousMemory) {
  auto detail = anonymous({"rd", "wr", "ht"});
  detail.mapping.inode = 7;
  detail.mapping.path = "/anon_hugepage";
  detail.mapping.deleted = true;
  detail.kernel_page_bytes = 2 << 20;
  const auto area = describe_area(detail);
  EXPECT_EQ(area.kind, model::VmaKind::kAnonymous);
  EXPECT_TRUE(area.huge_tlb);
  EXPECT_EQ(area.huge_page_bytes, 2u << 20);
  EXPECT_EQ(find_problem(detail, UserfaultfdOwner::kProgram), std::nullopt);
  detail.flags.codes.pop_back();  // a file that only has the name
  EXPECT_EQ(describe_area(detail).kind, model::VmaKind::kFile);
}

TEST(FindProblem, RefusesProtectionKeysButForExecuteOnlyMemory) {
  auto detail = anonymous({"rd", "wr"});
  detail.protection_key = 0;
  EXPECT_EQ(find_problem(detail, UserfaultfdOwner::kProgram), std::nullopt);
  detail.protection_key = 2;
  EXPECT_EQ(find_problem(detail, UserfaultfdOwner::kProgram)->what,
            "memory with a protection key (pkey_mprotect)");
  detail.mapping.read = detail.mapping.write = false;
  detail.mapping.exec = true;
  EXPECT_EQ(find_problem(detail, UserfaultfdOwner::kProgram), std::nullopt);
}

TEST(MergeNeighbours, JoinsEqualAreasAndContinuedFiles) {
  model::Vma first{.start = 0x1000, .end = 0x2000, .protection = 1};
  model::Vma second{.start = 0x2000, .end = 0x3000, .protection = 1};
  model::Vma other{.start = 0x3000, .end = 0x4000, .protection = 3};
  EXPECT_EQ(merge_neighbours({first, second, other}).size(), 2u);
  first.kind = second.kind = model::VmaKind::kFile;
  second.file_offset = 0x1000;
  EXPECT_EQ(merge_neighbours({first, second}).size(), 1u);
  second.file_offset = 0x5000;
  EXPECT_EQ(merge_neighbours({first, second}).size(), 2u);
}

TEST(ToString, ReadsLikeALineOfMaps) {
  const model::Vma area{
      .start = 0x1000, .end = 0x2000, .protection = 5, .locked = true, .advice = {14}};
  EXPECT_EQ(to_string(area), "1000-2000 r-xp 0, locked, MADV 14");
}

}  // namespace
}  // namespace stasis::memory
