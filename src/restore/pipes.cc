#include <fcntl.h>

#include <algorithm>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "restore/fd_kinds.h"
#include "restore/reopened.h"
#include "sys/descriptor.h"
#include "sys/file.h"
#include "sys/node.h"
#include "sys/pipe.h"

namespace stasis::restore {
namespace {

constexpr std::uint32_t kPieceBytes = 65536;  // what fits the smallest default pipe

struct OpenedPipe {
  UniqueFd reader;
  UniqueFd writer;
};

// Both ends are open, so that neither open(2) nor write(2) waits for the other.
Result<OpenedPipe> open_fifo(const FileContext& context, const model::Pipe& pipe) {
  OpenedPipe opened;
  const auto open = [&](int mode) {
    return sys::open_in_root(context.environment.root_fd, pipe.fifo_path, mode | O_NOFOLLOW);
  };
  STASIS_ASSIGN(const UniqueFd node, open(O_PATH));
  STASIS_ASSIGN(const auto status, sys::stat_fd(node.get()));
  if (!S_ISFIFO(status.st_mode)) {
    return fail(ErrorKind::kConflict, "'{}' was a fifo at the checkpoint and is none now",
                pipe.fifo_path);
  }
  STASIS_ASSIGN(opened.reader, open(O_RDONLY | O_NONBLOCK));
  STASIS_ASSIGN(opened.writer, open(O_WRONLY | O_NONBLOCK));
  return opened;
}

Result<OpenedPipe> open_plain(const model::Pipe& pipe) {
  STASIS_ASSIGN(auto ends, sys::make_pipe(O_NONBLOCK));
  STASIS_TRY(sys::set_owner(ends.read_end.get(), pipe.uid, pipe.gid));
  return OpenedPipe{std::move(ends.read_end), std::move(ends.write_end)};
}

Result<void> fill(int writer, const model::Pipe& pipe) {
  const auto* next = pipe.data.data();
  if (pipe.packets.empty()) {
    auto left = pipe.data.size();
    while (left > 0) {
      const auto piece = std::min<std::size_t>(left, kPieceBytes);
      STASIS_TRY(sys::put_into_pipe(writer, next, piece));
      next += piece;
      left -= piece;
    }
    return {};
  }
  STASIS_TRY(sys::set_status_flags(writer, O_DIRECT | O_NONBLOCK));
  for (const auto size : pipe.packets) {
    STASIS_TRY(sys::put_into_pipe(writer, next, size));
    next += size;
  }
  return sys::set_status_flags(writer, O_NONBLOCK);
}

// A description of its own for every file: the first of each end is there, more are opened anew, as
// by /dev/fd in the container.
Result<UniqueFd> take_end(OpenedPipe& opened, const OpenedPipe& spare, std::uint32_t flags) {
  const auto mode = flags & O_ACCMODE;
  if (mode == O_RDONLY && opened.reader) return std::move(opened.reader);
  if (mode == O_WRONLY && opened.writer) return std::move(opened.writer);
  return reopen(spare.reader.get(), mode | O_NONBLOCK);
}

Result<void> open_pipe(FileContext& context, std::uint32_t index,
                       const std::vector<std::uint32_t>& files) {
  const auto& pipe = context.container.pipes[index];
  STASIS_ASSIGN(auto opened, pipe.fifo_path.empty() ? open_plain(pipe) : open_fifo(context, pipe));
  STASIS_ASSIGN(const auto capacity, sys::get_pipe_capacity(opened.writer.get()));
  if (capacity != pipe.capacity) {
    STASIS_TRY(sys::set_pipe_capacity(opened.writer.get(), pipe.capacity)
                   .context("a pipe larger than the sysctl fs.pipe-max-size may allow here"));
  }
  STASIS_TRY(fill(opened.writer.get(), pipe));
  OpenedPipe spare;
  STASIS_ASSIGN(spare.reader, sys::dup_fd(opened.reader.get()));
  for (const auto file : files) {
    STASIS_ASSIGN(context.files[file], take_end(opened, spare, context.model_of(file).flags));
  }
  return {};
}

}  // namespace

Result<void> open_pipes(FileContext& context) {
  std::vector<std::vector<std::uint32_t>> files(context.container.pipes.size());
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    const auto* end = std::get_if<model::PipeEnd>(&context.model_of(file).detail);
    if (end != nullptr) files[end->pipe].push_back(file);
  }
  for (std::uint32_t pipe = 0; pipe < files.size(); ++pipe) {
    if (files[pipe].empty()) continue;
    auto done = open_pipe(context, pipe, files[pipe]);
    if (!done) {
      return std::move(done.error())
          .context(fmt::format("restoring {}", context.place(files[pipe].front())));
    }
  }
  return {};
}

}  // namespace stasis::restore
