#include "image/writer.h"

#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "base/rollback.h"
#include "image/checksum.h"
#include "image/container_codec.h"
#include "image/layout.h"
#include "image/validate.h"
#include "sys/entropy.h"
#include "sys/file.h"
#include "sys/unnamed_file.h"

namespace stasis::image {
namespace {

using Clock = std::chrono::steady_clock;

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

std::uint64_t round_up_to_page(std::uint64_t bytes) {
  return (bytes + model::kPageSize - 1) & ~(model::kPageSize - 1);
}

Error already_there(const std::string& path) {
  return fail(ErrorKind::kConflict, "checkpoint image '{}' exists already", path);
}

// Version 4, variant 1 of RFC 4122.
Result<Uuid> random_uuid() {
  Uuid uuid{};
  STASIS_TRY(sys::random_bytes(std::as_writable_bytes(std::span(uuid))));
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

Result<UniqueFd> open_unnamed(int directory_fd) {
#ifdef STASIS_FAULT_POINTS
  if (auto fault = reach_fault_point("image.unnamed_file"); !fault.has_value()) {
    return std::move(fault.error()).as(ErrorKind::kUnsupported);
  }
#endif
  return sys::open_unnamed_at(directory_fd, kFileMode);
}

// Takes away again, innermost first, what of the path is not there yet; what others put something
// into meanwhile stays.
Rollback removal_of_missing(const std::string& directory) {
  Rollback undo;
  for (auto at = directory.find('/', 1);; at = directory.find('/', at + 1)) {
    const std::string prefix = directory.substr(0, at);
    if (!sys::exists_at(sys::kCwd, prefix)) {
      undo.push([prefix] { static_cast<void>(sys::unlink_at(sys::kCwd, prefix, AT_REMOVEDIR)); });
    }
    if (at == directory.npos) return undo;
  }
}

// Writes a file back to its disk in the background. The result counts: the kernel reports a failed
// write-back to only one fsync of a descriptor.
class BackgroundSync {
 public:
  explicit BackgroundSync(int fd) {
    try {
      thread_ = std::jthread([this, fd] { result_ = sys::sync_fd(fd); });
    } catch (const std::system_error&) {
      // No thread to be had: the sync at the end does all of it.
    }
  }
  Result<void> wait() {
    if (thread_.joinable()) thread_.join();
    return std::move(result_);
  }

 private:
  Result<void> result_;
  std::jthread thread_;  // last: ends before the result goes
};

// What follows the data area, and the header that goes with it.
struct Tail {
  std::string header;
  std::string bytes;
};

Tail make_tail(const Uuid& uuid, std::uint64_t data_bytes, const std::string& host,
               const std::string& container, const std::vector<std::uint64_t>& chunks) {
  const std::string checksums = encode_checksums(chunks);
  std::vector<Section> sections;
  std::uint64_t offset = kHeaderBytes;
  const auto add = [&](SectionKind kind, std::uint64_t length, std::uint64_t sum) {
    sections.push_back({.kind = kind, .offset = offset, .length = length, .checksum = sum});
    offset += length;
  };
  add(SectionKind::kData, data_bytes, checksum(checksums));
  add(SectionKind::kHost, host.size(), checksum(host));
  add(SectionKind::kContainer, container.size(), checksum(container));
  add(SectionKind::kDataChecksums, checksums.size(), checksum(checksums));
  const std::string table = encode_sections(sections);
  const Footer footer{.section_count = static_cast<std::uint32_t>(sections.size()),
                      .table_offset = offset,
                      .table_checksum = checksum(table),
                      .uuid = uuid};
  Header header;
  header.uuid = uuid;
  header.file_bytes = offset + table.size() + kFooterBytes;
  return {.header = encode_header(header),
          .bytes = host + container + checksums + table + encode_footer(footer)};
}

}  // namespace

ImageWriter::ImageWriter(std::string path, UniqueFd directory, UniqueFd file,
                         std::string temporary_name, const Uuid& uuid, Rollback made_directories)
    : path_(std::move(path)),
      directory_(std::move(directory)),
      file_(std::move(file)),
      temporary_name_(std::move(temporary_name)),
      uuid_(uuid),
      made_directories_(std::move(made_directories)) {}

ImageWriter::ImageWriter(ImageWriter&& other) noexcept
    : path_(std::move(other.path_)),
      directory_(std::move(other.directory_)),
      file_(std::move(other.file_)),
      temporary_name_(std::exchange(other.temporary_name_, {})),
      uuid_(other.uuid_),
      data_bytes_(other.data_bytes_),
      made_directories_(std::move(other.made_directories_)) {}

ImageWriter::~ImageWriter() {
  if (temporary_name_.empty()) return;
  if (auto removed = sys::unlink_at(directory_.get(), temporary_name_); !removed.has_value()) {
    log(LogLevel::kDebug, "ignored: {}", removed.error().message());
  }
}

Result<ImageWriter> ImageWriter::create(const std::string& directory) {
  Rollback made_directories = removal_of_missing(directory);
  STASIS_TRY(sys::make_dirs(directory, kDirectoryMode).context("making the image directory"));
  STASIS_ASSIGN(
      UniqueFd directory_fd,
      sys::open(directory, O_RDONLY | O_DIRECTORY).context("opening the image directory"));
  std::string path = directory + "/" + kFileName;
  if (sys::exists_at(directory_fd.get(), kFileName)) return already_there(path);
  STASIS_ASSIGN(const Uuid uuid, random_uuid());
  auto file = open_unnamed(directory_fd.get());
  std::string temporary_name;
  if (!file.has_value() && file.error().kind() == ErrorKind::kUnsupported) {
    temporary_name = fmt::format(".{}.{}", kFileName, uuid_text(uuid));
    file = sys::open_at(directory_fd.get(), temporary_name, O_RDWR | O_CREAT | O_EXCL, kFileMode);
  }
  if (!file.has_value()) {
    return std::move(file.error()).context(fmt::format("creating checkpoint image '{}'", path));
  }
  return ImageWriter(std::move(path), std::move(directory_fd), std::move(*file),
                     std::move(temporary_name), uuid, std::move(made_directories));
}

std::string ImageWriter::uuid() const { return uuid_text(uuid_); }

Result<std::uint64_t> ImageWriter::allocate(std::uint64_t bytes) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  if (bytes > kMost - data_bytes_) {
    return fail(ErrorKind::kInvalidArgument, "an image with {} more bytes of data than {}", bytes,
                data_bytes_);
  }
  return std::exchange(data_bytes_, data_bytes_ + round_up_to_page(bytes));
}

std::uint64_t ImageWriter::file_offset(std::uint64_t data_offset) const {
  return kHeaderBytes + data_offset;
}

Result<void> ImageWriter::write_data(std::uint64_t data_offset, std::span<const std::byte> bytes) {
  STASIS_CHECK(data_offset <= data_bytes_ && bytes.size() <= data_bytes_ - data_offset,
               "data is written inside allocated ranges");
  return write_at(file_offset(data_offset), bytes);
}

Result<void> ImageWriter::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  auto written = sys::pwrite_all(file_.get(), bytes, offset);
  if (written.has_value()) return {};
  return std::move(written.error())
      .context(fmt::format("writing checkpoint image '{}' ({} bytes of data wanted)", path_,
                           data_bytes_));
}

