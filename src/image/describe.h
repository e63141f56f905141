// One line of text for people about an element of an image. Names from the image are untrusted:
// whatever could steer a terminal is escaped.
#pragma once

#include <string>
#include <string_view>

#include "model/container.h"

namespace stasis::image {

// ASCII stays, everything else and the backslash become \xNN.
std::string printable(std::string_view text);

// "file", "pipe", "socket" ...
std::string_view kind_of(const model::OpenFile& file);
// "/srv/log at 5 (deleted)", "read end of pipe 3", "socket 0: unix stream, connected to socket 1".
std::string describe(const model::OpenFile& file, const model::Container& container);
// "unix stream, connected to socket 1", "tcp, listening on 127.0.0.1:6379".
std::string describe(const model::Socket& socket);

// What kind of memory an area is: "stack", "heap", "anonymous", "private file", "shared file",
// "shared memory", "vdso".
std::string_view area_kind(const model::Vma& vma, const model::MemoryLayout& layout);

}  // namespace stasis::image
