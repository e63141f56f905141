// Programs that talk over the container's standard input and output: python3, Java, a shell
// pipeline, bash on a terminal, PostgreSQL with psql.
#include <fcntl.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/console.h"
#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

class Interpreters : public ContainerTest {
 protected:
  Bundle tree_bundle(const std::string& tree) const {
    Bundle bundle = make_bundle();
    bundle.use_tree(find_tree(tree));
    return bundle;
  }
  std::string image() const { return directory() + "/image"; }

  // Types a line and expects one back.
  static void talk(Pipes& stdio, const std::string& line, const std::string& answer) {
    stdio.write(line + "\n");
    EXPECT_EQ(stdio.next_line(), answer);
  }
  // A shell prints a command before it hands the terminal over, and takes it back before it
  // prompts.
  void await_job_in_foreground() const {
    const std::string path = fmt::format("/proc/{}/stat", container_pid("c1"));
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (std::chrono::steady_clock::now() < end) {
      const std::string text = read_file(path);
      std::istringstream fields(text.substr(text.rfind(')') + 1));
      std::string state;
      pid_t parent = 0, group = 0, session = 0, terminal = 0, foreground = 0;
      fields >> state >> parent >> group >> session >> terminal >> foreground;
      if (foreground != group) return;
      std::this_thread::yield();
    }
    give_up("the shell has no job in the foreground");
  }
  void stop_with_image() {
    checkpoint_container("c1", image());
  }
};

constexpr const char* kPythonProgram = R"(
import asyncio, subprocess, sys, threading, time
from multiprocessing.pool import ThreadPool

child = subprocess.Popen([sys.executable, '-u', '-c',
    'import sys\nfor line in sys.stdin: print(int(line) * 2)'],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
counts = {'thread': 0, 'task': 0}
lock = threading.Lock()

def count_forever():
    while True:
        with lock:
            counts['thread'] += 1
        time.sleep(0.001)

async def tick_forever():
    while True:
        counts['task'] += 1
        await asyncio.sleep(0.001)

async def main():
    threading.Thread(target=count_forever, daemon=True).start()
    ticker = asyncio.create_task(tick_forever())
    pool = ThreadPool(4)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    total = 0
    print('ready', flush=True)
    while line := await reader.readline():
        child.stdin.write(line.decode())
        total += int(child.stdout.readline())
        total += sum(pool.map(lambda one: one, range(5)))
        before = dict(counts)
        while any(counts[name] == before[name] for name in counts):
            await asyncio.sleep(0.001)
        print('total', total, flush=True)

asyncio.run(main())
)";

TEST_F(Interpreters, PythonKeepsThreadsSubprocessesAndTasks) {
  Bundle bundle = tree_bundle("python3");
  write_file(bundle.rootfs() + "/program.py", kPythonProgram);
  bundle.set_arguments({"python3", "/program.py"});
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  talk(stdio, "1", "total 12");
  checkpoint_container("c1", directory() + "/running", {"--leave-running"});
  talk(stdio, "2", "total 26");
  stop_with_image();
  Pipes restored;
  restore_container("c1", bundle, image(), restored);
  talk(restored, "3", "total 42");
  talk(restored, "4", "total 60");
}

constexpr const char* kJavaProgram = R"(
import java.io.*;
import java.net.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicLong;

public class Program {
  static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream()));
  }
  static void serve(Socket socket) {
    try {
      var in = reader(socket);
      var out = new PrintWriter(socket.getOutputStream(), true);
      for (String line; (line = in.readLine()) != null;) out.println(Long.parseLong(line) * 2);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
  public static void main(String[] arguments) throws Exception {
    var ticks = new AtomicLong();
    Executors.newScheduledThreadPool(2, task -> {
      var thread = new Thread(task);
      thread.setDaemon(true);
      return thread;
    }).scheduleAtFixedRate(ticks::incrementAndGet, 1, 1, TimeUnit.MILLISECONDS);
    var map = new ConcurrentHashMap<Integer, byte[]>();
    for (int key = 0; key < 20000; ++key) map.put(key, new byte[100]);
    var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    var client = new Socket(listener.getInetAddress(), listener.getLocalPort());
    var accepted = listener.accept();
    var server = new Thread(() -> serve(accepted));
    server.setDaemon(true);
    server.start();
    var answers = reader(client);
    var questions = new PrintWriter(client.getOutputStream(), true);
    var lines = new BufferedReader(new InputStreamReader(System.in));
    long total = 0;
    System.out.println("ready");
    for (String line; (line = lines.readLine()) != null;) {
      questions.println(line);
      total += Long.parseLong(answers.readLine());
      total += map.values().parallelStream().mapToInt(bytes -> bytes.length).sum() / 1000000;
      System.gc();
      long before = ticks.get();
      while (ticks.get() == before) Thread.sleep(1);
      System.out.println("total " + total);
    }
  }
}
)";

