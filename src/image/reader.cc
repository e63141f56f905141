#include "image/reader.h"

#include <algorithm>
#include <utility>

#include <fcntl.h>

#include "base/check.h"
#include "image/checksum.h"
#include "image/container_codec.h"
#include "image/layout.h"
#include "image/validate.h"
#include "sys/file.h"

namespace stasis::image {
namespace {

constexpr std::uint64_t kMaxHostBytes = std::uint64_t{64} << 10;

std::uint64_t limit_of(SectionKind kind) {
  return kind == SectionKind::kHost ? kMaxHostBytes : kMaxMetadataBytes;
}

Result<std::vector<std::byte>> read_range(int fd, std::uint64_t offset, std::uint64_t length) {
  std::vector<std::byte> bytes(length);
  STASIS_TRY(sys::pread_exact(fd, bytes, offset));
  return bytes;
}

// The bytes of a section, verified.
Result<std::vector<std::byte>> read_section(int fd, const Section& section) {
  if (section.length > limit_of(section.kind)) {
    return fail(ErrorKind::kCorruptImage, "{}: {} bytes, more than {}", section_name(section.kind),
                section.length, limit_of(section.kind));
  }
  STASIS_ASSIGN(auto bytes, read_range(fd, section.offset, section.length));
  if (checksum(bytes) != section.checksum) {
    return fail(ErrorKind::kCorruptImage, "{}: checksum mismatch", section_name(section.kind));
  }
  return bytes;
}

struct Layout {
  Header header;
  std::vector<Section> sections;  // in the order of SectionKind, then unknown ones
};

Result<Layout> read_layout(int fd) {
  STASIS_ASSIGN(const struct stat st, sys::stat_fd(fd));
  if (!S_ISREG(st.st_mode)) return fail(ErrorKind::kCorruptImage, "not a regular file");
  const auto file_bytes = static_cast<std::uint64_t>(st.st_size);
  STASIS_ASSIGN(const auto page, read_range(fd, 0, std::min(file_bytes, kHeaderBytes)));
  STASIS_ASSIGN(const Header header, decode_header(page));
  if (file_bytes < header.file_bytes) {
    return fail(ErrorKind::kCorruptImage, "truncated: {} of {} bytes", file_bytes,
                header.file_bytes);
  }
  if (file_bytes > header.file_bytes || file_bytes < kHeaderBytes + kFooterBytes) {
    return fail(ErrorKind::kCorruptImage, "{} bytes, but {} by its header", file_bytes,
                header.file_bytes);
  }
  STASIS_ASSIGN(const auto end, read_range(fd, file_bytes - kFooterBytes, kFooterBytes));
  STASIS_ASSIGN(const Footer footer, decode_footer(end, header));
  STASIS_ASSIGN(const auto table,
                read_range(fd, footer.table_offset, footer.section_count * kSectionEntryBytes));
  STASIS_ASSIGN(auto sections, decode_sections(table, footer));
  return Layout{.header = header, .sections = std::move(sections)};
}

// Sections that a later version added and that may be passed over: no byte goes unverified.
Result<void> verify_unknown(int fd, const std::vector<Section>& sections) {
  for (std::size_t i = 4; i < sections.size(); ++i) {
    STASIS_ASSIGN(const auto sum, checksum_range(fd, sections[i].offset, sections[i].length));
    if (sum != sections[i].checksum) {
      return fail(ErrorKind::kCorruptImage, "{}: checksum mismatch",
                  section_name(sections[i].kind));
    }
  }
  return {};
}

struct Contents {
  ImageSummary summary;
  std::vector<std::uint64_t> chunk_checksums;
  model::Container container;
};

Result<Contents> read_contents(int fd) {
  STASIS_ASSIGN(const Layout layout, read_layout(fd));
  const auto& [data, host, container, checksums] =
      std::tie(layout.sections[0], layout.sections[1], layout.sections[2], layout.sections[3]);
  STASIS_ASSIGN(const auto host_bytes, read_section(fd, host));
  STASIS_ASSIGN(const auto container_bytes, read_section(fd, container));
  STASIS_ASSIGN(const auto checksum_bytes, read_section(fd, checksums));
  STASIS_TRY(verify_unknown(fd, layout.sections));

  Contents contents;
  STASIS_ASSIGN(contents.container, decode_container(container_bytes).context("container"));
  STASIS_ASSIGN(contents.container.host, decode_host(host_bytes).context("host facts"));
  STASIS_TRY(validate(contents.container, data.length));
  contents.chunk_checksums = decode_checksums(checksum_bytes);
  contents.summary.uuid = uuid_text(layout.header.uuid);
  contents.summary.file_bytes = layout.header.file_bytes;
  contents.summary.data_bytes = data.length;
  contents.summary.metadata_bytes = host.length + container.length;
  contents.container.info.uuid = contents.summary.uuid;
  return contents;
}

}  // namespace

Result<ImageReader> ImageReader::open(const std::string& directory) {
  ImageReader reader;
  reader.path_ = directory + "/" + kFileName;
  // O_NONBLOCK: a fifo under this name shall not stop us. It changes nothing on regular files.
  STASIS_ASSIGN(
      reader.file_,
      sys::open(reader.path_, O_RDONLY | O_NONBLOCK).context("opening the checkpoint image"));
  STASIS_ASSIGN(Contents contents,
                read_contents(reader.file_.get())
                    .context(fmt::format("checkpoint image '{}'", reader.path_)));
  reader.summary_ = std::move(contents.summary);
  reader.chunk_checksums_ = std::move(contents.chunk_checksums);
  reader.container_ = std::move(contents.container);
  return reader;
}

Result<void> ImageReader::verify_data() const {
  STASIS_ASSIGN(const auto found,
                checksum_chunks(file_.get(), kHeaderBytes, data_bytes())
                    .context(fmt::format("verifying checkpoint image '{}'", path_)));
  const auto bad = std::ranges::mismatch(found, chunk_checksums_).in1;
  if (bad == found.end()) return {};
  const auto chunk = static_cast<std::uint64_t>(bad - found.begin());
  const std::uint64_t start = file_offset(chunk * kChunkBytes);
  const std::uint64_t end = std::min(start + kChunkBytes, file_offset(data_bytes()));
  return fail(
      ErrorKind::kCorruptImage,
      "checkpoint image '{}': data chunk {} (bytes {} to {} of the file): checksum mismatch", path_,
      chunk, start, end - 1);
}

Result<void> ImageReader::read_data(std::uint64_t data_offset, std::span<std::byte> into) const {
  STASIS_CHECK(data_offset <= data_bytes() && into.size() <= data_bytes() - data_offset,
               "data is read inside the data area");
  return sys::pread_exact(file_.get(), into, file_offset(data_offset))
      .context(fmt::format("reading checkpoint image '{}'", path_));
}

std::uint64_t ImageReader::file_offset(std::uint64_t data_offset) const {
  return kHeaderBytes + data_offset;
}

}  // namespace stasis::image
