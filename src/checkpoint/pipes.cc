// Pipes and fifos with what is in them. The contents are copied by tee(2) into a pipe of our own
// and read there: the original keeps every byte.
#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "sys/descriptor.h"
#include "sys/file.h"
#include "sys/pipe.h"

namespace stasis::checkpoint {
namespace {

bool reads(const model::OpenFile& file) { return (file.flags & O_ACCMODE) != O_WRONLY; }
bool writes(const model::OpenFile& file) { return (file.flags & O_ACCMODE) != O_RDONLY; }

struct PipeUse {
  std::vector<std::uint32_t> files;
  std::optional<std::uint32_t> reader, writer;
  bool packets = false;  // O_DIRECT
};

// The end that the container lacks is held by somebody outside. poll(2) tells: a read end hangs up
// when there is no writer anywhere, a write end is in error when there is no reader.
Result<bool> is_connected_outside(const FileContext& context, const PipeUse& use) {
  if (use.reader && use.writer) return false;
  const auto file = use.reader ? *use.reader : *use.writer;
  STASIS_ASSIGN(const short events, sys::poll_now(context.files[file].fd.get(), 0));
  return (events & (use.reader ? POLLHUP : POLLERR)) == 0;
}

Result<void> copy_contents(int reader, bool packets, model::Pipe& into) {
  STASIS_ASSIGN(const int bytes, sys::get_readable_bytes(reader));
  if (bytes == 0) return {};
  STASIS_ASSIGN(const auto own, sys::make_pipe(O_NONBLOCK));
  // As many slots as the original: small writes may use one each.
  STASIS_ASSIGN(const auto own_capacity, sys::get_pipe_capacity(own.write_end.get()));
  if (own_capacity < into.capacity) {
    STASIS_TRY(sys::set_pipe_capacity(own.write_end.get(), into.capacity));
  }
  const auto wanted = static_cast<std::uint64_t>(bytes);
  STASIS_ASSIGN(const auto copied, sys::copy_pipe(reader, own.write_end.get(), wanted));
  if (copied != wanted) {
    return fail(ErrorKind::kKernel, "tee copied {} of {} bytes of a pipe", copied, wanted);
  }
  while (true) {
    STASIS_ASSIGN(const auto piece, sys::take_from_pipe(own.read_end.get(), wanted));
    if (piece.empty()) return {};
    into.data.insert(into.data.end(), piece.begin(), piece.end());
    if (packets) into.packets.push_back(static_cast<std::uint32_t>(piece.size()));
  }
}

// Who typed into a process that `exec` brought in is not there at a restore: what is in the pipe
// can be read then, and after it the end of the file.
bool ends_with_its_caller(const FileContext& context, const PipeUse& use) {
  if (use.writer) return false;
  return std::ranges::all_of(
      use.files, [&](std::uint32_t file) { return context.files[file].origin == Origin::kExec; });
}

std::string fifo_path(const FileContext& context, std::uint32_t file) {
  const auto* link = std::get_if<proc::PathLink>(&context.files[file].link);
  // A fifo without a name is as good as a pipe.
  if (link == nullptr || link->deleted) return {};
  return context.path_in_container(link->path);
}

Result<void> describe(FileContext& context, const PipeUse& use) {
  model::Pipe pipe;
  const auto& first = context.files[use.files.front()];
  STASIS_ASSIGN(pipe.capacity, sys::get_pipe_capacity(first.fd.get()));
  pipe.fifo_path = fifo_path(context, use.files.front());
  pipe.uid = first.status.st_uid;
  pipe.gid = first.status.st_gid;
  // Without a reader nobody can ever see what is in it.
  if (use.reader) {
    STASIS_TRY(copy_contents(context.files[*use.reader].fd.get(), use.packets, pipe));
  }
  const auto index = static_cast<std::uint32_t>(context.container.pipes.size());
  for (const auto file : use.files) context.model_of(file).detail = model::PipeEnd{index};
  context.container.pipes.push_back(std::move(pipe));
  return {};
}

Result<void> finish_pipe(FileContext& context, const PipeUse& use) {
  const auto& first = context.files[use.files.front()];
  const auto* link = std::get_if<proc::PathLink>(&first.link);
  bool outside = false;
  if (link != nullptr) {
    outside = !context.is_in_container(first.info.mount_id);
  } else if (!ends_with_its_caller(context, use)) {
    STASIS_ASSIGN(outside, is_connected_outside(context, use));
  }
  if (!outside) return describe(context, use);
  const std::string description =
      link != nullptr ? link->path : fmt::format("pipe:[{}]", first.status.st_ino);
  for (const auto file : use.files) context.mark_outside(file, description);
  return {};
}

}  // namespace

// Everything needs the other ends: finish_pipes().
Result<void> collect_pipe(FileContext& context, std::uint32_t file) {
  if ((context.model_of(file).flags & O_PATH) != 0) return collect_path_file(context, file);
  context.model_of(file).detail = model::PipeEnd{};
  return {};
}

Result<void> finish_pipes(FileContext& context) {
  std::map<std::pair<dev_t, ino_t>, PipeUse> uses;
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    const auto& described = context.model_of(file);
    if (!std::holds_alternative<model::PipeEnd>(described.detail)) continue;
    const auto& status = context.files[file].status;
    auto& use = uses[{status.st_dev, status.st_ino}];
    use.files.push_back(file);
    if (reads(described)) use.reader = file;
    if (writes(described)) use.writer = file;
    if ((described.flags & O_DIRECT) != 0) use.packets = true;
  }
  for (const auto& [inode, use] : uses) {
    auto done = finish_pipe(context, use);
    if (!done) {
      const auto& first = context.files[use.files.front()];
      return std::move(done.error())
          .context(fmt::format("pipe at {} of pid {}", first.where, first.pid.value));
    }
  }
  return {};
}

}  // namespace stasis::checkpoint
