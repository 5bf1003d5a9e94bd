#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddElementwise(Builder& builder, const Step& step);

}  // namespace fovea
