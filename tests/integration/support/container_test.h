// The fixture of tests that run containers: a directory, a --root and ids of its own, and at the
// end the proof that nothing is left: no process, cgroup, mount or file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/support/bundle.h"
#include "integration/support/cgroups.h"
#include "integration/support/program.h"
#include "integration/support/runtime.h"

namespace stasis::test {

// What exists in the sandbox outside of the test's directory.
struct Leftovers {
  std::vector<std::string> processes, cgroups, mounts, files;
};

class ContainerTest : public testing::Test {
 protected:
  ContainerTest();
  void SetUp() override;
  // Deletes every container that was started, then compares with what was there before.
  void TearDown() override;

  const std::string& directory() const { return directory_; }
  const Runtime& runtime() const { return *runtime_; }
  // A new bundle in the test's directory.
  Bundle make_bundle(const std::string& name = "bundle") const;

  // `stasis run --detach` with the pipes of `stdio`; expects success.
  void start_container(const std::string& id, const Bundle& bundle, Pipes& stdio);
  // `stasis restore --detach`, likewise.
  void restore_container(const std::string& id, const Bundle& bundle, const std::string& image,
                         Pipes& stdio, const std::vector<std::string>& more = {});
  // `stasis checkpoint` with `more` flags; expects success.
  void checkpoint_container(const std::string& id, const std::string& image,
                            const std::vector<std::string>& more = {});
  void delete_container(const std::string& id);
  // `stasis state` knows nobody of that name.
  void expect_gone(const std::string& id) const;
  // The "status" of `stasis state`, and its "pid".
  std::string container_status(const std::string& id) const;
  pid_t container_pid(const std::string& id) const;
  // A run of the runtime that must succeed; the failure shows what it printed and logged.
  Finished expect_success(const std::vector<std::string>& arguments) const;
  // While no container is there: what exists in the sandbox is what existed before the test.
  void expect_nothing_left() const;
  // Deleted with --force at the end of the test.
  void will_delete(const std::string& id) { ids_.push_back(id); }

 private:
  void run_detached(const std::string& id, std::vector<std::string> arguments, Pipes& stdio);
  Leftovers look_around() const;

  std::string directory_;
  std::unique_ptr<Runtime> runtime_;
  std::vector<Hierarchy> hierarchies_;
  std::vector<std::string> ids_;
  Leftovers before_;
};

}  // namespace stasis::test
