#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddConcat(Builder& builder, const Step& step);

}  // namespace fovea
