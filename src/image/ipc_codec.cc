#include "image/ipc_codec.h"

#include <utility>

#include "image/codec.h"

namespace stasis::image {
namespace {

void encode_permissions(const model::IpcPermissions& from, wire::IpcPermissions* to) {
  to->set_key(from.key);
  to->set_id(from.id);
  to->set_uid(from.uid);
  to->set_gid(from.gid);
  to->set_cuid(from.cuid);
  to->set_cgid(from.cgid);
  to->set_mode(from.mode);
}

model::IpcPermissions decode_permissions(const wire::IpcPermissions& from) {
  return {.key = from.key(),
          .id = from.id(),
          .uid = from.uid(),
          .gid = from.gid(),
          .cuid = from.cuid(),
          .cgid = from.cgid(),
          .mode = from.mode()};
}

void encode_segment(const model::ShmSegment& from, wire::ShmSegment* to) {
  encode_permissions(from.permissions, to->mutable_permissions());
  to->set_size(from.size);
  to->set_shared_memory(from.shared_memory);
  to->set_removed(from.removed);
  to->set_creator(from.creator.value);
}

Result<model::ShmSegment> decode_segment(const wire::ShmSegment& from) {
  return model::ShmSegment{.permissions = decode_permissions(from.permissions()),
                           .size = from.size(),
                           .shared_memory = from.shared_memory(),
                           .removed = from.removed(),
                           .creator = NsPid{from.creator()}};
}

void encode_semaphores(const model::SemaphoreSet& from, wire::SemaphoreSet* to) {
  encode_permissions(from.permissions, to->mutable_permissions());
  to->mutable_values()->Assign(from.values.begin(), from.values.end());
  for (const NsPid pid : from.last_pids) to->add_last_pids(pid.value);
}

Result<model::SemaphoreSet> decode_semaphores(const wire::SemaphoreSet& from) {
  model::SemaphoreSet set{
      .permissions = decode_permissions(from.permissions()), .values = {}, .last_pids = {}};
  set.values.reserve(static_cast<std::size_t>(from.values_size()));
  for (const std::uint32_t value : from.values()) {
    STASIS_ASSIGN(const auto narrowed, narrow<std::uint16_t>(value, "semaphore value"));
    set.values.push_back(narrowed);
  }
  for (const std::int32_t pid : from.last_pids()) set.last_pids.push_back(NsPid{pid});
  return set;
}

void encode_undo(const model::SemaphoreUndo& from, wire::SemaphoreUndo* to) {
  to->set_process(from.process.value);
  to->set_set(from.set);
  to->set_number(from.number);
  to->set_adjustment(from.adjustment);
}

Result<model::SemaphoreUndo> decode_undo(const wire::SemaphoreUndo& from) {
  return model::SemaphoreUndo{.process = NsPid{from.process()},
                              .set = from.set(),
                              .number = from.number(),
                              .adjustment = from.adjustment()};
}

void encode_message(const model::IpcMessage& from, wire::IpcMessage* to) {
  to->set_type(from.type);
  to->set_data(text_of(from.data));
}

Result<model::IpcMessage> decode_message(const wire::IpcMessage& from) {
  return model::IpcMessage{.type = from.type(), .data = to_bytes(from.data())};
}

void encode_queue(const model::MessageQueue& from, wire::MessageQueue* to) {
  encode_permissions(from.permissions, to->mutable_permissions());
  to->set_max_bytes(from.max_bytes);
  encode_list(from.messages, to->mutable_messages(), encode_message);
}

Result<model::MessageQueue> decode_queue(const wire::MessageQueue& from) {
  STASIS_ASSIGN(auto messages, decode_list(from.messages(), "message", decode_message));
  return model::MessageQueue{.permissions = decode_permissions(from.permissions()),
                             .max_bytes = from.max_bytes(),
                             .messages = std::move(messages)};
}

}  // namespace

void encode_ipc(const model::Ipc& from, wire::Ipc* to) {
  encode_list(from.segments, to->mutable_segments(), encode_segment);
  encode_list(from.semaphores, to->mutable_semaphores(), encode_semaphores);
  encode_list(from.undo, to->mutable_undo(), encode_undo);
  encode_list(from.queues, to->mutable_queues(), encode_queue);
}

Result<model::Ipc> decode_ipc(const wire::Ipc& from) {
  STASIS_ASSIGN(auto segments, decode_list(from.segments(), "SysV segment", decode_segment));
  STASIS_ASSIGN(auto semaphores,
                decode_list(from.semaphores(), "semaphore set", decode_semaphores));
  STASIS_ASSIGN(auto undo, decode_list(from.undo(), "semaphore adjustment", decode_undo));
  STASIS_ASSIGN(auto queues, decode_list(from.queues(), "message queue", decode_queue));
  return model::Ipc{.segments = std::move(segments),
                    .semaphores = std::move(semaphores),
                    .undo = std::move(undo),
                    .queues = std::move(queues)};
}

}  // namespace stasis::image
