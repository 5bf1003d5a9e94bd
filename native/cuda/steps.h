#pragma once

#include "builder.h"

namespace fovea::cuda {

/** Each function adds the calls of a step to the program and defines its output. */
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

/** Applies any activation to `value`; the result of softmax is float32. */
Value Activated(Builder& builder, const Value& value, const Activation& activation);

/** `activation(in * scale + shift + addend)` for any activation except softmax; scale, shift and addend may be null.
 * @param shift float32, `[channels]` */
Value Affine(Builder& builder, const Value& in, const std::byte* scale, const std::byte* shift, const Value* addend,
             const Activation& activation);

/** Adds a border of zeros to an image. */
Value Padded(Builder& builder, const Value& in, const Padding& padding);

}  // namespace fovea::cuda
