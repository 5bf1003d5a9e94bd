#include "dense.h"

#include <stdexcept>

#include "activation.h"
#include "quantization.h"

namespace fovea {

void AddDense(Builder& builder, const Step& step) {
  const std::int64_t in = step.weights_shape[0];
  const std::int64_t out = step.weights_shape[1];
  if (builder.ShapeOf(step.inputs[0]) != Shape{in} || step.shape != Shape{out})
    throw std::invalid_argument("a dense layer does not fit its input");
  const Value source = builder.GetOperand(step.inputs[0]);
  const Value result = builder.NewResult(step, step.shape);
  const dnnl::memory::desc plain({out, in}, Type::f32, dnnl::memory::format_tag::io);
  const Type type = builder.IsInt8() ? Type::s8 : builder.FloatType();
  const dnnl::memory::desc any_layout({out, in}, type, dnnl::memory::format_tag::any);

  dnnl::primitive_attr attributes = Builder::Attributes();
  Fuse(step.activation, attributes);
  std::vector<Argument> arguments{Builder::Of(DNNL_ARG_SRC, source), Builder::Of(DNNL_ARG_DST, result)};
  if (builder.IsInt8()) Quantize(builder, step, {source, result, 1}, attributes, arguments);
  const dnnl::inner_product_forward::primitive_desc primitive(builder.engine(), dnnl::prop_kind::forward_inference,
                                                              source.desc, any_layout, VectorOf(step.bias.size()),
                                                              result.desc, attributes);
  const dnnl::memory kernel = builder.weights().Packed(step, plain, primitive.weights_desc());
  arguments.push_back(Builder::Of(DNNL_ARG_WEIGHTS, kernel));
  arguments.push_back(Builder::Of(DNNL_ARG_BIAS, builder.weights().Vector(step.bias, VectorOf(step.bias.size()))));
  builder.Add(dnnl::inner_product_forward(primitive), std::move(arguments), primitive.scratchpad_desc());
  FinishWith(builder, step, result);
}

}  // namespace fovea
