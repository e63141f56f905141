// stasis inspect: what an image holds, for people or as JSON.
#include "arguments.h"
#include "command.h"
#include "image/reader.h"
#include "image/report.h"
#include "inspect_json.h"

namespace stasis::cli {
namespace {

struct InspectOptions {
  std::string directory;
  bool json = false;
};

Result<int> run_inspect(const InspectOptions& options) {
  STASIS_ASSIGN(const auto image, image::ImageReader::open(options.directory));
  STASIS_ASSIGN(const auto report, image::make_report(image));
  const std::string text = options.json ? inspect_json(report, image.container())
                                        : image::report_text(report, image.container());
  STASIS_TRY(print_text(text));
  return 0;
}

}  // namespace

Action add_inspect(CLI::App& command, const GlobalOptions& /*global*/) {
  auto options = std::make_shared<InspectOptions>();
  command.add_option("DIR", options->directory, "directory that holds checkpoint.img")->required();
  command.add_flag("--json", options->json, "print JSON");
  return [options] { return run_inspect(*options); };
}

}  // namespace stasis::cli
