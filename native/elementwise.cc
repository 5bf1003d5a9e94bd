#include "elementwise.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "activation.h"

namespace fovea {
namespace {

Shape Broadcast(const Shape& left, const Shape& right) {
  if (left.size() != right.size()) throw std::invalid_argument("a merge of different ranks");
  Shape shape;
  for (std::size_t index = 0; index < left.size(); ++index) {
    if (left[index] != right[index] && left[index] != 1 && right[index] != 1)
      throw std::invalid_argument("a merge of different shapes");
    shape.push_back(std::max(left[index], right[index]));
  }
  return shape;
}

/** A sum in int8, and the ReLU after it. The inputs are scaled to the units of the result. */
void AddQuantizedSum(Builder& builder, const Step& step, const Step& end) {
  const QuantizedValues& quantized = builder.quantized();
  const Value left = builder.GetOperand(step.inputs[0]);
  const Value right = builder.GetOperand(step.inputs[1]);
  const float scale = quantized.ScaleOf(end.output);
  const Value result = builder.NewValue(LayoutOf(builder.rows(), step.shape, quantized.TypeOf(end.output)), scale);
  dnnl::primitive_attr attributes = Builder::Attributes();
  std::vector<Argument> arguments{Builder::Of(DNNL_ARG_SRC_0, left), Builder::Of(DNNL_ARG_SRC_1, right),
                                  Builder::Of(DNNL_ARG_DST, result)};
  for (const auto& [name, source] : {std::pair{DNNL_ARG_SRC_0, &left}, std::pair{DNNL_ARG_SRC_1, &right}}) {
    attributes.set_scales_mask(name, 0);
    const dnnl::memory units = builder.weights().Vector({source->scale / scale}, VectorOf(1));
    arguments.push_back(Builder::Of(DNNL_ARG_ATTR_SCALES | name, units));
  }
  if (&end != &step) Fuse(end.activation, attributes);
  const dnnl::binary::primitive_desc primitive(builder.engine(), dnnl::algorithm::binary_add, left.desc, right.desc, result.desc,
                                               attributes);
  builder.Add(dnnl::binary(primitive), std::move(arguments), primitive.scratchpad_desc());
  builder.Define(step.output, step.shape, result);
  builder.Define(end.output, step.shape, result);
}

}  // namespace

/** Merges the inputs one after another. oneDNN broadcasts only its second operand, so the operand with the result's shape
 * comes first. */
void AddElementwise(Builder& builder, const Step& step) {
  if (builder.quantized().IsSum(step)) {
    const Step& end = builder.quantized().EndOf(step);
    if (builder.quantized().Has(end.output)) return AddQuantizedSum(builder, step, end);
  }
  const auto algorithm = step.op == Op::kAdd ? dnnl::algorithm::binary_add : dnnl::algorithm::binary_mul;
  const Type type = builder.FloatType();
  Value left = builder.GetFloat(step.inputs[0], type);
  Shape left_shape = builder.ShapeOf(step.inputs[0]);
  for (std::size_t index = 1; index < step.inputs.size(); ++index) {
    Value right = builder.GetFloat(step.inputs[index], type);
    const Shape shape = Broadcast(left_shape, builder.ShapeOf(step.inputs[index]));
    if (left_shape != shape) std::swap(left, right);
    if (left.desc != LayoutOf(builder.rows(), shape, type))
      throw dnnl::error(dnnl_unimplemented, "a merge that broadcasts both inputs");
    const Value result = builder.NewValue(left.desc);
    const dnnl::binary::primitive_desc primitive(builder.engine(), algorithm, left.desc, right.desc, result.desc,
                                                 Builder::Attributes());
    builder.Add(dnnl::binary(primitive),
                {Builder::Of(DNNL_ARG_SRC_0, left), Builder::Of(DNNL_ARG_SRC_1, right),
                 Builder::Of(DNNL_ARG_DST, result)},
                primitive.scratchpad_desc());
    left = result;
    left_shape = shape;
  }
  if (left_shape != step.shape) throw std::invalid_argument("a merge gives another shape");
  builder.Define(step.output, step.shape, left);
}

}  // namespace fovea
