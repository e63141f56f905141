// The owner of one file descriptor.
#pragma once

#include <utility>

namespace stasis {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  // Gives the descriptor away; this object then owns none.
  int release() noexcept { return std::exchange(fd_, -1); }
  // Closes what is owned (errors are of no use here: the descriptor is gone in any case).
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

}  // namespace stasis
