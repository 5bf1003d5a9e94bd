#include "builder.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "activation.h"
#include "add_constant.h"
#include "concat.h"
#include "convolution.h"
#include "dense.h"
#include "elementwise.h"
#include "layer_norm.h"
#include "mat_mul.h"
#include "padding.h"
#include "pooling.h"
#include "scale_shift.h"
#include "transpose.h"

namespace fovea {

dnnl::memory::desc LayoutOf(std::int64_t rows, const Shape& shape, Type type) {
  dnnl::memory::dims dims{rows, shape.back()};
  dims.insert(dims.end(), shape.begin(), shape.end() - 1);
  dnnl::memory::dims strides(dims.size(), 1);
  std::int64_t stride = shape.back();
  for (std::size_t index = shape.size() - 1; index > 0; --index) {
    strides[index + 1] = stride;
    stride *= shape[index - 1];
  }
  strides[0] = stride;
  return {dims, type, strides};
}

dnnl::memory::desc VectorOf(std::size_t length) {
  return {{static_cast<std::int64_t>(length)}, Type::f32, dnnl::memory::format_tag::x};
}

Builder::Builder(const Plan& plan, Weights& weights, const dnnl::engine& engine, std::int64_t rows)
    : plan_(plan), weights_(weights), engine_(engine), quantized_(plan) {
  program_.rows = rows;
}

Program Builder::Build() {
  AddInput();
  for (const Step& step : plan_.steps)
    if (!IsMade(step.output)) AddStep(step);
  if (ShapeOf(plan_.output) != Shape{plan_.classes}) throw std::invalid_argument("the plan's output is not a vector");
  program_.output = GetFloat(plan_.output, Type::f32);
  if (plan_.keeps_values) {
    program_.values.push_back(Get(kInputValue));
    for (const Step& step : plan_.steps) program_.values.push_back(Get(step.output));
  }
  PlaceBuffers(program_, plan_.keeps_values);
  return std::move(program_);
}

/** The conversion of the images also computes the scales that are the only readers of the input, one after another: it looks up
 * pixels anyway, and oneDNN is slow with three channels. */
void Builder::AddInput() {
  const bool is_quantized = quantized_.Has(kInputValue);
  const Type type = is_quantized ? quantized_.TypeOf(kInputValue) : FloatType();
  program_.input = NewValue(LayoutOf(rows(), plan_.input_shape, type), is_quantized ? quantized_.ScaleOf(kInputValue) : 1);
  Define(kInputValue, plan_.input_shape, program_.input);
  const Step* scale = OnlyReader(kInputValue);
  for (; scale != nullptr && scale->op == Op::kScaleShift && scale->shape == plan_.input_shape; scale = OnlyReader(scale->output)) {
    program_.input_scales.push_back({scale->scale, scale->bias});
    Define(scale->output, plan_.input_shape, program_.input);
  }
}

void Builder::AddStep(const Step& step) {
  switch (step.op) {
    case Op::kConv2d:
    case Op::kDepthwiseConv2d:
      return AddConvolution(*this, step);
    case Op::kDense:
      return AddDense(*this, step);
    case Op::kMaxPool:
    case Op::kAveragePool:
    case Op::kGlobalMaxPool:
    case Op::kGlobalAveragePool:
      return AddPooling(*this, step);
    case Op::kReshape:
      return AddReshape(step);
    case Op::kZeroPadding:
      return AddZeroPadding(*this, step);
    case Op::kScaleShift:
      return AddScaleShift(*this, step);
    case Op::kActivation:
      return AddActivation(*this, step);
    case Op::kAdd:
    case Op::kMultiply:
      return AddElementwise(*this, step);
    case Op::kConcat:
      return AddConcat(*this, step);
    case Op::kCrop:
      return AddCrop(*this, step);
    case Op::kLayerNorm:
      return AddLayerNorm(*this, step);
    case Op::kTranspose:
      return AddTranspose(*this, step);
    case Op::kMatMul:
      return AddMatMul(*this, step);
    case Op::kAddConstant:
      return AddAddConstant(*this, step);
  }
}

/** The output is the same memory with another shape, because values are dense and channels last. */
void Builder::AddReshape(const Step& step) {
  Value value = Get(step.inputs[0]);
  const auto count = [](const Shape& shape) {
    std::int64_t size = 1;
    for (const std::int64_t length : shape) size *= length;
    return size;
  };
  if (count(ShapeOf(step.inputs[0])) != count(step.shape)) throw std::invalid_argument("a reshape changes the size");
  value.desc = LayoutOf(rows(), step.shape, value.desc.get_data_type());
  Define(step.output, step.shape, value);
}

const Value& Builder::Get(ValueId id) const {
  const auto found = values_.find(id);
  if (found == values_.end()) throw std::invalid_argument("a value is read before it is made");
  return found->second;
}

const Shape& Builder::ShapeOf(ValueId id) const {
  const auto found = shapes_.find(id);
  if (found == shapes_.end()) throw std::invalid_argument("a value is read before it is made");
  return found->second;
}

Value Builder::GetFloat(ValueId id, Type type) {
  const Value& value = Get(id);
  return value.desc.get_data_type() == type ? value : Converted(value, type, 1);
}

Value Builder::GetOperand(ValueId id) {
  if (!IsInt8()) return GetFloat(id, FloatType());
  const Value& value = Get(id);
  const Type type = value.desc.get_data_type();
  if (type == Type::u8 || type == Type::s8) return value;
  const auto found = operands_.find(id);
  if (found != operands_.end()) return found->second;
  return operands_[id] = Converted(value, quantized_.TypeOf(id), quantized_.ScaleOf(id));
}

Value Builder::GetScaled(ValueId id, Type type, float scale) {
  const Value& value = Get(id);
  return value.desc.get_data_type() == type && value.scale == scale ? value : Converted(value, type, scale);
}

Type Builder::FloatType() const { return plan_.precision == Precision::kBfloat16 ? Type::bf16 : Type::f32; }

bool Builder::Ends(const Step& step) const {
  return step.output == plan_.output || step.activation.kind == ActivationKind::kSoftmax;
}

Type Builder::ResultType(const Step& step) const {
  if (Ends(step)) return Type::f32;
  return quantized_.Has(step.output) ? quantized_.TypeOf(step.output) : FloatType();
}

Value Builder::NewResult(const Step& step, const Shape& shape) {
  const bool is_quantized = quantized_.Has(step.output) && !Ends(step);
  return NewValue(LayoutOf(rows(), shape, ResultType(step)), is_quantized ? quantized_.ScaleOf(step.output) : 1);
}

const Step* Builder::OnlyReader(ValueId id) const { return plan_.keeps_values ? nullptr : plan_.OnlyReader(id); }

const Step* Builder::PoolAfter(const Step& step) const {
  const Step* reader = OnlyReader(step.output);
  if (reader == nullptr) return nullptr;
  const Step& next = *reader;
  const auto is_two = [](const Pair& pair) { return pair.vertical == 2 && pair.horizontal == 2; };
  const Padding& padding = next.padding;
  const bool is_padded = padding.top + padding.bottom + padding.left + padding.right > 0;
  const Shape halves{step.shape[0] / 2, step.shape[1] / 2, step.shape[2]};
  const bool fits = next.op == Op::kMaxPool && is_two(next.window) && is_two(next.strides) && !is_padded;
  return fits && next.shape == halves ? &next : nullptr;
}

Value Builder::NewValue(const dnnl::memory::desc& desc, float scale) {
  program_.buffers.push_back({desc.get_size(), 0});
  return {program_.buffers.size() - 1, desc, scale};
}

void Builder::Define(ValueId id, const Shape& shape, const Value& value) {
  values_[id] = value;
  shapes_[id] = shape;
}

Argument Builder::Of(int name, const Value& value) {
  return {name, Argument::Kind::kBuffer, value.desc, value.buffer, {}};
}

Argument Builder::Of(int name, const dnnl::memory& constant) {
  return {name, Argument::Kind::kConstant, constant.get_desc(), 0, constant};
}

void Builder::Add(const dnnl::primitive& primitive, std::vector<Argument> arguments,
                  const dnnl::memory::desc& scratchpad) {
  AddCall({primitive, std::move(arguments), nullptr, false, 0}, scratchpad);
}

void Builder::Add(std::shared_ptr<const Kernel> kernel, std::vector<Argument> arguments,
                  const dnnl::memory::desc& scratchpad) {
  AddCall({{}, std::move(arguments), std::move(kernel), false, 0}, scratchpad);
}

void Builder::AddCall(Call call, const dnnl::memory::desc& scratchpad) {
  call.arguments.push_back({DNNL_ARG_SCRATCHPAD, Argument::Kind::kScratchpad, scratchpad, 0, {}});
  program_.scratchpad_bytes = std::max(program_.scratchpad_bytes, scratchpad.get_size());
  program_.calls.push_back(std::move(call));
}

void Builder::ClearBefore(const Value& value) {
  program_.calls.back().is_clearing = true;
  program_.calls.back().clears = value.buffer;
}

dnnl::primitive_attr Builder::Attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

Value Builder::Converted(const Value& value, Type type, float scale) {
  const dnnl::memory::desc desc(value.desc.get_dims(), type, value.desc.get_strides());
  const Value result = NewValue(desc, scale);
  dnnl::primitive_attr attributes = Attributes();
  std::vector<Argument> arguments{Of(DNNL_ARG_FROM, value), Of(DNNL_ARG_TO, result)};
  for (const auto& [name, side] : {std::pair{DNNL_ARG_FROM, &value}, std::pair{DNNL_ARG_TO, &result}}) {
    if (side->scale == 1) continue;
    attributes.set_scales_mask(name, 0);
    arguments.push_back(Of(DNNL_ARG_ATTR_SCALES | name, weights_.Vector({side->scale}, VectorOf(1))));
  }
  const dnnl::reorder::primitive_desc primitive(engine_, value.desc, engine_, desc, attributes);
  Add(dnnl::reorder(primitive), std::move(arguments), primitive.scratchpad_desc());
  return result;
}

}  // namespace fovea
