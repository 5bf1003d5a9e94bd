#include "mat_mul.h"

#include <stdexcept>

namespace fovea {
namespace {

/** The matrices of all rows. */
dnnl::memory::desc MatricesOf(const Builder& builder, const Shape& shape, bool is_transposed) {
  const auto layout = is_transposed ? dnnl::memory::format_tag::acb : dnnl::memory::format_tag::abc;
  const dnnl::memory::dims dims{builder.rows() * shape[0], shape[is_transposed ? 2 : 1], shape[is_transposed ? 1 : 2]};
  return {dims, builder.FloatType(), layout};
}

}  // namespace

void AddMatMul(Builder& builder, const Step& step) {
  if (step.inputs.size() != 2) throw std::invalid_argument("a product of matrices has two inputs");
  const Shape left_shape = builder.ShapeOf(step.inputs[0]);
  const Shape right_shape = builder.ShapeOf(step.inputs[1]);
  if (left_shape.size() != 3 || right_shape.size() != 3) throw std::invalid_argument("a factor holds no matrices");
  const std::int64_t inner = right_shape[step.transposed ? 2 : 1];
  const std::int64_t columns = right_shape[step.transposed ? 1 : 2];
  if (left_shape[0] != right_shape[0] || left_shape[2] != inner || step.shape != Shape{left_shape[0], left_shape[1], columns})
    throw std::invalid_argument("a product of matrices does not fit its inputs");
  Value left = builder.GetFloat(step.inputs[0], builder.FloatType());
  Value right = builder.GetFloat(step.inputs[1], builder.FloatType());
  Value result = builder.NewValue(LayoutOf(builder.rows(), step.shape, builder.FloatType()));
  const dnnl::memory::desc whole = result.desc;
  left.desc = MatricesOf(builder, left_shape, false);
  right.desc = MatricesOf(builder, right_shape, step.transposed);
  result.desc = MatricesOf(builder, step.shape, false);
  const dnnl::matmul::primitive_desc primitive(builder.engine(), left.desc, right.desc, result.desc,
                                               Builder::Attributes());
  builder.Add(dnnl::matmul(primitive),
              {Builder::Of(DNNL_ARG_SRC, left), Builder::Of(DNNL_ARG_WEIGHTS, right), Builder::Of(DNNL_ARG_DST, result)},
              primitive.scratchpad_desc());
  result.desc = whole;
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
