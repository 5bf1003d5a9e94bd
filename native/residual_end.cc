#include "residual_end.h"

namespace fovea {
namespace {

/** oneDNN's int8 kernels for groups do not add values; others would be slow. */
bool IsGroupedInt8(const Builder& builder, const Step& step) {
  return builder.IsInt8() && (step.op != Op::kConv2d || step.weights_shape[2] != builder.ShapeOf(step.inputs[0]).back());
}

}  // namespace

ResidualEnd ResidualEndOf(const Builder& builder, const Step& step) {
  const Step* sum = builder.OnlyReader(step.output);
  const bool is_sum = sum != nullptr && sum->op == Op::kAdd && sum->inputs.size() == 2;
  if (!is_sum || IsGroupedInt8(builder, step) || step.activation.kind != ActivationKind::kLinear) return {nullptr, kInputValue, &step};
  const ValueId addend = sum->inputs[sum->inputs[0] == step.output ? 1 : 0];
  if (!builder.IsMade(addend) || builder.ShapeOf(addend) != step.shape || sum->shape != step.shape)
    return {nullptr, kInputValue, &step};
  const Step* next = builder.OnlyReader(sum->output);
  // In int8 the sum is not in real numbers; of the activations only ReLU does not mind.
  const bool fits = next != nullptr && next->op == Op::kActivation && next->shape == step.shape;
  const bool is_activated = fits && (!builder.IsInt8() || next->activation.kind == ActivationKind::kRelu);
  return {sum, addend, is_activated ? next : sum};
}

}  // namespace fovea
