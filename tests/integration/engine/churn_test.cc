// Checkpoints of containers whose processes and threads come and go.
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

using Churn = ContainerTest;

// Some are just being executed, some end while the container is stopped.
TEST_F(Churn, OfProcessesDoesNotMatter) {
  Bundle bundle = make_bundle();
  bundle.use_tree(find_tree("busybox"));
  bundle.set_arguments({"sh", "-c",
                        "while :; do env true | env cat; (env true &); env sh -c 'env true'; "
                        "i=$((i+1)); echo $i > /tmp/count; done"});
  bundle.save();
  Pipes stdio, restored;
  start_container("c1", bundle, stdio);
  const std::string image = directory() + "/image";
  for (int round = 0; round < 30; ++round)
    checkpoint_container("c1", image + std::to_string(round), {"--leave-running"});
  checkpoint_container("c1", image);
  const std::string count = bundle.rootfs() + "/tmp/count";
  const int saved = std::stoi(read_file(count));
  restore_container("c1", bundle, image, restored);
  // It goes on counting: the next number replaces the file.
  EXPECT_EQ(expect_success({"exec", "c1", "sh", "-c",
                            "until [ \"$(cat /tmp/count)0\" -gt " + std::to_string(saved) +
                                "0 ] 2>/dev/null; do :; done; echo more"})
                .out,
            "more\n");
}

// Numbers begin again from below when they have come to the highest.
TEST_F(Churn, OfThreadNumbersDoesNotMatter) {
  const char* const kLast = "/proc/sys/kernel/ns_last_pid";
  Bundle bundle = make_bundle();
  prepare_workload(bundle, {.name = "threads"});
  bundle.save();
  Pipes stdio, restored;
  write_file(kLast, "5000");
  will_delete("c1");
  EXPECT_EQ(runtime()
                .start({"create", "--bundle", bundle.directory(), "c1"}, stdio.take_other_ends())
                .wait(),
            0)
      << runtime().log();
  write_file(kLast, "2000");
  expect_success({"start", "c1"});
  ASSERT_EQ(stdio.next_line(), "ready");
  checkpoint_container("c1", directory() + "/image");
  restore_container("c1", bundle, directory() + "/image", restored);
  restored.write("v");
  EXPECT_EQ(restored.next_line(), "ok");
}

}  // namespace
}  // namespace stasis::test
