// A list of undo steps for a multi-step change: run backwards on destruction unless committed.
// Each step captures by value what it uses: it may run after the locals declared below are gone.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace stasis {

class Rollback {
 public:
  Rollback() = default;
  Rollback(Rollback&& other) noexcept : steps_(std::exchange(other.steps_, {})) {}
  Rollback& operator=(Rollback&&) = delete;
  ~Rollback() { run(); }

  void push(std::function<void()> undo) { steps_.push_back(std::move(undo)); }
  // The change is complete: nothing will be undone.
  void commit() { steps_.clear(); }
  // Undoes now, last step first.
  void run() {
    while (!steps_.empty()) {
      auto step = std::move(steps_.back());
      steps_.pop_back();
      step();
    }
  }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace stasis
