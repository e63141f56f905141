// Socket activation (LISTEN_FDS) and --preserve-fds: which of the caller's descriptors a process
// in the container has, and what it is told of them.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "integration/support/busybox_test.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

// Prints LISTEN_* and the files behind descriptors 3 and up. The shell's own listing has one more.
constexpr const char* kLook =
    "env | grep ^LISTEN_ | sort; for fd in 3 4 5 6; do readlink /proc/$$/fd/$fd; done; true";

class PassedDescriptors : public BusyboxTest {
 protected:
  // "stasis WORDS", after `script` has made descriptors and variables for it: $$ is its pid.
  Finished run_after(const std::string& script, const std::vector<std::string>& words) const {
    std::vector<std::string> all{"/bin/bash",         "-c",     script + "; exec \"$@\"", "bash",
                                 Runtime::binary(),   "--root", directory() + "/root",    "--log",
                                 directory() + "/log"};
    all.insert(all.end(), words.begin(), words.end());
    return run_program(all);
  }
  Finished look_after(const std::string& script, std::vector<std::string> flags = {}) {
    bundle().set_arguments({"/bin/sh", "-c", kLook});
    bundle().save();
    will_delete("c1");
    flags.insert(flags.begin(), "run");
    flags.insert(flags.end(), {"--bundle", bundle().directory(), "c1"});
    return run_after(script, flags);
  }
};

TEST_F(PassedDescriptors, ThoseOfSocketActivationComeBeforeThePreservedOnes) {
  const Finished run = look_after(
      "exec 3</etc/passwd 4</etc/group 5</etc/hosts; "
      "export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:log",
      {"--preserve-fds", "1"});
  EXPECT_EQ(run.out,
            "LISTEN_FDNAMES=web:log\nLISTEN_FDS=2\nLISTEN_PID=1\n"
            "/etc/passwd\n/etc/group\n/etc/hosts\n");
}

TEST_F(PassedDescriptors, WithoutSocketActivationThePreservedOnesAreTheFirst) {
  EXPECT_EQ(look_after("exec 3</etc/passwd 4</etc/group", {"--preserve-fds", "1"}).out,
            "/etc/passwd\n");
}

TEST_F(PassedDescriptors, VariablesForAnotherProcessAreIgnored) {
  EXPECT_EQ(look_after("exec 3</etc/passwd; export LISTEN_PID=2 LISTEN_FDS=1").out, "");
  EXPECT_EQ(look_after("exec 3</etc/passwd; export LISTEN_FDS=1").out, "");
}

// podman writes LISTEN_PID for the container's process before the runtime is started.
TEST_F(PassedDescriptors, VariablesForPid1AreTheContainers) {
  EXPECT_EQ(look_after("exec 3</etc/passwd; export LISTEN_PID=1 LISTEN_FDS=1").out,
            "LISTEN_FDS=1\nLISTEN_PID=1\n/etc/passwd\n");
}

TEST_F(PassedDescriptors, MustBeOpen) {
  EXPECT_EQ(look_after("exec 3>&-; export LISTEN_PID=$$ LISTEN_FDS=1").status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("LISTEN_FDS 1: descriptor 3 is not open"));
  EXPECT_EQ(look_after("exec 3</etc/passwd 4>&-; export LISTEN_PID=$$ LISTEN_FDS=1",
                       {"--preserve-fds", "1"})
                .status,
            1);
  EXPECT_THAT(runtime().log(), HasSubstr("--preserve-fds 1: descriptor 4 is not open"));
}

TEST_F(PassedDescriptors, ACreatedContainerHasThemWhenItStarts) {
  const std::string output = directory() + "/tmp/output";
  bundle().set_arguments({"/bin/sh", "-c", kLook});
  bundle().save();
  will_delete("c1");
  const Finished created =
      run_after("exec 3</etc/passwd >" + output + " 2>&1; export LISTEN_PID=$$ LISTEN_FDS=1",
                {"create", "--bundle", bundle().directory(), "c1"});
  ASSERT_EQ(created.status, 0) << created.err;
  expect_success({"start", "c1"});
  runtime().run({"wait", "c1"});  // fails if it has ended before
  EXPECT_EQ(run_program({"/bin/cat", output}).out, "LISTEN_FDS=1\nLISTEN_PID=1\n/etc/passwd\n");
}

TEST_F(PassedDescriptors, ExecPassesPreservedOnesOnly) {
  start_sleeper();
  const std::string script = "exec 3</etc/passwd 4</etc/group; export LISTEN_PID=$$ LISTEN_FDS=1";
  EXPECT_EQ(run_after(script, {"exec", "c1", "/bin/sh", "-c", kLook}).out, "");
  EXPECT_EQ(run_after(script, {"exec", "--preserve-fds", "2", "c1", "/bin/sh", "-c", kLook}).out,
            "/etc/passwd\n/etc/group\n");
}

TEST_F(PassedDescriptors, AProgramTakesConnectionsAtTheListeningSocket) {
  Bundle python = make_bundle("python");
  python.use_tree(find_tree("python3"));
  python.set_arguments({"/usr/bin/python3", "-S", "-c",
                        "import socket; peer, _ = socket.socket(fileno=3).accept(); "
                        "peer.sendall(b'hello from inside')"});
  python.save();
  sockaddr_un address{AF_UNIX, {}};
  const std::string path = directory() + "/tmp/listener";
  std::memcpy(address.sun_path, path.data(), path.size());
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  const UniqueFd listener(must(socket(AF_UNIX, SOCK_STREAM, 0), "socket"));
  must(bind(listener.get(), name, sizeof(address)), "bind");
  must(listen(listener.get(), 1), "listen");
  const UniqueFd client(must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  must(connect(client.get(), name, sizeof(address)), "connect");

  will_delete("c1");
  const Finished run =
      run_after(fmt::format("exec 3<&{}; export LISTEN_PID=$$ LISTEN_FDS=1", listener.get()),
                {"run", "--bundle", python.directory(), "c1"});
  EXPECT_EQ(run.status, 0) << run.err;
  char text[64] = {};
  must(read(client.get(), text, sizeof(text) - 1), "read");
  EXPECT_STREQ(text, "hello from inside");
}

}  // namespace
}  // namespace stasis::test
