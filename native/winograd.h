#pragma once

#include "builder.h"
#include "plan.h"

namespace fovea {

/** Whether Winograd's algorithm is faster than oneDNN for this convolution on this processor. */
bool FitsWinograd(const Builder& builder, const Step& step, const Value& source);

/** Adds the convolution and, if there is one, the max pool of `PoolAfter`. */
void AddWinograd(Builder& builder, const Step& step, const Value& source);

}  // namespace fovea
