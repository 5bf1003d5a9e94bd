#include "pooling.h"

#include <stdexcept>

namespace fovea {
namespace {

using Dims = dnnl::memory::dims;

struct Window {
  Pair size;
  Pair strides;
  Padding padding;
  /** The result's `[height, width, channels]`. */
  Shape shape;
};

bool IsGlobal(const Step& step) { return step.op == Op::kGlobalMaxPool || step.op == Op::kGlobalAveragePool; }

bool IsMaximum(const Step& step) { return step.op == Op::kMaxPool || step.op == Op::kGlobalMaxPool; }

Window WindowOf(const Step& step, const Shape& input) {
  if (input.size() != 3 || step.shape.back() != input[2]) throw std::invalid_argument("a pool does not fit its input");
  if (IsGlobal(step)) return {{input[0], input[1]}, {1, 1}, {}, {1, 1, input[2]}};
  if (step.shape.size() != 3) throw std::invalid_argument("a pool's output is not an image");
  return {step.window, step.strides, step.padding, step.shape};
}

Value SourceOf(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  if (IsMaximum(step)) return builder.Get(id);
  return builder.quantized().Has(step.output) ? builder.GetOperand(id) : builder.GetFloat(id, builder.FloatType());
}

}  // namespace

void AddPooling(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  const Window window = WindowOf(step, builder.ShapeOf(id));
  const bool is_maximum = IsMaximum(step);
  const Value source = SourceOf(builder, step);
  const Type type = source.desc.get_data_type();
  Value result = builder.NewValue(LayoutOf(builder.rows(), window.shape, type), source.scale);
  const auto algorithm =
      is_maximum            ? dnnl::algorithm::pooling_max
      : step.counts_padding ? dnnl::algorithm::pooling_avg_include_padding
                            : dnnl::algorithm::pooling_avg_exclude_padding;
  const dnnl::pooling_forward::primitive_desc primitive(
      builder.engine(), dnnl::prop_kind::forward_inference, algorithm, source.desc, result.desc,
      Dims{window.strides.vertical, window.strides.horizontal}, Dims{window.size.vertical, window.size.horizontal},
      Dims{0, 0}, Dims{window.padding.top, window.padding.left}, Dims{window.padding.bottom, window.padding.right},
      Builder::Attributes());
  builder.Add(dnnl::pooling_forward(primitive), {Builder::Of(DNNL_ARG_SRC, source), Builder::Of(DNNL_ARG_DST, result)},
              primitive.scratchpad_desc());
  result.desc = LayoutOf(builder.rows(), step.shape, type);
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
