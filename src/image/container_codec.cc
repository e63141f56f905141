#include "image/container_codec.h"

#include <new>
#include <utility>

#include "image/bounded_arena.h"
#include "image/codec.h"
#include "image/container.pb.h"
#include "image/filesystem_codec.h"
#include "image/host.pb.h"
#include "image/ipc_codec.h"
#include "image/memory_codec.h"
#include "image/network_codec.h"
#include "image/open_file_codec.h"
#include "image/process_codec.h"
#include "image/socket_codec.h"
#include "image/thread_codec.h"
#include "image/tty_codec.h"

namespace stasis::image {
namespace {

void encode_info(const model::CheckpointInfo& from, wire::CheckpointInfo* to) {
  to->set_id(from.id);
  to->set_tool(from.tool);
  to->set_left_running(from.left_running);
  to->set_tcp_established(from.tcp_established);
  to->set_oci_config(from.oci_config);
  for (const auto& [name, value] : from.annotations) {
    wire::NameAndBytes* annotation = to->add_annotations();
    annotation->set_name(name);
    annotation->set_value(value);
  }
}

model::CheckpointInfo decode_info(const wire::CheckpointInfo& from) {
  model::CheckpointInfo info{.id = from.id(),
                             .uuid = {},
                             .tool = from.tool(),
                             .left_running = from.left_running(),
                             .tcp_established = from.tcp_established(),
                             .oci_config = from.oci_config(),
                             .annotations = {}};
  for (const wire::NameAndBytes& annotation : from.annotations()) {
    info.annotations.insert_or_assign(annotation.name(), annotation.value());
  }
  return info;
}

void encode_message(const model::Container& from, wire::Container* to) {
  encode_info(from.info, to->mutable_info());
  to->mutable_clocks()->set_realtime_ns(from.clocks.realtime_ns);
  to->mutable_clocks()->set_monotonic_ns(from.clocks.monotonic_ns);
  to->mutable_clocks()->set_boottime_ns(from.clocks.boottime_ns);
  encode_list(from.processes, to->mutable_processes(), encode_process);
  encode_list(from.open_files, to->mutable_open_files(), encode_open_file);
  encode_list(from.pipes, to->mutable_pipes(), encode_pipe);
  encode_list(from.sockets, to->mutable_sockets(), encode_socket);
  encode_list(from.ttys, to->mutable_ttys(), encode_tty);
  encode_list(from.mapped_files, to->mutable_mapped_files(), encode_mapped_file);
  encode_list(from.shared_memory, to->mutable_shared_memory(), encode_shared_memory);
  encode_list(from.ghost_files, to->mutable_ghost_files(), encode_ghost);
  encode_list(from.tmpfs, to->mutable_tmpfs(), encode_tmpfs);
  encode_list(from.seccomp_filters, to->mutable_seccomp_filters(), encode_seccomp_filter);
  encode_ipc(from.ipc, to->mutable_ipc());
  if (from.network) encode_network(*from.network, to->mutable_network());
}

Result<model::Container> decode_message(const wire::Container& from) {
  STASIS_ASSIGN(auto processes, decode_list(from.processes(), "process", decode_process));
  STASIS_ASSIGN(auto open_files, decode_list(from.open_files(), "open file", decode_open_file));
  STASIS_ASSIGN(auto pipes, decode_list(from.pipes(), "pipe", decode_pipe));
  STASIS_ASSIGN(auto sockets, decode_list(from.sockets(), "socket", decode_socket));
  STASIS_ASSIGN(auto ttys, decode_list(from.ttys(), "tty", decode_tty));
  STASIS_ASSIGN(auto mapped_files,
                decode_list(from.mapped_files(), "mapped file", decode_mapped_file));
  STASIS_ASSIGN(auto shared_memory,
                decode_list(from.shared_memory(), "shared memory", decode_shared_memory));
  STASIS_ASSIGN(auto ghost_files, decode_list(from.ghost_files(), "ghost file", decode_ghost));
  STASIS_ASSIGN(auto tmpfs, decode_list(from.tmpfs(), "tmpfs", decode_tmpfs));
  STASIS_ASSIGN(auto filters,
                decode_list(from.seccomp_filters(), "seccomp filter", decode_seccomp_filter));
  STASIS_ASSIGN(auto ipc, decode_ipc(from.ipc()));
  std::optional<model::Network> network;
  if (from.has_network()) {
    STASIS_ASSIGN(network, decode_network(from.network()));
  }
  const wire::Clocks& clocks = from.clocks();
  return model::Container{.info = decode_info(from.info()),
                          .host = {},
                          .clocks = {.realtime_ns = clocks.realtime_ns(),
                                     .monotonic_ns = clocks.monotonic_ns(),
                                     .boottime_ns = clocks.boottime_ns()},
                          .processes = std::move(processes),
                          .open_files = std::move(open_files),
                          .pipes = std::move(pipes),
                          .sockets = std::move(sockets),
                          .ttys = std::move(ttys),
                          .mapped_files = std::move(mapped_files),
                          .shared_memory = std::move(shared_memory),
                          .ghost_files = std::move(ghost_files),
                          .tmpfs = std::move(tmpfs),
                          .seccomp_filters = std::move(filters),
                          .ipc = std::move(ipc),
                          .network = std::move(network)};
}

// `message` is filled; false when the bytes are no encoded message.
bool parse(std::span<const std::byte> bytes, google::protobuf::MessageLite* message) {
  return bytes.size() <= kMaxMetadataBytes &&
         message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

std::string encode_host(const model::HostFacts& from) {
  wire::HostFacts to;
  to.set_architecture(from.architecture);
  to.set_page_size(from.page_size);
  to.set_kernel(from.kernel);
  to.set_hostname(from.hostname);
  to.set_xfeatures(from.xfeatures);
  to.set_xstate_bytes(from.xstate_bytes);
  to.set_vdso_hash(from.vdso_hash);
  to.set_vdso_bytes(from.vdso_bytes);
  return to.SerializeAsString();
}

Result<model::HostFacts> decode_host(std::span<const std::byte> bytes) {
  wire::HostFacts from;
  if (!parse(bytes, &from)) return fail(ErrorKind::kCorruptImage, "not an encoded message");
  return model::HostFacts{.architecture = from.architecture(),
                          .page_size = from.page_size(),
                          .kernel = from.kernel(),
                          .hostname = from.hostname(),
                          .xfeatures = from.xfeatures(),
                          .xstate_bytes = from.xstate_bytes(),
                          .vdso_hash = from.vdso_hash(),
                          .vdso_bytes = from.vdso_bytes()};
}

Result<std::string> encode_container(const model::Container& from) {
  google::protobuf::Arena arena;
  auto* to = google::protobuf::Arena::CreateMessage<wire::Container>(&arena);
  encode_message(from, to);
  const std::size_t bytes = to->ByteSizeLong();
  if (bytes > kMaxMetadataBytes) {
    return fail(ErrorKind::kUnsupported, "{} bytes of metadata, more than {}", bytes,
                kMaxMetadataBytes);
  }
  return to->SerializeAsString();
}

Result<model::Container> decode_container(std::span<const std::byte> bytes) {
  // A good image needs up to 20 bytes of messages for one of input (columns of small numbers).
  constexpr std::size_t kBase = std::size_t{16} << 20;
  constexpr std::size_t kFactor = 32;
  try {
    BoundedArena arena(kBase + kFactor * bytes.size());
    auto* from = google::protobuf::Arena::CreateMessage<wire::Container>(arena.get());
    if (!parse(bytes, from)) return fail(ErrorKind::kCorruptImage, "not an encoded message");
    return decode_message(*from);
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::kCorruptImage, "{} bytes need too much memory", bytes.size());
  }
}

}  // namespace stasis::image
