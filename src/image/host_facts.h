// The facts about this machine that an image records and a restore compares (image/host_check.h).
#pragma once

#include "model/container.h"

namespace stasis::image {

model::HostFacts read_host_facts();

}  // namespace stasis::image
