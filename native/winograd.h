#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

/** Whether a convolution of this input is faster by Winograd's algorithm, on this processor. */
bool FitsWinograd(const Builder& builder, const Step& step, const Value& source);

/** Adds the convolution, together with the max pool after it where there is one. */
void AddWinograd(Builder& builder, const Step& step, const Value& source);

}  // namespace fovea
