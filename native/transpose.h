#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddTranspose(Builder& builder, const Step& step);

}  // namespace fovea
