// The threads of model/task.h <-> task.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <google/protobuf/repeated_ptr_field.h>

#include "base/result.h"
#include "image/task.pb.h"
#include "model/task.h"

namespace stasis::image {

void encode_thread(const model::Thread& from, wire::Thread* to);
Result<model::Thread> decode_thread(const wire::Thread& from);

void encode_seccomp_filter(const model::SeccompFilter& from, wire::SeccompFilter* to);
Result<model::SeccompFilter> decode_seccomp_filter(const wire::SeccompFilter& from);

using WireSignals = google::protobuf::RepeatedPtrField<std::string>;
void encode_pending(const std::vector<model::SignalInfo>& from, WireSignals* to);
Result<std::vector<model::SignalInfo>> decode_pending(const WireSignals& from);

}  // namespace stasis::image
