#pragma once

#include "builder.h"
#include "plan.h"
#include "residual_end.h"

namespace fovea {

/** Whether a 1 × 1 convolution is faster by `pointwise_pixels.h` than by oneDNN. */
bool FitsPointwise(const Builder& builder, const Step& step, const ResidualEnd& end);

void AddPointwise(Builder& builder, const Step& step, const Value& source, const ResidualEnd& end);

}  // namespace fovea
