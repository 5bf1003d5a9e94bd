#include "padding.h"

#include <stdexcept>

namespace fovea {

/** Copies the image into a buffer of zeros. */
void AddZeroPadding(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  const Shape& input = builder.ShapeOf(id);
  const Padding& padding = step.padding;
  const Shape padded{input[0] + padding.top + padding.bottom, input.size() == 3 ? input[1] + padding.left + padding.right : 0,
                     input.back()};
  if (input.size() != 3 || step.shape != padded) throw std::invalid_argument("a zero padding does not fit its input");
  const Value source = builder.GetFloat(id, builder.FloatType());
  const Value result = builder.NewValue(LayoutOf(builder.rows(), step.shape, builder.FloatType()));
  const auto inside = result.desc.submemory_desc(source.desc.get_dims(), {0, 0, padding.top, padding.left});
  const dnnl::reorder::primitive_desc primitive(builder.engine(), source.desc, builder.engine(), inside,
                                                Builder::Attributes());
  Value middle = result;
  middle.desc = inside;
  builder.Add(dnnl::reorder(primitive), {Builder::Of(DNNL_ARG_FROM, source), Builder::Of(DNNL_ARG_TO, middle)},
              primitive.scratchpad_desc());
  builder.ClearBefore(result);
  builder.Define(step.output, step.shape, result);
}

/** Copies the middle of the image. */
void AddCrop(Builder& builder, const Step& step) {
  const ValueId id = step.inputs[0];
  const Shape& input = builder.ShapeOf(id);
  const Padding& cut = step.padding;
  const Shape left{input[0] - cut.top - cut.bottom, input.size() == 3 ? input[1] - cut.left - cut.right : 0, input.back()};
  if (input.size() != 3 || step.shape != left) throw std::invalid_argument("a crop does not fit its input");
  Value middle = builder.GetFloat(id, builder.FloatType());
  const Value result = builder.NewValue(LayoutOf(builder.rows(), step.shape, builder.FloatType()));
  middle.desc = middle.desc.submemory_desc(result.desc.get_dims(), {0, 0, cut.top, cut.left});
  const dnnl::reorder::primitive_desc primitive(builder.engine(), middle.desc, builder.engine(), result.desc,
                                                Builder::Attributes());
  builder.Add(dnnl::reorder(primitive), {Builder::Of(DNNL_ARG_FROM, middle), Builder::Of(DNNL_ARG_TO, result)},
              primitive.scratchpad_desc());
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
