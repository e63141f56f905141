// A client that does nothing but INCR, as fast as it can, in a thread, and notes the longest time
// between two answers: what an application sees of a checkpoint.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "integration/support/redis_client.h"

namespace stasis::test {

class RedisHammer {
 public:
  RedisHammer(const std::string& path, std::string key);
  ~RedisHammer();

  // Forgets the longest gap so far, once an answer has come after this call.
  void start_measuring();
  // The longest gap since then, an unfinished one included; waits for one more answer.
  double longest_gap_ms();
  long count() const { return count_; }
  // Whether every answer was one more than the one before.
  bool is_unbroken() const { return unbroken_; }
  void stop();

 private:
  void run(RedisClient client);
  void wait_for_answers(long more) const;

  std::string key_;
  std::atomic<long> count_ = 0;
  std::atomic<double> longest_ms_ = 0;
  std::atomic<bool> reset_ = false, stop_ = false, unbroken_ = true, ended_ = false;
  std::thread thread_;
};

}  // namespace stasis::test
