#include "runtime/worker_report.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace stasis::runtime {
namespace {

TEST(WorkerReport, CarriesTexts) {
  for (const std::string text : {"", "two\nlines\n", "error 1 2 3\n"}) {
    const auto decoded = decode_report(encode_report(Result<std::string>(text)));
    ASSERT_TRUE(decoded.has_value() && decoded->has_value()) << text;
    EXPECT_EQ(**decoded, text);
  }
}

TEST(WorkerReport, CarriesErrors) {
  const Result<std::string> report(Error::from_errno("pwrite 3", ENOSPC).context("a\nb"));
  const auto decoded = decode_report(encode_report(report));
  ASSERT_TRUE(decoded.has_value() && !decoded->has_value());
  EXPECT_EQ(decoded->error().kind(), ErrorKind::kKernel);
  EXPECT_EQ(decoded->error().error_number(), ENOSPC);
  EXPECT_EQ(decoded->error().message(), "a\nb: pwrite 3: ENOSPC");
}

TEST(WorkerReport, CarriesKindsWithoutErrno) {
  const Result<std::string> report(fail(ErrorKind::kInterrupted, "no more"));
  const auto decoded = decode_report(encode_report(report));
  ASSERT_TRUE(decoded.has_value() && !decoded->has_value());
  EXPECT_EQ(decoded->error().kind(), ErrorKind::kInterrupted);
}

TEST(WorkerReport, IsNothingUntilWhole) {
  const auto whole = encode_report(Result<std::string>(fail(ErrorKind::kTimeout, "too late")));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_report(whole.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(decode_report(whole + "x").has_value());
  EXPECT_FALSE(decode_report("error 99 0 0\n").has_value());
  EXPECT_FALSE(decode_report("maybe 0\n").has_value());
}

}  // namespace
}  // namespace stasis::runtime
