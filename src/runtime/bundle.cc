#include "runtime/bundle.h"

#include "oci/parse_spec.h"
#include "oci/validate.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

// What the caller has named wrongly, in the words that callers of runc know.
Result<void> expect_there(std::string_view what, const std::string& path) {
  const auto found = sys::stat_at(sys::kCwd, path);
  if (found || found.error().kind() != ErrorKind::kNotFound) return {};
  return fail(ErrorKind::kNotFound, "{} '{}': no such file or directory", what, path);
}

}  // namespace

Result<std::string> absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  STASIS_ASSIGN(const std::string here, sys::read_link_at(sys::kCwd, "/proc/self/cwd"));
  if (path.empty() || path == ".") return here;
  return here == "/" ? "/" + path : here + "/" + path;
}

Result<Bundle> load_bundle(const std::string& path) {
  Bundle bundle;
  STASIS_ASSIGN(bundle.path, absolute_path(path));
  while (bundle.path.size() > 1 && bundle.path.ends_with('/')) bundle.path.pop_back();
  STASIS_TRY(expect_there("bundle", bundle.path));
  const std::string config = bundle.path + "/config.json";
  STASIS_TRY(expect_there("the bundle's configuration", config));
  STASIS_ASSIGN(bundle.config_text, sys::read_file(config));
  STASIS_ASSIGN(bundle.spec, oci::parse_spec(bundle.config_text).context(config));
  STASIS_TRY(oci::validate(bundle.spec).context(config));
  const std::string& root = bundle.spec.root.path;
  bundle.rootfs = root.starts_with('/') ? root : bundle.path + "/" + root;
  STASIS_TRY(expect_there("root.path:", bundle.rootfs));
  STASIS_ASSIGN(const struct stat st, sys::stat_at(sys::kCwd, bundle.rootfs).context("root.path"));
  if (!S_ISDIR(st.st_mode)) {
    return fail(ErrorKind::kInvalidArgument, "root.path: '{}' is no directory", bundle.rootfs);
  }
  return bundle;
}

}  // namespace stasis::runtime
