#pragma once

#include <dnnl.hpp>

#include "builder.h"
#include "plan.h"

namespace fovea {

void AddActivation(Builder& builder, const Step& step);

/** Makes an activation part of the primitive that these attributes are for; softmax and linear leave them alone. */
void Fuse(const Activation& activation, dnnl::primitive_attr& attributes);

/** Defines a step's output: `value` itself, or its softmax where the step's activation is that. */
void FinishWith(Builder& builder, const Step& step, const Value& value);

}  // namespace fovea
