// The program "criu" for engines that look for one before they ask the runtime for a checkpoint
// (podman, CRI-O): it tells a version, and nothing else. stasis itself never runs it.
//
//   criu swrk FD      answers requests on a SOCK_SEQPACKET socket until the other end is closed
//   criu --version
#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "base/parse.h"
#include "requests.h"
#include "sys/file.h"

namespace stasis::criu {
namespace {

constexpr std::size_t kLongestRequest = 65536;

Result<void> serve(int fd) {
  std::vector<std::byte> buffer(kLongestRequest);
  while (true) {
    STASIS_ASSIGN(const std::size_t length, sys::read_some(fd, buffer));
    if (length == 0) return {};
    const auto type = parse_request_type({reinterpret_cast<const char*>(buffer.data()), length});
    if (!type) return fail(ErrorKind::kInvalidArgument, "the request is no criu_req");
    STASIS_TRY(sys::write_all(fd, encode_response(*type)));
  }
}

int run(std::span<char*> arguments) {
  const std::string_view command = arguments.empty() ? std::string_view() : arguments.front();
  if (command == "--version" || command == "-V") {
    std::printf("Version: %u.%u (of stasis, for engines that ask for one)\n",
                static_cast<unsigned>(kMajor), static_cast<unsigned>(kMinor));
    return 0;
  }
  const auto fd = arguments.size() == 2 ? parse_number<int>(arguments[1]) : std::nullopt;
  if (command != "swrk" || !fd) {
    std::fputs(
        "criu: this program is part of stasis and only tells its version to engines: "
        "use 'stasis checkpoint' and 'stasis restore'\n",
        stderr);
    return 1;
  }
  const auto served = serve(*fd);
  if (served) return 0;
  std::fprintf(stderr, "criu: %s\n", served.error().message().c_str());
  return 1;
}

}  // namespace
}  // namespace stasis::criu

int main(int argc, char** argv) {
  return stasis::criu::run({argv + 1, static_cast<std::size_t>(argc - 1)});
}
