#include "sys/file.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "unit/support/file_tree.h"

namespace stasis::sys {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class Directory : public test::FileTree {
 protected:
  Directory() {
    fs::create_directory(root_ + "/b");
    fs::create_directory(root_ + "/.a");
    fs::create_directory_symlink("b", root_ + "/link");
    write("file.x", "text");
  }
};

TEST_F(Directory, ListsAllNamesInOrder) {
  EXPECT_THAT(*list_dir_at(kCwd, root_), ElementsAre(".a", "b", "file.x", "link"));
}

TEST_F(Directory, ListsTheDirectoriesInIt) {
  EXPECT_THAT(*list_directories(root_), ElementsAre(".a", "b"));
}

TEST_F(Directory, ThatIsNotThereIsAnError) {
  const auto names = list_directories(root_ + "/none");
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().kind(), ErrorKind::kNotFound);
}

}  // namespace
}  // namespace stasis::sys
