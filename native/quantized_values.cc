#include "quantized_values.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace fovea {
namespace {

using Type = dnnl::memory::data_type;

constexpr float kLargestU8 = 255;
constexpr float kLargestS8 = 127;

bool HasWeights(const Step& step) {
  return step.op == Op::kConv2d || step.op == Op::kDepthwiseConv2d || step.op == Op::kDense;
}

/** Whether the numbers of the output have the scale of the input. */
bool KeepsScale(const Step& step) {
  return step.op == Op::kMaxPool || step.op == Op::kGlobalMaxPool || step.op == Op::kAveragePool || step.op == Op::kReshape;
}

}  // namespace

QuantizedValues::QuantizedValues(const Plan& plan) : plan_(plan) {
  if (plan.precision != Precision::kInt8) return;
  const auto only_read_as_int8 = [&](ValueId id) {
    bool is_read = false;
    for (const Step& step : plan_.steps) {
      if (std::find(step.inputs.begin(), step.inputs.end(), id) == step.inputs.end()) continue;
      if (!Reads(step)) return false;
      is_read = true;
    }
    return is_read && id != plan_.output;
  };
  // In reverse order, so that a step's readers are decided before the step.
  for (auto step = plan_.steps.rbegin(); step != plan_.steps.rend(); ++step)
    if (Makes(*step) && only_read_as_int8(step->output)) values_.insert(step->output);
  if (only_read_as_int8(kInputValue)) values_.insert(kInputValue);
}

Type QuantizedValues::TypeOf(ValueId id) const {
  const Range* range = RangeOf(id);
  return range != nullptr && range->low < 0 ? Type::s8 : Type::u8;
}

float QuantizedValues::ScaleOf(ValueId id) const {
  const Range* range = RangeOf(id);
  if (range == nullptr) throw std::invalid_argument("a value has no range");
  const float largest = std::max(std::abs(range->low), std::abs(range->high));
  const float steps = range->low < 0 ? kLargestS8 : kLargestU8;
  return largest > 0 ? largest / steps : 1;
}

bool QuantizedValues::IsSum(const Step& step) const {
  if (step.op != Op::kAdd || step.inputs.size() != 2) return false;
  return std::all_of(step.inputs.begin(), step.inputs.end(), [&](ValueId id) {
    if (id == kInputValue) return plan_.input_shape == step.shape;
    const auto maker = std::find_if(plan_.steps.begin(), plan_.steps.end(), [&](const Step& each) { return each.output == id; });
    return maker != plan_.steps.end() && maker->shape == step.shape;
  });
}

const Step& QuantizedValues::EndOf(const Step& sum) const {
  const Step* reader = plan_.OnlyReader(sum.output);
  const bool is_relu = reader != nullptr && reader->op == Op::kActivation && reader->activation.kind == ActivationKind::kRelu;
  return is_relu ? *reader : sum;
}

/** Whether a step can write int8. */
bool QuantizedValues::Makes(const Step& step) const {
  if (step.op == Op::kActivation)
    return std::any_of(plan_.steps.begin(), plan_.steps.end(),
                       [&](const Step& each) { return IsSum(each) && &EndOf(each) == &step; });
  return HasWeights(step) || KeepsScale(step) || step.op == Op::kConcat || IsSum(step);
}

/** Whether a step reads int8 without a conversion. */
bool QuantizedValues::Reads(const Step& step) const {
  if (HasWeights(step) || step.op == Op::kGlobalAveragePool) return true;
  if (IsSum(step)) return Has(EndOf(step).output);
  return (KeepsScale(step) || step.op == Op::kConcat) && Has(step.output);
}

/** A value that is only read by a concatenation has the range of that, so that its numbers need not be converted, unless they keep the
 * scale of another value. */
const Range* QuantizedValues::RangeOf(ValueId id) const {
  const Step* reader = plan_.OnlyReader(id);
  if (reader != nullptr && reader->op == Op::kConcat && Has(reader->output)) return RangeOf(reader->output);
  const auto found = plan_.ranges.find(id);
  return found == plan_.ranges.end() ? nullptr : &found->second;
}

}  // namespace fovea
