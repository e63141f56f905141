// A small process makes descriptors and stops; they are collected, the process is killed, and the
// descriptors are opened again here. No image and no container is involved.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/files.h"
#include "model/container.h"
#include "restore/files.h"

namespace stasis::test {

class FileRoundTrip : public testing::Test {
 protected:
  FileRoundTrip();
  ~FileRoundTrip() override;

  // Runs `make` in a child that has /dev/null as 0, 1 and 2 and nothing else open, and waits until
  // it has stopped. `make` puts what it makes at numbers of its choice (place()).
  void in_process(const std::function<void()>& make);
  // Before in_process(): the child gets this as `number` (0, 1 or 2).
  void give_stdio(int number, int fd) { stdio_[static_cast<std::size_t>(number)] = fd; }
  // In `make`: a second process with the same descriptors, which does `make` first.
  static void fork_process(const std::function<void()>& make);

  // Collects all processes. Fails the test on an error; gives the blockers as text.
  std::vector<std::string> collect(checkpoint::FileOptions options = {});
  void kill_processes();
  // Opens everything; the processes are gone by then. Gives the error, "" on success.
  std::string restore();

  // collect() without blockers, kill_processes(), restore().
  void round_trip(checkpoint::FileOptions options = {});

  // The restored file that process `process` has as `fd`.
  int fd(int number, std::size_t process = 0) const;
  const model::OpenFile& described(int number, std::size_t process = 0) const;

  model::Container container_;
  restore::FileEnvironment environment_;
  // Each process is described as the leader of a session of its own.
  bool leaders_ = false;
  std::unique_ptr<restore::FileRestorer> restorer_;

 private:
  struct Shared;  // pids, seen by all processes
  static Shared* shared_;
  std::array<int, 3> stdio_ = {-1, -1, -1};
  UniqueFd root_;
};

// In the process: moves `fd` to `number`.
void place(int fd, int number);

// All that can be read now, without waiting.
std::string read_now(int fd);
void write_text(int fd, std::string_view text);

}  // namespace stasis::test
