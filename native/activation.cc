#include "activation.h"

#include <stdexcept>

namespace fovea {
namespace {

struct Elementwise {
  dnnl::algorithm algorithm;
  float alpha;
  float beta;
};

/** @source src/models/plan/plan.ts defines each kind */
Elementwise ToElementwise(const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::kRelu:
      return {dnnl::algorithm::eltwise_relu, 0, 0};
    case ActivationKind::kRelu6:
      return {dnnl::algorithm::eltwise_clip, 0, 6};
    case ActivationKind::kLeakyRelu:
      return {dnnl::algorithm::eltwise_relu, activation.alpha, 0};
    case ActivationKind::kElu:
      return {dnnl::algorithm::eltwise_elu, 1, 0};
    case ActivationKind::kSigmoid:
      return {dnnl::algorithm::eltwise_logistic, 0, 0};
    case ActivationKind::kHardSigmoid:
      return {dnnl::algorithm::eltwise_hardsigmoid, activation.alpha == 0 ? 0.2F : activation.alpha, 0.5F};
    case ActivationKind::kTanh:
      return {dnnl::algorithm::eltwise_tanh, 0, 0};
    case ActivationKind::kSwish:
      return {dnnl::algorithm::eltwise_swish, 1, 0};
    case ActivationKind::kHardSwish:
      return {dnnl::algorithm::eltwise_hardswish, 1.0F / 6, 0.5F};
    case ActivationKind::kGelu:
      return {dnnl::algorithm::eltwise_gelu_erf, 0, 0};
    case ActivationKind::kGeluTanh:
      return {dnnl::algorithm::eltwise_gelu_tanh, 0, 0};
    case ActivationKind::kLinear:
    case ActivationKind::kSoftmax:
      break;
  }
  return {dnnl::algorithm::eltwise_linear, 1, 0};
}

Value Softmax(Builder& builder, const Value& source) {
  const dnnl::memory::desc desc(source.desc.get_dims(), Type::f32, source.desc.get_strides());
  const Value result = builder.NewValue(desc);
  const dnnl::softmax_forward::primitive_desc primitive(builder.engine(), dnnl::prop_kind::forward_inference,
                                                        dnnl::algorithm::softmax_accurate, source.desc, desc, 1,
                                                        Builder::Attributes());
  builder.Add(dnnl::softmax_forward(primitive), {Builder::Of(DNNL_ARG_SRC, source), Builder::Of(DNNL_ARG_DST, result)},
              primitive.scratchpad_desc());
  return result;
}

}  // namespace

void Fuse(const Activation& activation, dnnl::primitive_attr& attributes) {
  if (activation.kind == ActivationKind::kLinear || activation.kind == ActivationKind::kSoftmax) return;
  const Elementwise elementwise = ToElementwise(activation);
  dnnl::post_ops after = attributes.get_post_ops();
  after.append_eltwise(elementwise.algorithm, elementwise.alpha, elementwise.beta);
  attributes.set_post_ops(after);
}

void FinishWith(Builder& builder, const Step& step, const Value& value) {
  const bool is_softmax = step.activation.kind == ActivationKind::kSoftmax;
  builder.Define(step.output, step.shape, is_softmax ? Softmax(builder, value) : value);
}

void AddActivation(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  if (builder.ShapeOf(id) != step.shape) throw std::invalid_argument("an activation changes the shape");
  const Value source = builder.GetFloat(id, builder.FloatType());
  const ActivationKind kind = step.activation.kind;
  if (kind == ActivationKind::kLinear || kind == ActivationKind::kSoftmax) return FinishWith(builder, step, source);
  const Elementwise elementwise = ToElementwise(step.activation);
  const Value result = builder.NewValue(source.desc);
  const dnnl::eltwise_forward::primitive_desc primitive(
      builder.engine(), dnnl::prop_kind::forward_inference, elementwise.algorithm, source.desc, result.desc,
      elementwise.alpha, elementwise.beta, Builder::Attributes());
  builder.Add(dnnl::eltwise_forward(primitive), {Builder::Of(DNNL_ARG_SRC, source), Builder::Of(DNNL_ARG_DST, result)},
              primitive.scratchpad_desc());
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
