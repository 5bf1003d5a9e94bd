#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddMatMul(Builder& builder, const Step& step);

}  // namespace fovea