TEST_F(Interpreters, JavaKeepsItsHeapThreadsAndConnections) {
  Bundle bundle = tree_bundle("jvm");
  write_file(bundle.rootfs() + "/Program.java", kJavaProgram);
  bundle.set_arguments({"/usr/lib/jvm/default-java/bin/java", "-Xmx256m", "/Program.java"});
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  talk(stdio, "1", "total 4");
  checkpoint_container("c1", directory() + "/running", {"--leave-running", "--tcp-established"});
  talk(stdio, "2", "total 10");
  checkpoint_container("c1", image(), {"--tcp-established"});
  Pipes restored;
  restore_container("c1", bundle, image(), restored, {"--tcp-established"});
  talk(restored, "3", "total 18");
  talk(restored, "4", "total 28");
}

TEST_F(Interpreters, APipelineOfShellsKeepsItsState) {
  Bundle bundle = tree_bundle("busybox");
  bundle.set_arguments(
      {"sh", "-c",
       "n=0; while read -r line; do n=$((n+1)); echo \"$n $line\"; done | "
       "(sum=0; while read -r n line; do sum=$((sum+n)); echo \"$sum $n $line\"; done) | "
       "while read -r line; do echo \"[$line]\"; done"});
  Pipes stdio;
  start_container("c1", bundle, stdio);
  talk(stdio, "one", "[1 1 one]");
  talk(stdio, "two", "[3 2 two]");
  checkpoint_container("c1", directory() + "/running", {"--leave-running"});
  talk(stdio, "three", "[6 3 three]");
  stop_with_image();
  Pipes restored;
  restore_container("c1", bundle, image(), restored);
  talk(restored, "four", "[10 4 four]");
  restored.close_input();
  EXPECT_EQ(restored.next_line(), std::nullopt);
}

TEST_F(Interpreters, BashComesBackOnANewTerminal) {
  Bundle bundle = tree_bundle("bash");
  bundle.config["process"]["terminal"] = true;
  bundle.config["process"]["env"].push_back("PS1=prompt> ");
  bundle.set_arguments({"bash", "--norc", "--noprofile"});
  bundle.save();
  Console console(directory() + "/console");
  will_delete("c1");
  expect_success({"run", "--detach", "--bundle", bundle.directory(), "--console-socket",
                  directory() + "/console", "c1"});
  console.accept();
  console.expect("prompt> ");
  console.type("x=forty; cd /tmp; sleep 1000 & y=$!\n");
  console.expect("prompt> ");
  checkpoint_container("c1", directory() + "/running", {"--leave-running"});
  console.type("echo $x-two in $PWD\n");
  console.expect("\nforty-two in /tmp");
  console.expect("prompt> ");
  stop_with_image();

  Console restored(directory() + "/restored");
  expect_success({"restore", "--detach", "--image-path", image(), "--bundle", bundle.directory(),
                  "--console-socket", directory() + "/restored", "c1"});
  restored.accept();
  restored.type("echo $x-three in $PWD; kill -0 $y && echo job runs; jobs | wc -l\n");
  restored.expect("\nforty-three in /tmp");
  restored.expect("\njob runs");
  restored.expect("\n1\r\n");
  restored.expect("prompt> ");
  // The foreground job is stopped by the terminal's interrupt character.
  // What bash has forked loses an interrupt that comes before it is another program.
  restored.type("tail -f /etc/hosts\n");
  restored.expect("\n127.0.0.1 localhost");
  restored.type("\003");
  restored.expect("prompt> ");
  restored.type("echo status $?\n");
  restored.expect("\nstatus 130");
  // And the job from before can come to the foreground, be stopped, and go on.
  restored.expect("prompt> ");
  restored.type("fg\n");
  restored.expect("\nsleep 1000");
  await_job_in_foreground();
  restored.type("\032");
  restored.expect("Stopped");
  restored.expect("prompt> ");
  restored.type("bg; jobs\n");
  restored.expect("Running");
}

