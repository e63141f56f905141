// A protobuf arena that holds no more than a given number of bytes: a few bytes of a hostile image
// can ask for messages hundreds of times their size.
#pragma once

#include <cstddef>

#include <google/protobuf/arena.h>

namespace stasis::image {

// Throws std::bad_alloc out of protobuf when the limit is reached. One at a time in a thread.
class BoundedArena {
 public:
  explicit BoundedArena(std::size_t limit_bytes);
  BoundedArena(const BoundedArena&) = delete;
  BoundedArena& operator=(const BoundedArena&) = delete;

  google::protobuf::Arena* get() { return &arena_; }

 private:
  google::protobuf::Arena arena_;
};

}  // namespace stasis::image
