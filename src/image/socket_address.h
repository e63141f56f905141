// Socket addresses as the model holds them, for people.
#pragma once

#include <string>

#include "model/data.h"

namespace stasis::image {

// "127.0.0.1:80", "[::1]:80" from the bytes of a sockaddr_in or sockaddr_in6; "unknown address" for
// anything else.
std::string address_text(const model::Bytes& sockaddr);

}  // namespace stasis::image
