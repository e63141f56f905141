#include "integration/support/redis_hammer.h"

#include <poll.h>

#include <cstdlib>

#include "integration/support/stop_watch.h"

namespace stasis::test {

RedisHammer::RedisHammer(const std::string& path, std::string key) : key_(std::move(key)) {
  thread_ =
      std::thread([this, client = RedisClient::connect(path, std::chrono::seconds(20))]() mutable {
        run(std::move(client));
      });
  wait_for_answers(1);
}

RedisHammer::~RedisHammer() { stop(); }

void RedisHammer::run(RedisClient client) {
  StopWatch since_answer;
  long last = 0;
  while (!stop_) {
    const auto answer = client.command({"INCR", key_});
    const long value = answer ? std::atol(answer->c_str()) : 0;
    if (value == 0 || (last != 0 && value != last + 1)) {
      unbroken_ = false;
      if (value == 0) break;
    }
    last = value;
    const double gap = since_answer.milliseconds();
    since_answer = StopWatch();
    if (reset_.exchange(false)) {
      longest_ms_ = 0;
    } else if (gap > longest_ms_) {
      longest_ms_ = gap;
    }
    count_ = value;
  }
  ended_ = true;
}

void RedisHammer::wait_for_answers(long more) const {
  for (const long before = count_; count_ < before + more && !ended_;) poll(nullptr, 0, 1);
}

void RedisHammer::start_measuring() {
  reset_ = true;
  wait_for_answers(2);
}

double RedisHammer::longest_gap_ms() {
  wait_for_answers(2);
  return longest_ms_;
}

void RedisHammer::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace stasis::test
