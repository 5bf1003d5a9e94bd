#include "concat.h"

#include <stdexcept>

namespace fovea {

/** Concatenates along the channels. */
void AddConcat(Builder& builder, const Step& step) {
  constexpr int kChannels = 1;
  const bool is_quantized = builder.quantized().Has(step.output);
  const Type type = is_quantized ? builder.quantized().TypeOf(step.output) : builder.FloatType();
  const float scale = is_quantized ? builder.quantized().ScaleOf(step.output) : 1;
  std::vector<dnnl::memory::desc> sources;
  std::vector<Argument> arguments;
  for (std::size_t index = 0; index < step.inputs.size(); ++index) {
    const Value source = builder.GetScaled(step.inputs[index], type, scale);
    sources.push_back(source.desc);
    arguments.push_back(Builder::Of(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(index), source));
  }
  const Value result = builder.NewValue(LayoutOf(builder.rows(), step.shape, type), scale);
  const dnnl::concat::primitive_desc primitive(builder.engine(), result.desc, kChannels, sources,
                                               Builder::Attributes());
  arguments.push_back(Builder::Of(DNNL_ARG_DST, result));
  builder.Add(dnnl::concat(primitive), std::move(arguments), primitive.scratchpad_desc());
  builder.Define(step.output, step.shape, result);
}

}  // namespace fovea
