#include "layer_norm.h"

#include <stdexcept>

namespace fovea {

/** oneDNN normalizes the last dimension of a matrix: a row for each place of an image. */
void AddLayerNorm(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  if (builder.ShapeOf(id) != step.shape) throw std::invalid_argument("a layer norm changes the shape");
  Value source = builder.GetFloat(id, builder.FloatType());
  Value result = builder.NewValue(source.desc);
  std::int64_t places = builder.rows();
  for (std::size_t index = 0; index + 1 < step.shape.size(); ++index) places *= step.shape[index];
  const dnnl::memory::desc matrix({places, step.shape.back()}, builder.FloatType(), dnnl::memory::format_tag::ab);
  const dnnl::memory::desc whole = result.desc;
  source.desc = result.desc = matrix;
  const auto flags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;
  const dnnl::layer_normalization_forward::primitive_desc primitive(builder.engine(),
                                                                    dnnl::prop_kind::forward_inference, matrix, matrix,
                                                                    step.epsilon, flags, Builder::Attributes());
  const dnnl::memory::desc vector = VectorOf(step.scale.size());
  builder.Add(dnnl::layer_normalization_forward(primitive),
              {Builder::Of(DNNL_ARG_SRC, source), Builder::Of(DNNL_ARG_DST, result),
               Builder::Of(DNNL_ARG_SCALE, builder.weights().Vector(step.scale, vector)),
               Builder::Of(DNNL_ARG_SHIFT, builder.weights().Vector(step.bias, vector))},
              primitive.scratchpad_desc());
  result.desc = whole;
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
