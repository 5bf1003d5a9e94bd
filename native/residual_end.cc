#include "residual_end.h"

namespace fovea {

ResidualEnd ResidualEndOf(const Builder& builder, const Step& step) {
  const Step* sum = builder.OnlyReader(step.output);
  const bool is_sum = sum != nullptr && sum->op == Op::kAdd && sum->inputs.size() == 2;
  if (!is_sum || builder.IsInt8() || step.activation.kind != ActivationKind::kLinear) return {nullptr, kInputValue, &step};
  const ValueId addend = sum->inputs[sum->inputs[0] == step.output ? 1 : 0];
  if (!builder.IsMade(addend) || builder.ShapeOf(addend) != step.shape || sum->shape != step.shape)
    return {nullptr, kInputValue, &step};
  const Step* next = builder.OnlyReader(sum->output);
  const bool is_activated = next != nullptr && next->op == Op::kActivation && next->shape == step.shape;
  return {sum, addend, is_activated ? next : sum};
}

}  // namespace fovea
