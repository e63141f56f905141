// What validate() says about a container that one thing is wrong with.
#pragma once

#include <functional>
#include <string>

#include "image/validate.h"
#include "unit/image/small_container.h"

namespace stasis::image {

// About the small container after `change`.
inline std::string error_after(const std::function<void(model::Container&)>& change) {
  model::Container container = small_container();
  change(container);
  const auto valid = validate(container, kSmallDataBytes);
  return valid.has_value() ? "no error" : valid.error().message();
}

}  // namespace stasis::image
