// struct sockaddr_in and sockaddr_in6 as bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace stasis::sys {

// In the byte order of the host; 0 for other families.
std::uint16_t get_port(std::span<const std::uint8_t> address);
// "127.0.0.1:80", "[::1]:80"; for messages.
std::string format_inet_address(std::span<const std::uint8_t> address);

}  // namespace stasis::sys
