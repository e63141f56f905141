#include "restore/call_desk.h"

#include <utility>

namespace stasis::restore {

void CallDesk::ask(const std::function<void()>& call) {
  std::unique_lock lock(mutex_);
  call_ = &call;
  changed_.notify_all();
  changed_.wait(lock, [&] { return call_ == nullptr; });
}

void CallDesk::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return call_ != nullptr || closed_; });
    if (call_ == nullptr) break;
    (*call_)();
    call_ = nullptr;
    changed_.notify_all();
  }
  closed_ = false;
}

void CallDesk::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace stasis::restore
