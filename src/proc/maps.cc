#include "proc/maps.h"

#include "proc/escape.h"
#include "proc/fields.h"

namespace stasis::proc {
namespace {

// "rwxp": each place holds its letter or '-', the last 's' or 'p'.
bool read_permissions(std::string_view text, Mapping& into) {
  constexpr std::string_view kLetters = "rwx";
  if (text.size() != 4) return false;
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    if (text[i] != kLetters[i] && text[i] != '-') return false;
  }
  if (text[3] != 's' && text[3] != 'p') return false;
  into.read = text[0] == 'r';
  into.write = text[1] == 'w';
  into.exec = text[2] == 'x';
  into.shared = text[3] == 's';
  return true;
}

}  // namespace

Result<Mapping> parse_mapping_line(std::string_view file, std::size_t line, std::string_view text) {
  Mapping mapping;
  std::string_view permissions;
  std::string_view path;
  Fields fields(file, line, text);
  fields.pair("address range", '-', mapping.start, mapping.end, 16)
      .word("permissions", permissions)
      .number("offset", mapping.offset, 16)
      .pair("device", ':', mapping.dev_major, mapping.dev_minor, 16)
      .number("inode", mapping.inode)
      .rest(path);
  if (fields.ok() && mapping.start >= mapping.end) {
    fields.wrong("address range", "an end above its start", text.substr(0, text.find(' ')));
  }
  if (fields.ok() && !read_permissions(permissions, mapping)) {
    fields.wrong("permissions", "four letters like 'rw-p'", permissions);
  }
  STASIS_TRY(fields.done());
  mapping.deleted = take_deleted_suffix(path);
  mapping.path = decode_octal(path, "\n");
  return mapping;
}

Result<std::vector<Mapping>> parse_maps(std::string_view text) {
  std::vector<Mapping> maps;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    STASIS_ASSIGN(auto mapping, parse_mapping_line("maps", ++number, line));
    if (!maps.empty() && mapping.start < maps.back().end) {
      return fail(ErrorKind::kUnsupported,
                  "maps line {}: address range: expected a start from {:x} on, found '{:x}'",
                  number, maps.back().end, mapping.start);
    }
    maps.push_back(std::move(mapping));
  }
  return maps;
}

Result<std::vector<Mapping>> read_maps(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("maps"));
  return parse_maps(text).context(dir.name());
}

}  // namespace stasis::proc
