#pragma once

#include "builder.h"

namespace fovea::cuda {

/** Each adds the calls of a step to the program and defines its output. */
void AddConvolution(Builder& builder, const Step& step);
void AddDepthwise(Builder& builder, const Step& step);
void AddDense(Builder& builder, const Step& step);
void AddPool(Builder& builder, const Step& step);
void AddGlobalPool(Builder& builder, const Step& step);
void AddZeroPadding(Builder& builder, const Step& step);
void AddScaleShift(Builder& builder, const Step& step);
void AddActivation(Builder& builder, const Step& step);
void AddMerge(Builder& builder, const Step& step);
void AddConcat(Builder& builder, const Step& step);

/** `value` after an activation, softmax included; float32 for softmax. */
Value Activated(Builder& builder, const Value& value, const Activation& activation);

/** `in * scale + shift + addend` after an activation other than softmax; scale, shift and addend may be null.
 * @param shift float32, `[channels]` */
Value Affine(Builder& builder, const Value& in, const std::byte* scale, const std::byte* shift, const Value* addend,
             const Activation& activation);

/** Zeros around an image. */
Value Padded(Builder& builder, const Value& in, const Padding& padding);

}  // namespace fovea::cuda
