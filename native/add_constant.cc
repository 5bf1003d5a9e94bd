#include "add_constant.h"

#include <stdexcept>

namespace fovea {

void AddAddConstant(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  const Shape& summand = step.weights_shape;
  bool fits = builder.ShapeOf(id) == step.shape && summand.size() == step.shape.size();
  for (std::size_t index = 0; fits && index < summand.size(); ++index)
    fits = summand[index] == 1 || summand[index] == step.shape[index];
  if (!fits) throw std::invalid_argument("a summand does not fit its input");
  const Value source = builder.GetFloat(id, builder.FloatType());
  const Value result = builder.NewValue(source.desc);
  const dnnl::memory constant =
      builder.weights().Packed(step, LayoutOf(1, summand, Type::f32), LayoutOf(1, summand, builder.FloatType()));
  const dnnl::binary::primitive_desc primitive(builder.engine(), dnnl::algorithm::binary_add, source.desc,
                                               constant.get_desc(), result.desc, Builder::Attributes());
  builder.Add(dnnl::binary(primitive),
              {Builder::Of(DNNL_ARG_SRC_0, source), Builder::Of(DNNL_ARG_SRC_1, constant),
               Builder::Of(DNNL_ARG_DST, result)},
              primitive.scratchpad_desc());
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
