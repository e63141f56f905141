// stasis inspect and stasis verify on the golden image and on damaged copies of it.
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

class ImageCommands : public ContainerTest {
 protected:
  // Paths in outputs are relative to the fixtures.
  Finished run_there(const std::vector<std::string>& arguments) const {
    return runtime().run(arguments, {.directory = STASIS_FIXTURES "/image"});
  }
  // A copy of the golden image, one byte of which is flipped.
  std::string damaged_image(std::size_t offset) const {
    const std::string copy = directory() + "/damaged";
    std::filesystem::create_directory(copy);
    std::string bytes = read_file(STASIS_FIXTURES "/image/v1/checkpoint.img");
    bytes[offset] = static_cast<char>(bytes[offset] ^ 1);
    write_file(copy + "/checkpoint.img", bytes);
    return copy;
  }
};

TEST_F(ImageCommands, InspectPrintsJson) {
  const Finished finished = run_there({"inspect", "--json", "v1"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, read_file(STASIS_FIXTURES "/image/v1/inspect.json"));
}

TEST_F(ImageCommands, InspectPrintsText) {
  const Finished finished = run_there({"inspect", "v1"});
  EXPECT_EQ(finished.status, 0);
  const std::string golden = read_file(STASIS_FIXTURES "/image/v1/inspect.txt");
  EXPECT_EQ(finished.out, "image       v1/checkpoint.img\n" + golden.substr(golden.find('\n') + 1));
}

TEST_F(ImageCommands, VerifyTakesAnIntactImage) {
  const Finished finished = run_there({"verify", "v1"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "v1/checkpoint.img: complete and intact, 24.2 KiB\n");
}

TEST_F(ImageCommands, VerifyNamesWhatIsDamaged) {
  const std::string image = damaged_image(5000);
  const Finished finished = run_there({"verify", image});
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(runtime().log(),
              testing::HasSubstr("checkpoint image '" + image +
                                 "/checkpoint.img': data chunk 0 (bytes 4096 to 20479 of the "
                                 "file): checksum mismatch"));
}

TEST_F(ImageCommands, InspectRefusesADamagedDescription) {
  const std::string image = damaged_image(20600);
  const Finished finished = run_there({"inspect", image});
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(runtime().log(), testing::HasSubstr("container: checksum mismatch"));
}

TEST_F(ImageCommands, NeedADirectory) {
  EXPECT_EQ(run_there({"verify"}).status, 1);
  EXPECT_EQ(run_there({"inspect"}).status, 1);
  EXPECT_EQ(run_there({"verify", "nowhere"}).status, 1);
  EXPECT_THAT(runtime().log(), testing::HasSubstr("opening the checkpoint image: open "
                                                  "'nowhere/checkpoint.img': ENOENT"));
}

}  // namespace
}  // namespace stasis::test
