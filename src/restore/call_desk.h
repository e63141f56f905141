// A thread has something done by the thread that waits for it: only the thread that attached to a
// task may drive it (ptrace(2)).
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

namespace stasis::restore {

class CallDesk {
 public:
  // In the worker: returns when the server has run `call`.
  void ask(const std::function<void()>& call);
  // In the server: runs what is asked for, until close(). Reusable afterwards.
  void serve();
  // In the worker, last of all.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* call_ = nullptr;
  bool closed_ = false;
};

}  // namespace stasis::restore
