#include "add_constant.h"

#include <algorithm>
#include <stdexcept>

namespace fovea {

/** As matrices: the summand is one row, added to all. */
void AddAddConstant(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  const Shape& summand = step.weights_shape;
  if (builder.ShapeOf(id) != step.shape || summand.size() > step.shape.size() ||
      !std::equal(summand.rbegin(), summand.rend(), step.shape.rbegin()))
    throw std::invalid_argument("a summand does not fit its input");
  const auto length = static_cast<std::int64_t>(step.weights.size());
  std::int64_t count = builder.rows();
  for (std::size_t index = 0; index + summand.size() < step.shape.size(); ++index) count *= step.shape[index];
  const Type type = builder.FloatType();
  const dnnl::memory::desc matrix({count, length}, type, dnnl::memory::format_tag::ab);
  const dnnl::memory::desc row({1, length}, type, dnnl::memory::format_tag::ab);
  const dnnl::memory::desc plain({1, length}, Type::f32, dnnl::memory::format_tag::ab);
  Value source = builder.GetFloat(id, type);
  Value result = builder.NewValue(source.desc);
  const dnnl::memory::desc whole = result.desc;
  source.desc = result.desc = matrix;
  const dnnl::memory constant = builder.weights().Packed(step, plain, row);
  const dnnl::binary::primitive_desc primitive(builder.engine(), dnnl::algorithm::binary_add, matrix, row, matrix,
                                               Builder::Attributes());
  builder.Add(dnnl::binary(primitive),
              {Builder::Of(DNNL_ARG_SRC_0, source), Builder::Of(DNNL_ARG_SRC_1, constant),
               Builder::Of(DNNL_ARG_DST, result)},
              primitive.scratchpad_desc());
  result.desc = whole;
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
