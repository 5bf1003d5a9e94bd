#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

/** What a convolution computes besides itself, before it stores its result: the end of a residual block. */
struct ResidualEnd {
  /** An addition to another value; may be null. */
  const Step* sum = nullptr;
  ValueId addend = kInputValue;
  /** The step whose output is stored: the convolution, the addition, or the activation after the addition. */
  const Step* last = nullptr;
};

ResidualEnd ResidualEndOf(const Builder& builder, const Step& step);

}  // namespace fovea
