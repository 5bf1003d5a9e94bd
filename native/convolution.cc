#include "convolution.h"

#include <stdexcept>
#include <string_view>

#include "activation.h"
#include "pointwise.h"
#include "quantization.h"
#include "residual_end.h"
#include "winograd.h"

namespace fovea {
namespace {

using Dims = dnnl::memory::dims;

/** The plan's layout `[height, width, in, out]` in oneDNN's order of dimensions: out, in, height, width. */
dnnl::memory::desc PlainFilter(const Shape& shape) {
  return {{shape[3], shape[2], shape[0], shape[1]}, Type::f32, dnnl::memory::format_tag::hwio};
}

/** The plan's layout `[height, width, in, multiplier]`: each input channel is a group. */
dnnl::memory::desc PlainDepthwiseFilter(const Shape& shape) {
  const std::int64_t out = shape[2] * shape[3];
  return {{shape[2], shape[3], 1, shape[0], shape[1]}, Type::f32, Dims{shape[3], 1, 1, shape[1] * out, out}};
}

/** `[height, width, in / groups, out]`, the out channels of a group behind one another. */
dnnl::memory::desc PlainGroupedFilter(const Shape& shape, std::int64_t groups) {
  const std::int64_t out = shape[3];
  return {{groups, out / groups, shape[2], shape[0], shape[1]},
          Type::f32,
          Dims{out / groups, 1, out, shape[1] * shape[2] * out, shape[2] * out}};
}

/** 1 for a depthwise convolution, whose plan says so by its operation. */
std::int64_t GroupsOf(const Step& step, const Shape& input) {
  return step.op == Op::kConv2d && step.weights_shape[2] > 0 ? input.back() / step.weights_shape[2] : 1;
}

void Check(const Step& step, const Shape& input) {
  const Shape& filter = step.weights_shape;
  const std::int64_t channels = step.op == Op::kConv2d ? filter[3] : filter[2] * filter[3];
  if (input.size() != 3 || step.shape.size() != 3 || filter[2] * GroupsOf(step, input) != input[2] || channels != step.shape[2] ||
      channels % GroupsOf(step, input) != 0)
    throw std::invalid_argument("a convolution does not fit its input");
}

void FuseSum(const Value& addend, dnnl::primitive_attr& attributes, std::vector<Argument>& arguments) {
  dnnl::post_ops after;
  after.append_binary(dnnl::algorithm::binary_add, addend.desc);
  attributes.set_post_ops(after);
  arguments.push_back(Builder::Of(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, addend));
}

/** oneDNN's first choice for a float32 depthwise convolution on AVX-512 mostly takes a tenth to a third longer than `jit_dw`.
 * @param make describes the first choice; `next_impl` also moves every copy of a descriptor
 * @returns that of `jit_dw`, or else of the first choice */
template <typename Make>
dnnl::convolution_forward::primitive_desc ChooseDepthwise(const Make& make) {
  dnnl::convolution_forward::primitive_desc choice = make();
  do {
    if (std::string_view(choice.impl_info_str()).rfind("jit_dw", 0) == 0) return choice;
  } while (choice.next_impl());
  return make();
}

}  // namespace

void AddConvolution(Builder& builder, const Step& step) {
  Check(step, builder.ShapeOf(step.inputs[0]));
  const bool is_depthwise = step.op == Op::kDepthwiseConv2d;
  const Value source = builder.GetOperand(step.inputs[0]);
  const std::int64_t groups = GroupsOf(step, builder.ShapeOf(step.inputs[0]));
  if (groups == 1 && FitsWinograd(builder, step, source)) return AddWinograd(builder, step, source);
  const ResidualEnd ending = ResidualEndOf(builder, step);
  if (FitsPointwise(builder, step, ending)) return AddPointwise(builder, step, source, ending);
  const Step& last = *ending.last;
  const Value result = builder.NewResult(last, step.shape);
  const auto plain = is_depthwise  ? PlainDepthwiseFilter(step.weights_shape)
                     : groups == 1 ? PlainFilter(step.weights_shape)
                                   : PlainGroupedFilter(step.weights_shape, groups);
  const Type type = builder.IsInt8() ? Type::s8 : builder.FloatType();
  const dnnl::memory::desc any_layout(plain.get_dims(), type, dnnl::memory::format_tag::any);

  dnnl::primitive_attr attributes = Builder::Attributes();
  std::vector<Argument> arguments{Builder::Of(DNNL_ARG_SRC, source), Builder::Of(DNNL_ARG_DST, result)};
  // oneDNN does not scale the addend, so in int8 the sum is in the addend's units.
  float units = 1;
  if (ending.sum != nullptr) {
    const Value addend = builder.IsInt8() ? builder.Get(ending.addend) : builder.GetFloat(ending.addend, builder.FloatType());
    units = addend.scale;
    FuseSum(addend, attributes, arguments);
  }
  Fuse(last.activation, attributes);
  // In a depthwise filter groups and channels are two dimensions. Each pair of them has its own scale.
  if (builder.IsInt8()) Quantize(builder, step, {source, result, is_depthwise || groups > 1 ? 3 : 1, units}, attributes, arguments);
  const auto describe = [&] {
    return dnnl::convolution_forward::primitive_desc(
        builder.engine(), dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source.desc, any_layout,
        VectorOf(step.bias.size()), result.desc, Dims{step.strides.vertical, step.strides.horizontal},
        Dims{step.dilations.vertical - 1, step.dilations.horizontal - 1}, Dims{step.padding.top, step.padding.left},
        Dims{step.padding.bottom, step.padding.right}, attributes);
  };
  const auto primitive = is_depthwise && type == Type::f32 ? ChooseDepthwise(describe) : describe();
  const dnnl::memory filter = builder.weights().Packed(step, plain, primitive.weights_desc());
  arguments.push_back(Builder::Of(DNNL_ARG_WEIGHTS, filter));
  std::vector<float> bias = step.bias;
  for (float& each : bias) each /= units;
  arguments.push_back(Builder::Of(DNNL_ARG_BIAS, builder.weights().Vector(bias, VectorOf(bias.size()))));
  builder.Add(dnnl::convolution_forward(primitive), std::move(arguments), primitive.scratchpad_desc());
  if (ending.sum != nullptr) builder.Define(ending.sum->output, step.shape, result);
  FinishWith(builder, last, result);
}

}  // namespace fovea
