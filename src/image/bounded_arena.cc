#include "image/bounded_arena.h"

#include <new>

namespace stasis::image {
namespace {

// The arena's allocation functions take no argument of ours.
thread_local std::size_t bytes_left = 0;

void* allocate(std::size_t bytes) {
  if (bytes > bytes_left) throw std::bad_alloc();
  bytes_left -= bytes;
  return ::operator new(bytes);
}

void release(void* block, std::size_t /*bytes*/) { ::operator delete(block); }

google::protobuf::ArenaOptions options(std::size_t limit_bytes) {
  bytes_left = limit_bytes;
  google::protobuf::ArenaOptions options;
  options.max_block_size = std::size_t{1} << 20;
  options.block_alloc = allocate;
  options.block_dealloc = release;
  return options;
}

}  // namespace

BoundedArena::BoundedArena(std::size_t limit_bytes) : arena_(options(limit_bytes)) {}

}  // namespace stasis::image
