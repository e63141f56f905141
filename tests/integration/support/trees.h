// The root filesystem trees that scripts/make-rootfs has made from Debian packages. The test
// entries "rootfs.NAME" of ctest make them before any test that needs one.
#pragma once

#include <string>

namespace stasis::test {

// The cached tree, not to be written to (Bundle::use_tree); gives up when it is not there.
std::string find_tree(const std::string& name);

}  // namespace stasis::test
