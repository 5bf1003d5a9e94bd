#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddConvolution(Builder& builder, const Step& step);

}  // namespace fovea
