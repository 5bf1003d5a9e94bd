#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddZeroPadding(Builder& builder, const Step& step);

void AddCrop(Builder& builder, const Step& step);

}  // namespace fovea
