// What engines ask a criu program before they let a runtime checkpoint: its version, and whether it
// can track memory. The messages are criu_req and criu_resp of CRIU's rpc.proto, in protobuf's wire
// format, whose few members that matter here are read and written by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stasis::criu {

// The version that is told: of the newest interface that podman and CRI-O ask for.
inline constexpr std::uint64_t kMajor = 3, kMinor = 17;

// The "type" of a criu_req; nothing when the bytes are none.
std::optional<std::uint64_t> parse_request_type(std::string_view bytes);

// The criu_resp. Requests other than for the version and for features are refused with a sentence:
// checkpoints are the runtime's.
std::string encode_response(std::uint64_t request_type);

}  // namespace stasis::criu
