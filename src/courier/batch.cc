#include "courier/batch.h"

#include <algorithm>

#include "courier/syscall_names.h"

namespace stasis::courier {
namespace {

constexpr std::size_t kAlignment = 16;

}  // namespace

DataRef SyscallBatch::reserve(std::size_t size) {
  const std::size_t offset = (data_.size() + kAlignment - 1) / kAlignment * kAlignment;
  data_.resize(offset + size);
  return DataRef{offset, size};
}

DataRef SyscallBatch::bytes(std::span<const std::byte> bytes) {
  const DataRef ref = reserve(bytes.size());
  if (!bytes.empty()) std::memcpy(data_.data() + ref.offset, bytes.data(), bytes.size());
  return ref;
}

DataRef SyscallBatch::text(std::string_view text) {
  const DataRef ref = reserve(text.size() + 1);
  if (!text.empty()) std::memcpy(data_.data() + ref.offset, text.data(), text.size());
  return ref;
}

void SyscallBatch::point(DataRef holder, std::size_t at_offset, DataRef target) {
  pointers_.push_back(Pointer{holder.offset + at_offset, target.offset});
}

SyscallBatch::Call SyscallBatch::append(long number, std::vector<Argument> arguments,
                                        std::uint64_t flags) {
  calls_.push_back(Entry{number, std::move(arguments), flags, 0, what_});
  return Call{calls_.size() - 1};
}

std::vector<std::byte> SyscallBatch::encode_data(RemoteAddr base) const {
  std::vector<std::byte> data = data_;
  for (const Pointer& pointer : pointers_) {
    const std::uint64_t address = base.value + pointer.target;
    std::memcpy(data.data() + pointer.at, &address, sizeof(address));
  }
  return data;
}

std::vector<StubEntry> SyscallBatch::encode_calls(RemoteAddr data_base) const {
  std::vector<StubEntry> entries(calls_.size());
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    entries[i].number = static_cast<std::uint64_t>(calls_[i].number);
    for (std::size_t a = 0; a < calls_[i].arguments.size(); ++a) {
      entries[i].arguments[a] = calls_[i].arguments[a].resolve(data_base);
    }
    entries[i].flags = calls_[i].flags;
  }
  return entries;
}

void SyscallBatch::take_results(std::size_t first, std::span<const StubEntry> entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) calls_[first + i].result = entries[i].result;
}

void SyscallBatch::take_data(std::span<const std::byte> data) {
  std::copy_n(data.begin(), std::min(data.size(), data_.size()), data_.begin());
}

Error SyscallBatch::failure(std::size_t index) const {
  const Entry& entry = calls_[index];
  auto error = Error::from_errno(syscall_name(entry.number), static_cast<int>(-entry.result));
  if (entry.what.empty()) return error;
  return std::move(error).context(entry.what);
}

}  // namespace stasis::courier