Result<void> ImageWriter::publish() {
  const int directory_fd = directory_.get();
  if (temporary_name_.empty()) {
    STASIS_TRY(sys::link_fd_at(file_.get(), directory_fd, kFileName));
    return {};
  }
  // The rename is one step; where the file system cannot (NFS), a link does not replace either.
  auto renamed = sys::rename_no_replace(directory_fd, temporary_name_, kFileName);
  if (renamed.has_value()) {
    temporary_name_.clear();
    return {};
  }
  if (renamed.error().kind() == ErrorKind::kConflict) return renamed;
  return sys::link_at(directory_fd, temporary_name_, kFileName);
}

Result<void> ImageWriter::sync_and_publish(const MayPublish& may_publish) {
  STASIS_FAULT_POINT("image.before_sync");
  STASIS_TRY(sys::sync_fd(file_.get()));
  STASIS_FAULT_POINT("image.before_publish");
  if (may_publish) STASIS_TRY(may_publish());
  auto published = publish();
  if (!published.has_value() && published.error().kind() == ErrorKind::kConflict) {
    return already_there(path_);
  }
  STASIS_TRY(std::move(published));
  Rollback rollback;
  rollback.push([directory_fd = directory_.get()] {
    static_cast<void>(sys::unlink_at(directory_fd, kFileName));
  });
  STASIS_FAULT_POINT("image.before_directory_sync");
  STASIS_TRY(sys::sync_fd(directory_.get()));
  rollback.commit();
  return {};
}

Result<ImageSummary> ImageWriter::finish(const model::Container& container,
                                         const MayPublish& may_publish) && {
  const auto started = Clock::now();
  if (auto valid = validate(container, data_bytes_); !valid.has_value()) {
    return std::move(valid.error())
        .as(ErrorKind::kInvalidArgument)
        .context("describing the container");
  }
  const std::string host = encode_host(container.host);
  STASIS_ASSIGN(const std::string encoded, encode_container(container));
  const auto encoded_at = Clock::now();

  // Gives the data area its full length before it is read back: what was never written is a hole.
  STASIS_TRY(sys::set_file_size(file_.get(), kHeaderBytes + data_bytes_));
  BackgroundSync data_sync(file_.get());
  STASIS_ASSIGN(const auto chunks, checksum_chunks(file_.get(), kHeaderBytes, data_bytes_));
  const auto checksummed_at = Clock::now();
  STASIS_TRY(data_sync.wait().context(fmt::format("syncing checkpoint image '{}'", path_)));

  const Tail tail = make_tail(uuid_, data_bytes_, host, encoded, chunks);
  STASIS_TRY(write_at(kHeaderBytes + data_bytes_, std::as_bytes(std::span(tail.bytes))));
  STASIS_TRY(write_at(0, std::as_bytes(std::span(tail.header))));
  STASIS_TRY(
      sync_and_publish(may_publish).context(fmt::format("finishing checkpoint image '{}'", path_)));
  made_directories_.commit();
  return ImageSummary{.uuid = uuid(),
                      .file_bytes = kHeaderBytes + data_bytes_ + tail.bytes.size(),
                      .data_bytes = data_bytes_,
                      .metadata_bytes = host.size() + encoded.size(),
                      .encode_time = encoded_at - started,
                      .checksum_time = checksummed_at - encoded_at,
                      .sync_time = Clock::now() - checksummed_at};
}

void unpublish(const std::string& directory) {
  static_cast<void>(sys::unlink_at(sys::kCwd, directory + "/" + kFileName));
}

}  // namespace stasis::image
