// The fixture of tests on a tree of ordinary files that stands for one of the kernel's. It is gone
// at the end of the test.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

namespace stasis::test {

class FileTree : public testing::Test {
 protected:
  FileTree() {
    std::string pattern = std::filesystem::temp_directory_path() / "stasis-tree-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::filesystem::filesystem_error("mkdtemp", pattern,
                                              std::error_code(errno, std::generic_category()));
    root_ = pattern;
  }
  ~FileTree() override { std::filesystem::remove_all(root_); }

  // Makes the directories that lead to it.
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + file).parent_path());
    std::ofstream(root_ + "/" + file) << text;
  }
  std::string read(const std::string& file) const {
    EXPECT_TRUE(exists(file)) << file;
    std::ostringstream text;
    text << std::ifstream(root_ + "/" + file).rdbuf();
    return text.str();
  }
  bool exists(const std::string& file) const { return std::filesystem::exists(root_ + "/" + file); }

  std::string root_;
};

}  // namespace stasis::test
