#include "image/tty_codec.h"

#include <algorithm>
#include <utility>

#include "image/codec.h"

namespace stasis::image {
namespace {

void encode_terminal(const model::Terminal& from, wire::Terminal* to) {
  to->set_iflag(from.iflag);
  to->set_oflag(from.oflag);
  to->set_cflag(from.cflag);
  to->set_lflag(from.lflag);
  to->set_line(from.line);
  to->set_cc(std::string(from.cc.begin(), from.cc.end()));
  to->set_ispeed(from.ispeed);
  to->set_ospeed(from.ospeed);
  to->set_rows(from.rows);
  to->set_columns(from.columns);
  to->set_x_pixels(from.x_pixels);
  to->set_y_pixels(from.y_pixels);
}

Result<model::Terminal> decode_terminal(const wire::Terminal& from) {
  model::Terminal terminal{.iflag = from.iflag(),
                           .oflag = from.oflag(),
                           .cflag = from.cflag(),
                           .lflag = from.lflag(),
                           .ispeed = from.ispeed(),
                           .ospeed = from.ospeed()};
  if (from.cc().size() != terminal.cc.size()) {
    return fail(ErrorKind::kCorruptImage, "terminal: {} control characters instead of {}",
                from.cc().size(), terminal.cc.size());
  }
  std::ranges::transform(from.cc(), terminal.cc.begin(),
                         [](char byte) { return static_cast<std::uint8_t>(byte); });
  STASIS_ASSIGN(terminal.line, narrow<std::uint8_t>(from.line(), "line discipline"));
  STASIS_ASSIGN(terminal.rows, narrow<std::uint16_t>(from.rows(), "rows"));
  STASIS_ASSIGN(terminal.columns, narrow<std::uint16_t>(from.columns(), "columns"));
  STASIS_ASSIGN(terminal.x_pixels, narrow<std::uint16_t>(from.x_pixels(), "x pixels"));
  STASIS_ASSIGN(terminal.y_pixels, narrow<std::uint16_t>(from.y_pixels(), "y pixels"));
  return terminal;
}

}  // namespace

void encode_pipe(const model::Pipe& from, wire::Pipe* to) {
  to->set_capacity(from.capacity);
  to->set_data(text_of(from.data));
  encode_numbers(from.packets, to->mutable_packets());
  to->set_fifo_path(from.fifo_path);
  to->set_uid(from.uid);
  to->set_gid(from.gid);
}

Result<model::Pipe> decode_pipe(const wire::Pipe& from) {
  return model::Pipe{.capacity = from.capacity(),
                     .data = to_bytes(from.data()),
                     .packets = decode_numbers(from.packets()),
                     .fifo_path = from.fifo_path(),
                     .uid = from.uid(),
                     .gid = from.gid()};
}

void encode_tty(const model::Tty& from, wire::Tty* to) {
  to->set_index(from.index);
  to->set_console(from.console);
  to->set_external(from.external);
  encode_terminal(from.terminal, to->mutable_terminal());
  to->set_locked(from.locked);
  to->set_packet_mode(from.packet_mode);
  to->set_exclusive(from.exclusive);
  to->set_input(text_of(from.input));
  encode_numbers(from.input_lines, to->mutable_input_lines());
  to->set_output(text_of(from.output));
  to->set_slaves_closed(from.slaves_closed);
  to->set_uid(from.uid);
  to->set_gid(from.gid);
  to->set_mode(from.mode);
}

Result<model::Tty> decode_tty(const wire::Tty& from) {
  STASIS_ASSIGN(const auto terminal, decode_terminal(from.terminal()));
  return model::Tty{.index = from.index(),
                    .console = from.console(),
                    .external = from.external(),
                    .terminal = terminal,
                    .locked = from.locked(),
                    .packet_mode = from.packet_mode(),
                    .exclusive = from.exclusive(),
                    .input = to_bytes(from.input()),
                    .input_lines = decode_numbers(from.input_lines()),
                    .output = to_bytes(from.output()),
                    .slaves_closed = from.slaves_closed(),
                    .uid = from.uid(),
                    .gid = from.gid(),
                    .mode = from.mode()};
}

}  // namespace stasis::image
