#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddAddConstant(Builder& builder, const Step& step);

}  // namespace fovea
