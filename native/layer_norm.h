#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddLayerNorm(Builder& builder, const Step& step);

}  // namespace fovea
