#include "scale_shift.h"

#include <stdexcept>

namespace fovea {

/** A multiplication by the scales with the addition of the shifts as post-op. */
void AddScaleShift(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  if (builder.ShapeOf(id) != step.shape) throw std::invalid_argument("a scale changes the shape");
  const Value source = builder.GetFloat(id, builder.FloatType());
  const Value result = builder.NewValue(source.desc);
  const Shape ones(step.shape.size() - 1, 1);
  Shape per_channel = ones;
  per_channel.push_back(step.shape.back());
  const dnnl::memory::desc vector = LayoutOf(1, per_channel, Type::f32);
  dnnl::post_ops after;
  after.append_binary(dnnl::algorithm::binary_add, vector);
  dnnl::primitive_attr attributes = Builder::Attributes();
  attributes.set_post_ops(after);
  const dnnl::binary::primitive_desc primitive(builder.engine(), dnnl::algorithm::binary_mul, source.desc, vector,
                                               result.desc, attributes);
  builder.Add(dnnl::binary(primitive),
              {Builder::Of(DNNL_ARG_SRC_0, source),
               Builder::Of(DNNL_ARG_SRC_1, builder.weights().Vector(step.scale, vector)),
               Builder::Of(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1,
                           builder.weights().Vector(step.bias, vector)),
               Builder::Of(DNNL_ARG_DST, result)},
              primitive.scratchpad_desc());
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
