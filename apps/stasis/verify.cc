// stasis verify: checks every byte of an image.
#include "arguments.h"
#include "base/text.h"
#include "command.h"
#include "image/reader.h"

namespace stasis::cli {
namespace {

Result<int> run_verify(const std::string& directory) {
  STASIS_ASSIGN(const auto image, image::ImageReader::open(directory));
  STASIS_TRY(image.verify_data());
  const std::string line = fmt::format("{}: complete and intact, {}\n", image.path(),
                                       human_bytes(image.summary().file_bytes));
  STASIS_TRY(print_text(line));
  return 0;
}

}  // namespace

Action add_verify(CLI::App& command, const GlobalOptions& /*global*/) {
  auto directory = std::make_shared<std::string>();
  command.add_option("DIR", *directory, "directory that holds checkpoint.img")->required();
  return [directory] { return run_verify(*directory); };
}

}  // namespace stasis::cli
