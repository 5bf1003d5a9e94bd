#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddPooling(Builder& builder, const Step& step);

}  // namespace fovea
