// Whole-file helpers for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stasis::test {

std::string read_file(const std::string& path);                   // gives up when it cannot
void write_file(const std::string& path, std::string_view text);  // creates or truncates
bool exists(const std::string& path);
std::vector<std::string> split_lines(std::string_view text);
// Every file and directory below `dir`, relative to it, sorted; nothing when `dir` is missing.
std::vector<std::string> list_tree(const std::string& dir);

}  // namespace stasis::test
