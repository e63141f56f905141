// docker run: what the flags do, seen from inside of the container.
#include <gmock/gmock.h>

#include "integration/engines/dockerd.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class DockerRun : public DockerTest {};

TEST_F(DockerRun, ExitStatuses) {
  const auto status = [](const Words& command) {
    Words words{"--rm", kImage};
    words.insert(words.end(), command.begin(), command.end());
    return docker_run(words).status;
  };
  EXPECT_EQ(status({"sh", "-c", "exit 3"}), 3);
  EXPECT_EQ(status({"sh", "-c", "sh -c 'kill -9 $$'; exit $?"}), 137);
  EXPECT_EQ(status({"no-such-program"}), 127);
  EXPECT_EQ(status({"/etc/passwd"}), 126);
  EXPECT_EQ(status({"/etc"}), 126);
  EXPECT_EQ(docker_run({"--rm", "--user", "nobody-knows", kImage, "true"}).status, 125);
}

TEST_F(DockerRun, ErrorsAreTheRuntimesSentence) {
  const Finished finished = docker_run({"--rm", kImage, "no-such-program"});
  EXPECT_THAT(finished.err, HasSubstr("OCI runtime create failed: exec no-such-program: "
                                      "executable file not found in $PATH"));
}

TEST_F(DockerRun, BindMountsThatDoNotFitSayWhatToDo) {
  const Finished finished = docker_run({"--rm", "--volume", "/etc/passwd:/mnt", kImage, "true"});
  EXPECT_EQ(finished.status, 125);
  EXPECT_THAT(finished.err,
              HasSubstr("mounts[7] '/mnt': not a directory: '/etc/passwd' is a file, and '/mnt' "
                        "in the container a directory"));
  EXPECT_THAT(finished.err, HasSubstr("Are you trying to mount a directory onto a file"));
}

TEST_F(DockerRun, StreamsAreSeparateAndBinary) {
  const Finished finished =
      docker_run({"--rm", "--interactive", kImage, "sh", "-c", "echo error >&2; cat"},
                 std::string("a\0b\r\n", 5));
  EXPECT_EQ(finished.out, std::string("a\0b\r\n", 5));
  EXPECT_EQ(finished.err, "error\n");
}

TEST_F(DockerRun, Users) {
  EXPECT_EQ(in_shell({"--user", "33:5", "--group-add", "4"}, "id -u; id -g; id -G"), "33\n5\n5 4");
  EXPECT_EQ(in_shell({"--user", "www-data"}, "echo $HOME"), "/var/www");
}

TEST_F(DockerRun, Capabilities) {
  const std::string effective = "sed -n 's/^CapEff:.//p' /proc/self/status";
  EXPECT_EQ(in_shell({"--cap-drop", "ALL"}, effective), "0000000000000000");
  EXPECT_EQ(in_shell({"--cap-drop", "ALL", "--cap-add", "NET_ADMIN"}, effective),
            "0000000000001000");
  EXPECT_EQ(in_shell({}, effective), "00000000a80425fb");
}

TEST_F(DockerRun, NoNewPrivileges) {
  EXPECT_EQ(in_shell({"--security-opt", "no-new-privileges"},
                     "sed -n 's/^NoNewPrivs:.//p' /proc/self/status"),
            "1");
}

TEST_F(DockerRun, TheDefaultSeccompProfileBlocksCalls) {
  const std::string blocked = "unshare --user true 2>&1";
  EXPECT_EQ(docker_run({"--rm", kImage, "sh", "-c", blocked}).out,
            "unshare: unshare(0x10000000): Operation not permitted\n");
  EXPECT_EQ(
      docker_run({"--rm", "--security-opt", "seccomp=unconfined", kImage, "sh", "-c", blocked})
          .status,
      0);
}

TEST_F(DockerRun, PrivilegedContainersHaveAllThatTheHostGives) {
  EXPECT_EQ(
      in_shell({"--privileged"},
               "mount -t tmpfs none /mnt && grep -c ' /mnt ' /proc/mounts; "
               "sed -n 's/^Seccomp:.//p' /proc/self/status; test -c /dev/kmsg && echo devices"),
      "1\n0\ndevices");
  EXPECT_NE(docker_run({"--rm", kImage, "mount", "-t", "tmpfs", "none", "/mnt"}).status, 0);
  const std::string make_cgroup =
      "d=/sys/fs/cgroup; [ -d $d/pids ] && d=$d/pids; "
      "mkdir $d/inner 2>/dev/null && rmdir $d/inner && echo writable || echo read-only";
  EXPECT_EQ(in_shell({"--privileged"}, make_cgroup), "writable");
  EXPECT_EQ(in_shell({}, make_cgroup), "read-only");
}

