// A batch of system calls to run inside a stopped task: data, built and tested without a task.
//
//   SyscallBatch batch;
//   const auto path = batch.text("/proc/self/fd");                  // placed in the courier's
//   pages const auto fd = batch.must(SYS_openat, AT_FDCWD, path, O_PATH);  // failing ends the
//   batch const auto out = batch.reserve(16); batch.add(SYS_getitimer, 0, out); // failing is only
//   recorded STASIS_TRY(courier.run(batch)); batch.result(fd); batch.output(out);
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "courier/stub.h"

namespace stasis::courier {

// Bytes that travel with the batch, by offset into its data.
struct DataRef {
  std::size_t offset = 0;
  std::size_t size = 0;
};

// One argument: a number, an address in the task, or a place in the batch's own data.
class Argument {
 public:
  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) Argument(T value)
      : value_(static_cast<std::uint64_t>(value)) {}               // NOLINT: by design
  Argument(RemoteAddr address) : value_(address.value) {}          // NOLINT
  Argument(DataRef data) : value_(data.offset), is_data_(true) {}  // NOLINT

  std::uint64_t resolve(RemoteAddr data_base) const {
    return is_data_ ? data_base.value + value_ : value_;
  }

 private:
  std::uint64_t value_ = 0;
  bool is_data_ = false;
};

class SyscallBatch {
 public:
  struct Call {
    std::size_t index = 0;
  };

  // A copy of `bytes`, 16-byte aligned. The task sees it in writable memory.
  DataRef bytes(std::span<const std::byte> bytes);
  DataRef text(std::string_view text);  // with a terminating NUL
  template <class T>
  requires(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>) DataRef
      value(const T& object) {
    return bytes(std::as_bytes(std::span(&object, 1)));
  }
  // Zeroed room for what the calls write.
  DataRef reserve(std::size_t size);
  // Stores the address that `target` will have in the task at byte `at_offset` of `holder` (8
  // bytes): for structs with pointers, as msghdr and iovec.
  void point(DataRef holder, std::size_t at_offset, DataRef target);

  template <class... Args>
  Call add(long number, Args... arguments) {
    return append(number, {Argument(arguments)...}, 0);
  }
  // As add(), but a failure ends the batch: run() then returns an Error that names the call.
  template <class... Args>
  Call must(long number, Args... arguments) {
    return append(number, {Argument(arguments)...}, kMustSucceed);
  }
  // What the calls added from here on are for, in errors: "opening '/tmp/x'".
  void describe(std::string what) { what_ = std::move(what); }

  bool empty() const { return calls_.empty(); }
  std::size_t size() const { return calls_.size(); }

  // After run(): what the call returned (a negated errno on failure).
  std::int64_t result(Call call) const { return calls_[call.index].result; }
  std::span<const std::byte> output(DataRef data) const {
    return std::span(data_).subspan(data.offset, data.size);
  }
  template <class T>
  requires std::is_trivially_copyable_v<T> T output_as(DataRef data)
  const {
    T object{};
    std::memcpy(&object, data_.data() + data.offset, sizeof(T));
    return object;
  }

  // For Courier: the data with its pointers set for `base`; the entries; the results back.
  std::vector<std::byte> encode_data(RemoteAddr base) const;
  std::vector<StubEntry> encode_calls(RemoteAddr data_base) const;
  void take_results(std::size_t first, std::span<const StubEntry> entries);
  void take_data(std::span<const std::byte> data);
  // The Error of a failed `must` call.
  Error failure(std::size_t index) const;

 private:
  struct Entry {
    long number = 0;
    std::vector<Argument> arguments;
    std::uint64_t flags = 0;
    std::int64_t result = 0;
    std::string what;
  };
  struct Pointer {
    std::size_t at = 0;
    std::size_t target = 0;
  };
  Call append(long number, std::vector<Argument> arguments, std::uint64_t flags);

  std::vector<Entry> calls_;
  std::vector<std::byte> data_;
  std::vector<Pointer> pointers_;
  std::string what_;
};

}  // namespace stasis::courier
