#include "sys/file.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

namespace stasis::sys {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class Directory : public testing::Test {
 protected:
  Directory() {
    std::string pattern = fs::temp_directory_path() / "stasis-file-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
    fs::create_directory(path_ + "/b");
    fs::create_directory(path_ + "/.a");
    fs::create_directory_symlink("b", path_ + "/link");
    std::ofstream(path_ + "/file.x") << "text";
  }
  ~Directory() override { fs::remove_all(path_); }
  std::string path_;
};

TEST_F(Directory, ListsAllNamesInOrder) {
  EXPECT_THAT(*list_dir_at(kCwd, path_), ElementsAre(".a", "b", "file.x", "link"));
}

TEST_F(Directory, ListsTheDirectoriesInIt) {
  EXPECT_THAT(*list_directories(path_), ElementsAre(".a", "b"));
}

TEST_F(Directory, ThatIsNotThereIsAnError) {
  const auto names = list_directories(path_ + "/none");
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().kind(), ErrorKind::kNotFound);
}

}  // namespace
}  // namespace stasis::sys
