// One HTTP request over a unix socket.
#pragma once

#include <string>

namespace stasis::test {

// The body of "GET TARGET"; "" when nobody answers.
std::string http_get(const std::string& socket_path, const std::string& target);
// Tries until somebody answers; gives up at the limit.
std::string wait_for_http(const std::string& socket_path, const std::string& target);

}  // namespace stasis::test
