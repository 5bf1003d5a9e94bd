#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddScaleShift(Builder& builder, const Step& step);

}  // namespace fovea