TEST_F(DockerRun, FileSystems) {
  EXPECT_THAT(docker_run({"--rm", "--read-only", kImage, "touch", "/x"}).err,
              HasSubstr("Read-only file system"));
  EXPECT_EQ(in_shell({"--read-only", "--tmpfs", "/t:size=1m,mode=1777"},
                     "touch /t/x && df -k /t | awk 'END { print $2 }'; stat -c %a /t"),
            "1024\n1777");
  EXPECT_EQ(in_shell({"--shm-size", "2m"}, "df -k /dev/shm | awk 'END { print $2 }'"), "2048");
}

TEST_F(DockerRun, Volumes) {
  const std::string source = engine_directory() + "/volume";
  EXPECT_EQ(
      in_shell({"--volume", source + ":/rw", "--volume", source + ":/ro:ro"},
               "echo kept >/rw/file; cat /ro/file; touch /ro/file 2>/dev/null || echo read-only"),
      "kept\nread-only");
  EXPECT_EQ(read_file(source + "/file"), "kept\n");
  in_shell({"--volume", "named:/data"}, "echo kept >/data/file");
  EXPECT_EQ(in_shell({"--volume", "named:/data"}, "cat /data/file"), "kept");
  docker().output({"volume", "rm", "named"});
}

TEST_F(DockerRun, Resources) {
  const std::string cgroups = "cd /sys/fs/cgroup; ";
  EXPECT_EQ(in_shell({"--memory", "32m"}, cgroups + "cat memory/memory.limit_in_bytes"),
            "33554432");
  EXPECT_EQ(in_shell({"--cpus", "0.5", "--cpuset-cpus", "0"},
                     cgroups + "cat cpu/cpu.cfs_quota_us cpuset/cpuset.cpus; "
                               "sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status"),
            "50000\n0\n0");
  EXPECT_EQ(in_shell({"--ulimit", "nofile=100:200"}, "ulimit -n; ulimit -Hn"), "100\n200");
}

TEST_F(DockerRun, TooManyProcessesAreRefused) {
  const Finished finished = docker_run({"--rm", "--pids-limit", "5", kImage, "sh", "-c",
                                        "for i in 1 2 3 4 5 6; do sleep 1 & done; wait"});
  EXPECT_THAT(finished.err, HasSubstr("can't fork"));
}

TEST_F(DockerRun, OutOfMemoryIsNoticed) {
  start("big", {"--memory", "20m"}, {"tail", "/dev/zero"});
  EXPECT_EQ(docker().output({"wait", "big"}), "137");
  docker().wait_for_output({"inspect", "--format", "{{.State.OOMKilled}}", "big"}, "true");
}

TEST_F(DockerRun, AnInitReapsOrphans) {
  EXPECT_EQ(in_shell({"--init"}, "cat /proc/1/comm"), "docker-init");
}

TEST_F(DockerRun, Networks) {
  const std::string interfaces = "ls /sys/class/net";
  EXPECT_EQ(in_shell({"--network", "none"}, interfaces), "lo");
  EXPECT_THAT(in_shell({}, interfaces),
              testing::AllOf(HasSubstr("eth0"), Not(HasSubstr("docker0"))));
  EXPECT_THAT(in_shell({"--network", "host"}, interfaces), HasSubstr("docker0"));
  EXPECT_EQ(in_shell({"--hostname", "named"}, "hostname"), "named");
}

TEST_F(DockerRun, APublishedPortAnswersOnLoopback) {
  start("web", {"--publish", "127.0.0.1:8099:80"},
        {"sh", "-c", "echo page >/index.html; exec httpd -f -h /"});
  docker().wait_until({"exec", "web", "wget", "-q", "-O", "-", "http://127.0.0.1/index.html"},
                      [](const std::string& page) { return page == "page"; });
  const Finished page = run_program({"bash", "-c",
                                     "exec 3<>/dev/tcp/127.0.0.1/8099; printf 'GET /index.html "
                                     "HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"});
  EXPECT_THAT(page.out, testing::EndsWith("\r\n\r\npage\n"));
}

TEST_F(DockerRun, ATerminal) {
  Console console;
  console.resize(33, 111);
  Program client = docker().start_on(
      console, {"run", "--runtime", "stasis", "--rm", "--interactive", "--tty", kImage, "sh"});
  // The client tells its size once the container runs.
  console.type("until [ \"$(stty size 2>&1)\" = '33 111' ]; do sleep 0.05; done\n");
  console.type("echo size is $(stty size), terminal is $(tty); echo e=$((6*7))\n");
  console.expect("size is 33 111, terminal is /dev/pts/0");
  console.expect("e=42");
  console.type("exit 5\n");
  EXPECT_EQ(client.wait(), 5);
}

TEST_F(DockerRun, AnInterruptReachesTheTerminalsJob) {
  Console console;
  Program client = docker().start_on(
      console, {"run", "--runtime", "stasis", "--rm", "--interactive", "--tty", kImage, "sh", "-c",
                "trap 'echo got it; exit 7' INT; echo ready; while :; do sleep 0.1; done"});
  console.expect("ready");
  console.type("\x03");
  console.expect("got it");
  EXPECT_EQ(client.wait(), 7);
}

}  // namespace
}  // namespace stasis::test
