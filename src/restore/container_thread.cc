#include "restore/container_thread.h"

#include <sched.h>

#include <thread>

#include "sys/namespace.h"
#include "sys/thread_identity.h"
#include "sys/thread_root.h"

namespace stasis::restore {

Result<void> run_in_container(int root, int network, const std::function<Result<void>()>& work,
                              CallDesk* desk) {
  Result<void> result;
  const auto enter_and_work = [&]() -> Result<void> {
    STASIS_TRY(sys::enter_thread_root(root));
    STASIS_TRY(sys::set_ns(network, CLONE_NEWNET));
    STASIS_TRY(sys::detach_capabilities_from_uid());
    return work();
  };
  std::thread worker([&] {
    result = enter_and_work();
    if (desk != nullptr) desk->close();
  });
  if (desk != nullptr) desk->serve();
  worker.join();
  return result;
}

}  // namespace stasis::restore
