// The whole message of a failure, or a text that no message is.
#pragma once

#include <string>

#include "base/result.h"

namespace stasis::proc {

template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "(no error)" : result.error().message();
}

}  // namespace stasis::proc
