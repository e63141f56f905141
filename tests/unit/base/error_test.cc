#include "base/error.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "base/result.h"

namespace stasis {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorKind::kInvalidArgument, "{} is odd", value);
  return value / 2;
}

Result<int> quarter(int value) {
  STASIS_ASSIGN(const int first, half(value));
  STASIS_ASSIGN(const int second, half(first).context("halving twice"));
  return second;
}

TEST(Error, FromErrnoNamesCallAndErrno) {
  const auto error = Error::from_errno("openat '/x'", ENOENT);
  EXPECT_EQ(error.message(), "openat '/x': ENOENT");
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_EQ(error.error_number(), ENOENT);
}

TEST(Error, ContextKeepsKindAndErrno) {
  const auto error = Error::from_errno("kill 3", ESRCH).context("stopping pid 3");
  EXPECT_EQ(error.message(), "stopping pid 3: kill 3: ESRCH");
  EXPECT_EQ(error.kind(), ErrorKind::kTaskDied);
  EXPECT_EQ(error.error_number(), ESRCH);
}

TEST(Result, PropagatesThroughAssignAndAddsContext) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_EQ(quarter(6).error().message(), "halving twice: 3 is odd");
  EXPECT_EQ(quarter(5).error().message(), "5 is odd");
}

}  // namespace
}  // namespace stasis
