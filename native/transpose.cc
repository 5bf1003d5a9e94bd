#include "transpose.h"

#include <stdexcept>

namespace fovea {
namespace {

/** oneDNN's largest rank, less the rows. */
constexpr std::size_t kMostDimensions = DNNL_MAX_NDIMS - 1;

bool Fits(const Step& step, const Shape& input) {
  if (step.order.size() != input.size() || step.shape.size() != input.size()) return false;
  std::vector<bool> used(input.size(), false);
  for (std::size_t index = 0; index < input.size(); ++index) {
    const auto from = static_cast<std::size_t>(step.order[index]);
    if (from >= input.size() || used[from] || step.shape[index] != input[from]) return false;
    used[from] = true;
  }
  return true;
}

}  // namespace

/** Copies to the new order: the source has its strides in the order of the result. */
void AddTranspose(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  const Shape& input = builder.ShapeOf(id);
  if (!Fits(step, input)) throw std::invalid_argument("a transposition does not fit its input");
  if (input.size() > kMostDimensions) throw dnnl::error(dnnl_unimplemented, "a transposition of many dimensions");
  const Value source = builder.GetFloat(id, builder.FloatType());
  std::vector<std::int64_t> strides(input.size(), 1);
  for (std::size_t index = input.size() - 1; index > 0; --index) strides[index - 1] = strides[index] * input[index];
  dnnl::memory::dims dims{builder.rows()}, from{strides[0] * input[0]}, to{strides[0] * input[0]};
  std::int64_t stride = from[0];
  for (std::size_t index = 0; index < input.size(); ++index) {
    dims.push_back(step.shape[index]);
    from.push_back(strides[static_cast<std::size_t>(step.order[index])]);
    to.push_back(stride /= step.shape[index]);
  }
  Value turned = source;
  turned.desc = dnnl::memory::desc(dims, builder.FloatType(), from);
  Value result = builder.NewValue(dnnl::memory::desc(dims, builder.FloatType(), to));
  const dnnl::reorder::primitive_desc primitive(builder.engine(), turned.desc, builder.engine(), result.desc,
                                                Builder::Attributes());
  builder.Add(dnnl::reorder(primitive), {Builder::Of(DNNL_ARG_FROM, turned), Builder::Of(DNNL_ARG_TO, result)},
              primitive.scratchpad_desc());
  result.desc = LayoutOf(builder.rows(), step.shape, builder.FloatType());
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