TEST_F(Interpreters, BashComesBackOnTheTerminalOfTheCaller) {
  Bundle bundle = tree_bundle("bash");
  bundle.config["process"]["terminal"] = true;
  bundle.config["process"]["env"].push_back("PS1=prompt> ");
  bundle.set_arguments({"bash", "--norc", "--noprofile"});
  bundle.save();
  Console console(directory() + "/console");
  will_delete("c1");
  expect_success({"run", "--detach", "--bundle", bundle.directory(), "--console-socket",
                  directory() + "/console", "c1"});
  console.accept();
  console.expect("prompt> ");
  console.type("x=forty; sleep 1000\n");
  console.expect("sleep 1000\r\n");
  await_job_in_foreground();
  stop_with_image();

  Console outer;
  outer.resize(40, 101);
  Program restored =
      runtime().start({"restore", "--image-path", image(), "--bundle", bundle.directory(), "c1"},
                      {outer.open_slave(), outer.open_slave(), outer.open_slave()});
  // The echo comes from the container's terminal: by then the outer one lets all bytes pass.
  outer.type("\n");
  outer.expect("\n");
  // The job that was in the foreground still is: it is stopped, goes on, and is interrupted.
  outer.type("\032");
  outer.expect("Stopped");
  outer.expect("prompt> ");
  outer.type("echo $x-two; stty size\n");
  outer.expect("\nforty-two\r\n40 101\r\n");
  outer.resize(50, 121);
  restored.signal(SIGWINCH);
  outer.type("fg\n");
  outer.expect("\nsleep 1000\r\n");
  await_job_in_foreground();
  outer.type("\003");
  outer.expect("prompt> ");
  outer.type("echo $?; stty size\n");
  outer.expect("\n130\r\n50 121\r\n");
  outer.type("exit 3\n");
  EXPECT_EQ(restored.wait(), 3);
  EXPECT_NE(runtime().run({"state", "c1"}).status, 0);
}

TEST_F(Interpreters, BashReadsWhatWasTypedAhead) {
  Bundle bundle = tree_bundle("bash");
  bundle.config["process"]["terminal"] = true;
  bundle.config["process"]["env"].push_back("PS1=prompt> ");
  bundle.set_arguments({"bash", "--norc", "--noprofile"});
  bundle.save();
  Console console(directory() + "/console");
  will_delete("c1");
  expect_success({"run", "--detach", "--bundle", bundle.directory(), "--console-socket",
                  directory() + "/console", "c1"});
  console.accept();
  console.expect("prompt> ");
  console.type("mkfifo /gate; echo go; cat /gate\n");
  console.expect("\r\ngo\r\n");
  console.type("echo $((40 + 2))\necho unfi");
  console.expect("echo unfi");
  stop_with_image();

  Console restored(directory() + "/restored");
  expect_success({"restore", "--detach", "--image-path", image(), "--bundle", bundle.directory(),
                  "--console-socket", directory() + "/restored", "c1"});
  restored.accept();
  restored.type("nished\n");
  // Lets `cat` end.
  UniqueFd(open((bundle.rootfs() + "/gate").c_str(), O_WRONLY | O_CLOEXEC)).reset();
  restored.expect("\r\n42\r\n");
  restored.expect("\r\nunfinished\r\n");
}

TEST_F(Interpreters, PostgresqlCommitsATransactionThatWasOpen) {
  Bundle bundle = tree_bundle("postgresql");
  const std::string binaries = "/usr/lib/postgresql/15/bin/";
  bundle.config["process"]["user"] = {{"uid", 101}, {"gid", 101}};
  bundle.set_arguments({"/bin/sh", "-c",
                        binaries +
                            "pg_ctl --silent --wait --log=/tmp/log "
                            "--pgdata=/var/lib/postgresql/data start >/tmp/start && exec " +
                            binaries + "psql --quiet --no-align --tuples-only --dbname=postgres"});
  Pipes stdio;
  start_container("c1", bundle, stdio);
  stdio.write("CREATE TABLE t (n int);\nINSERT INTO t SELECT generate_series(1, 1000);\n");
  talk(stdio, "BEGIN; INSERT INTO t VALUES (5000); SELECT sum(n) FROM t;", "505500");
  checkpoint_container("c1", directory() + "/running", {"--leave-running"});
  talk(stdio, "SELECT count(*) FROM t;", "1001");
  stop_with_image();
  Pipes restored;
  restore_container("c1", bundle, image(), restored);
  talk(restored, "SELECT count(*) FROM t;", "1001");
  talk(restored, "COMMIT; SELECT sum(n) FROM t;", "505500");
  // The checkpointer answers through System V and POSIX shared memory; \\connect and a parallel
  // query make the postmaster fork, the latter with a new segment in /dev/shm.
  talk(restored, "CHECKPOINT; SHOW dynamic_shared_memory_type;", "posix");
  restored.write("\\connect\n");
  talk(restored, "SET force_parallel_mode = on; SELECT sum(n) FROM t;", "505500");
  const Finished segments =
      runtime().run({"exec", "c1", "/bin/sh", "-c",
                     "while read line; do echo \"$line\"; done </proc/sysvipc/shm"});
  EXPECT_EQ(split_lines(segments.out).size(), 2U)
      << segments.out << segments.err;  // a heading and its segment
}

}  // namespace
}  // namespace stasis::test
