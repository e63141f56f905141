// The receive queue of a unix or UDP socket.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "checkpoint/file_context.h"
#include "model/socket.h"

namespace stasis::checkpoint {

enum class QueueKind {
  kStream,     // an empty message is the end of file
  kRecords,    // seqpacket: messages may be empty, and there is an end of file
  kDatagrams,  // messages may be empty
};

// Reads without taking out. Descriptors found in it are added to the files. A run of stream bytes
// that ends in descriptors is one message, as one large recvmsg(2) would give it.
Result<std::vector<model::QueuedMessage>> collect_socket_queue(FileContext& files, std::uint32_t file,
                                                             QueueKind kind);

}  // namespace stasis::checkpoint
