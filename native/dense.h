#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddDense(Builder& builder, const Step& step);

}  // namespace fovea
