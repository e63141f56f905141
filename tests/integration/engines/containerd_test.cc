// containerd by its own client, with stasis as the runc binary of its shim.
#include <gmock/gmock.h>

#include "integration/engines/dockerd.h"
#include "integration/engines/engine.h"
#include "integration/support/files.h"
#include "integration/support/runtime.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

constexpr const char* kImage = "docker.io/library/busybox:latest";

// A daemon of its own would be one more start: dockerd's has other namespaces for others.
const Engine& start_containerd() {
  static const Engine client = [] {
    const Engine& docker = start_dockerd();
    const std::string archive = engine_directory() + "/image.tar";
    docker.output({"save", "--output", archive, "busybox"});
    Engine ctr({"ctr", "--address", containerd_socket(), "--namespace", "test"}, {});
    ctr.output({"images", "import", archive});
    return ctr;
  }();
  return client;
}

class Containerd : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* id : {"one", "two"}) {
      ctr().run({"tasks", "kill", "--signal", "KILL", id});
      ctr().run({"tasks", "delete", "--force", id});
      ctr().run({"containers", "delete", id});
    }
    EXPECT_EQ(ctr().output({"containers", "list", "--quiet"}), "");
  }
  static const Engine& ctr() { return start_containerd(); }
  static Words run_words(const Words& flags, const std::string& id, const std::string& script) {
    Words words{"run", "--runc-binary", Runtime::binary()};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {kImage, id, "sh", "-c", script});
    return words;
  }
  static std::string exec(const std::string& id, const std::string& script) {
    return ctr().output(
        {"tasks", "exec", "--exec-id", "e" + std::to_string(++execs_), id, "sh", "-c", script});
  }
  // Counts into a file of its root filesystem, which a checkpoint of containerd's has as well.
  static void start_counting(const std::string& id) {
    ctr().output(run_words({"--detach"}, id,
                           "i=0; while :; do i=$((i+1)); echo $i >/count; sleep 0.1; done"));
    wait_for_count_after(id, 3);
  }
  static int count(const std::string& id) { return std::atoi(exec(id, "cat /count").c_str()); }
  static void wait_for_count_after(const std::string& id, int after) {
    const auto words = Words{"tasks", "exec", "--exec-id", "w" + std::to_string(++execs_),
                             id,      "sh",   "-c",        "cat /count"};
    ctr().wait_until(words,
                     [&](const std::string& text) { return std::atoi(text.c_str()) > after; });
  }
  static std::string status(const std::string& id) {
    for (const std::string& line : split_lines(ctr().output({"tasks", "list"}))) {
      if (line.starts_with(id + " ")) return line.substr(line.rfind(' ') + 1);
    }
    return "none";
  }

 private:
  static inline int execs_ = 0;
};

TEST_F(Containerd, RunsToItsEnd) {
  const Finished finished = ctr().run(run_words({"--rm"}, "one", "echo out; exit 7"));
  EXPECT_EQ(finished.out, "out\n");
  EXPECT_EQ(finished.status, 7);
}

TEST_F(Containerd, PausesResumesMeasuresAndKills) {
  start_counting("one");
  ctr().output({"tasks", "pause", "one"});
  EXPECT_EQ(status("one"), "PAUSED");
  ctr().output({"tasks", "resume", "one"});
  EXPECT_EQ(status("one"), "RUNNING");
  wait_for_count_after("one", count("one"));
  EXPECT_THAT(ctr().output({"tasks", "metrics", "one"}), HasSubstr("memory.usage_in_bytes"));
  EXPECT_THAT(ctr().output({"tasks", "ps", "one"}), HasSubstr("PID"));
  ctr().output({"tasks", "kill", "--signal", "KILL", "one"});
  ctr().wait_until({"tasks", "list"}, [](const std::string& text) {
    return text.find("STOPPED") != std::string::npos;
  });
}

TEST_F(Containerd, ACheckpointOfATaskIsRestored) {
  start_counting("one");
  ctr().output({"containers", "checkpoint", "--rw", "--image", "--task", "one", "saved"});
  EXPECT_EQ(status("one"), "RUNNING");
  const int saved = count("one");
  ctr().output({"tasks", "kill", "--signal", "KILL", "one"});
  ctr().wait_until({"tasks", "list"}, [](const std::string& text) {
    return text.find("STOPPED") != std::string::npos;
  });
  ctr().output({"tasks", "delete", "one"});
  ctr().output({"containers", "delete", "one"});
  ctr().output({"containers", "restore", "--rw", "--live", "two", "saved"});
  wait_for_count_after("two", saved);
  EXPECT_EQ(status("two"), "RUNNING");
}

}  // namespace
}  // namespace stasis::test
