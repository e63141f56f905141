// How the kernel writes names with special characters into its text files (lib/string_helpers.c
// string_escape_mem, fs/seq_file.c mangle_path).
#pragma once

#include <string>
#include <string_view>

namespace stasis::proc {

// Decodes \ooo (three octal digits) for the bytes in `escaped` only; any other backslash stands for
// itself. mountinfo escapes " \t\n\\#". maps and smaps escape "\n" alone, not the backslash: a file
// whose name holds a literal "\012" cannot be told from one with a newline there.
std::string decode_octal(std::string_view text, std::string_view escaped);

// Decodes "\n" and "\\" as in the Name line of status.
std::string decode_name(std::string_view text);

// Removes a trailing " (deleted)"; says whether there was one. A file may really be named so: where
// it matters, the caller compares with st_nlink.
bool take_deleted_suffix(std::string_view& path);

}  // namespace stasis::proc
