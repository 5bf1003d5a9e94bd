#pragma once

#include <dnnl.hpp>

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddActivation(Builder& builder, const Step& step);

/** Adds an activation to a primitive's attributes as a post-op. Softmax and linear add nothing. */
void Fuse(const Activation& activation, dnnl::primitive_attr& attributes);

/** Defines a step's output: the softmax of `value` if that is the step's activation, else `value`. */
void FinishWith(Builder& builder, const Step& step, const Value& value);

}  // namespace fovea
