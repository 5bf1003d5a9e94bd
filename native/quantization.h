#pragma once

#include <dnnl.hpp>
#include <vector>

#include "builder.h"

namespace fovea {

struct Quantized {
  const Value& source;
  const Value& result;
  /** A bit mask of the weights' dimensions that have their own scales. */
  int channel_mask;
  /** The scale of the numbers that are added up; 1: real numbers. */
  float units = 1;
};

/** Sets the scales of the input, weights and output of a convolution or dense layer. */
inline void Quantize(Builder& builder, const Step& step, const Quantized& of, dnnl::primitive_attr& attributes,
                     std::vector<Argument>& arguments) {
  const auto add = [&](int name, int mask, const std::vector<float>& scales) {
    attributes.set_scales_mask(name, mask);
    const dnnl::memory memory = builder.weights().Vector(scales, VectorOf(scales.size()));
    arguments.push_back(Builder::Of(DNNL_ARG_ATTR_SCALES | name, memory));
  };
  add(DNNL_ARG_SRC, 0, {of.source.scale / of.units});
  add(DNNL_ARG_WEIGHTS, of.channel_mask, Weights::ChannelScales(step));
  const float scale = of.result.scale / of.units;
  if (scale != 1) add(DNNL_ARG_DST, 0, {scale});
}

}  // namespace fovea
