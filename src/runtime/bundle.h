// A bundle: the directory that holds config.json and, usually, the root file system.
#pragma once

#include <string>

#include "base/result.h"
#include "oci/spec.h"

namespace stasis::runtime {

struct Bundle {
  std::string path;         // absolute
  std::string rootfs;       // absolute
  std::string config_text;  // config.json as it stands
  oci::Spec spec;           // parsed and validated
};

// `path` is relative to the caller's directory. kNotFound: no config.json, or no root file system.
Result<Bundle> load_bundle(const std::string& path);

// The absolute form of a path that a flag gave; symlinks stay.
Result<std::string> absolute_path(const std::string& path);

}  // namespace stasis::runtime
