// The fixture of tests that fail and kill the runtime: a container with a workload, commands with a
// fault point set, and what must hold afterwards.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/observed_processes.h"
#include "integration/support/workload_table.h"

namespace stasis::test {

class FaultsTest : public ContainerTest {
 protected:
  // Runs the workload as container "c1" and keeps its pipes.
  void start_workload(const std::string& name) {
    bundle_ = std::make_unique<Bundle>(make_bundle());
    prepare_workload(*bundle_, WorkloadCase{.name = name});
    start_container("c1", *bundle_, new_stdio());
    ASSERT_EQ(stdio_->next_line(), "ready");
    pid_ = container_pid("c1");
  }

  Pipes& new_stdio() {
    stdio_ = std::make_unique<Pipes>();
    return *stdio_;
  }
  void expect_verified() {
    stdio_->write("v");
    EXPECT_EQ(stdio_->next_line(), "ok");
  }

  std::string image() const { return directory() + "/image"; }
  std::vector<std::string> checkpoint_arguments(const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> arguments{"checkpoint", "--image-path", image()};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.emplace_back("c1");
    return arguments;
  }
  // To the end of the command and, as that has the same output pipes, of its worker.
  Finished run_with_fault(const std::vector<std::string>& arguments,
                          const std::string& fault) const {
    return runtime().run(arguments, {.environment = {"STASIS_FAULT=" + fault}});
  }

  // The container runs, is the same one, does its work, and there is no trace of an image.
  void expect_as_it_was() {
    EXPECT_EQ(container_status("c1"), "running");
    EXPECT_EQ(container_pid("c1"), pid_);
    EXPECT_THAT(list_tree(image()), testing::IsEmpty());
    expect_verified();
  }

  void restore_again() {
    restore_container("c1", *bundle_, image(), new_stdio());
    expect_verified();
    pid_ = container_pid("c1");
  }
  // Whatever happened before, all works.
  void expect_round_trip() {
    checkpoint_container("c1", image());
    restore_again();
  }

  std::unique_ptr<Bundle> bundle_;
  std::unique_ptr<Pipes> stdio_;
  pid_t pid_ = -1;
};

}  // namespace stasis::test
