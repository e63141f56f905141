#include "proc/network_settings.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "base/parse.h"
#include "sys/file.h"

namespace stasis::proc {
namespace {

constexpr mode_t kReadWrite = S_IRUSR | S_IWUSR;

Result<void> read_below(int dir, const std::string& prefix, NetworkSettings& into) {
  STASIS_ASSIGN(const auto names, sys::list_dir(dir));
  for (const std::string& name : names) {
    const auto status = sys::stat_at(dir, name, AT_SYMLINK_NOFOLLOW);
    if (!status) continue;  // of a link that is gone
    if (S_ISDIR(status->st_mode)) {
      STASIS_ASSIGN(const UniqueFd below, sys::open_at(dir, name, O_RDONLY | O_DIRECTORY));
      STASIS_TRY(read_below(below.get(), prefix + name + "/", into));
      continue;
    }
    if ((status->st_mode & kReadWrite) != kReadWrite) continue;
    // Some cannot be read before they are set (ipv6/conf/*/stable_secret).
    const auto value = sys::read_file_at(dir, name);
    if (value) into.emplace(prefix + name, std::string(trim(*value)));
  }
  return {};
}

}  // namespace

Result<NetworkSettings> read_network_settings() {
  STASIS_ASSIGN(const UniqueFd dir, sys::open("/proc/sys/net", O_RDONLY | O_DIRECTORY));
  NetworkSettings settings;
  STASIS_TRY(read_below(dir.get(), "", settings).context("reading /proc/sys/net"));
  return settings;
}

std::optional<LinkSetting> parse_link_setting(std::string_view name) {
  const auto parts = split(name, '/');
  constexpr std::size_t kParts = 4;
  if (parts.size() != kParts || (parts[1] != "conf" && parts[1] != "neigh")) return std::nullopt;
  if (parts[2] == "default" || parts[2] == "all") return std::nullopt;
  return LinkSetting{.directory = fmt::format("{}/{}", parts[0], parts[1]),
                     .link = std::string(parts[2]),
                     .key = std::string(parts[3])};
}

}  // namespace stasis::proc
