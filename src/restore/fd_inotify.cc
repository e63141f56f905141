// inotify: watches under their old descriptors. Made after all other files: opening and binding
// would be events.
#include <algorithm>
#include <array>
#include <cstddef>
#include <variant>

#include <fcntl.h>

#include <fmt/format.h>

#include "restore/fd_kinds.h"
#include "sys/file.h"
#include "sys/inotify.h"

namespace stasis::restore {
namespace {

// Adding and removing a watch uses up a number in about a microsecond.
constexpr std::int32_t kMostDescriptors = 4'000'000;

Result<void> add_watch(const FileContext& context, int inotify, const model::InotifyWatch& watch) {
  if (watch.descriptor < 1 || watch.descriptor > kMostDescriptors) {
    return fail(ErrorKind::kUnsupported, "watch descriptor {}, more than {}", watch.descriptor,
                kMostDescriptors);
  }
  STASIS_ASSIGN(const UniqueFd target,
                sys::open_in_root(context.environment.root_fd, watch.path, O_PATH | O_NOFOLLOW));
  const std::string path = fmt::format("/proc/self/fd/{}", target.get());
  while (true) {
    STASIS_ASSIGN(const auto got, sys::add_inotify_watch(inotify, path, watch.mask));
    if (got == watch.descriptor) return {};
    if (got > watch.descriptor) {
      return fail(ErrorKind::kConflict, "'{}' got watch descriptor {}, not {}", watch.path, got,
                  watch.descriptor);
    }
    STASIS_TRY(sys::remove_inotify_watch(inotify, got));
  }
}

// Every removal is an event.
Result<void> drain(int inotify) {
  std::array<std::byte, 65536> events;
  while (true) {
    const auto got = sys::read_some(inotify, events);
    if (!got && got.error().error_number() == EAGAIN) return {};
    if (!got) return got.error();
  }
}

Result<UniqueFd> open_inotify(const FileContext& context, const model::Inotify& detail) {
  STASIS_ASSIGN(UniqueFd inotify, sys::make_inotify());
  auto watches = detail.watches;
  std::sort(watches.begin(), watches.end(),
            [](const auto& a, const auto& b) { return a.descriptor < b.descriptor; });
  for (const auto& watch : watches) STASIS_TRY(add_watch(context, inotify.get(), watch));
  STASIS_TRY(drain(inotify.get()));
  return inotify;
}

}  // namespace

Result<void> open_inotifies(FileContext& context) {
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    const auto* detail = std::get_if<model::Inotify>(&context.model_of(file).detail);
    if (detail == nullptr) continue;
    auto opened = open_inotify(context, *detail);
    if (!opened) {
      return std::move(opened.error())
          .context(fmt::format("restoring the inotify at {}", context.place(file)));
    }
    context.files[file] = std::move(*opened);
  }
  return {};
}

}  // namespace stasis::restore
