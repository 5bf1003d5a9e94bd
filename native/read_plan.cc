#include "read_plan.h"

#include <initializer_list>
#include <utility>

namespace fovea {
namespace {

constexpr std::int64_t kLargestDimension = 1 << 24;

[[noreturn]] void Fail(Napi::Env env, const std::string& message) {
  throw Napi::TypeError::New(env, "A malformed plan: " + message);
}

std::int64_t ToInteger(const Napi::Value& value, std::int64_t low, const char* name) {
  if (!value.IsNumber()) Fail(value.Env(), std::string(name) + " is not a number.");
  const double number = value.As<Napi::Number>().DoubleValue();
  const auto integer = static_cast<std::int64_t>(number);
  if (!(number >= static_cast<double>(low) && number <= kLargestDimension) || static_cast<double>(integer) != number)
    Fail(value.Env(), std::string(name) + " is out of range.");
  return integer;
}

double ToNumber(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) Fail(from.Env(), std::string(name) + " is not a number.");
  return value.As<Napi::Number>().DoubleValue();
}

std::string ToName(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsString()) Fail(from.Env(), std::string(name) + " is not a string.");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Object ToObject(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsObject()) Fail(from.Env(), std::string(name) + " is missing.");
  return value.As<Napi::Object>();
}

std::vector<std::int64_t> ToIntegers(const Napi::Object& from, const char* name, std::int64_t low) {
  const Napi::Value value = from.Get(name);
  if (!value.IsArray()) Fail(from.Env(), std::string(name) + " is not an array.");
  const auto array = value.As<Napi::Array>();
  std::vector<std::int64_t> integers;
  for (std::uint32_t index = 0; index < array.Length(); ++index)
    integers.push_back(ToInteger(array.Get(index), low, name));
  return integers;
}

std::int64_t SizeOf(Napi::Env env, const Shape& shape) {
  std::int64_t size = 1;
  for (const std::int64_t length : shape) {
    size *= length;
    if (size > kLargestDimension * 64) Fail(env, "a shape is too large.");
  }
  return size;
}

/** Not copied: weights are most of a model's memory, and a model is built while JavaScript still holds its plan. */
Floats ToWeights(const Napi::Object& from, const char* name, std::int64_t length) {
  const Napi::Value value = from.Get(name);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array)
    Fail(from.Env(), std::string(name) + " is not a Float32Array.");
  const auto array = value.As<Napi::Float32Array>();
  if (static_cast<std::int64_t>(array.ElementLength()) != length)
    Fail(from.Env(), std::string(name) + " has another length than its shape.");
  return {array.Data(), array.ElementLength()};
}

std::vector<float> ToFloats(const Napi::Object& from, const char* name, std::int64_t length) {
  const Floats floats = ToWeights(from, name, length);
  return {floats.begin(), floats.end()};
}

Pair ToPair(const Napi::Object& from, const char* name) {
  const auto numbers = ToIntegers(from, name, 1);
  if (numbers.size() != 2) Fail(from.Env(), std::string(name) + " is not a pair.");
  return {numbers[0], numbers[1]};
}

Padding ToPadding(const Napi::Object& step, const char* from = "padding") {
  const Napi::Object padding = ToObject(step, from);
  const auto side = [&](const char* name) { return ToInteger(padding.Get(name), 0, name); };
  return {side("top"), side("bottom"), side("left"), side("right")};
}

template <typename T>
T OneOf(Napi::Env env, const std::string& name, std::initializer_list<std::pair<const char*, T>> choices) {
  for (const auto& [known, value] : choices)
    if (name == known) return value;
  Fail(env, name + " is unknown.");
}

Activation ToActivation(const Napi::Object& step) {
  const Napi::Object activation = ToObject(step, "activation");
  const auto kind = OneOf<ActivationKind>(step.Env(), ToName(activation, "kind"),
                                          {{"linear", ActivationKind::kLinear},
                                           {"relu", ActivationKind::kRelu},
                                           {"relu6", ActivationKind::kRelu6},
                                           {"leakyRelu", ActivationKind::kLeakyRelu},
                                           {"elu", ActivationKind::kElu},
                                           {"sigmoid", ActivationKind::kSigmoid},
                                           {"hardSigmoid", ActivationKind::kHardSigmoid},
                                           {"tanh", ActivationKind::kTanh},
                                           {"swish", ActivationKind::kSwish},
                                           {"hardSwish", ActivationKind::kHardSwish},
                                           {"gelu", ActivationKind::kGelu},
                                           {"geluTanh", ActivationKind::kGeluTanh},
                                           {"softmax", ActivationKind::kSoftmax}});
  return {kind, static_cast<float>(ToNumber(activation, "alpha"))};
}

Op ToOp(Napi::Env env, const std::string& name) {
  return OneOf<Op>(env, name,
                   {{"conv2d", Op::kConv2d},
                    {"depthwiseConv2d", Op::kDepthwiseConv2d},
                    {"dense", Op::kDense},
                    {"maxPool", Op::kMaxPool},
                    {"averagePool", Op::kAveragePool},
                    {"globalMaxPool", Op::kGlobalMaxPool},
                    {"globalAveragePool", Op::kGlobalAveragePool},
                    {"reshape", Op::kReshape},
                    {"zeroPadding", Op::kZeroPadding},
                    {"scaleShift", Op::kScaleShift},
                    {"activation", Op::kActivation},
                    {"add", Op::kAdd},
                    {"multiply", Op::kMultiply},
                    {"concat", Op::kConcat},
                    {"crop", Op::kCrop},
                    {"layerNorm", Op::kLayerNorm},
                    {"transpose", Op::kTranspose},
                    {"matMul", Op::kMatMul},
                    {"addConstant", Op::kAddConstant}});
}

void ReadWeights(const Napi::Object& source, const char* name, Step& step) {
  const Napi::Object weights = ToObject(source, name);
  step.weights_shape = ToIntegers(weights, "shape", 1);
  step.weights = ToWeights(weights, "values", SizeOf(source.Env(), step.weights_shape));
}

void ReadWeights(const Napi::Object& source, const char* name, std::size_t rank, Step& step) {
  ReadWeights(source, name, step);
  if (step.weights_shape.size() != rank) Fail(source.Env(), std::string(name) + " has another rank.");
}

void ReadDetails(const Napi::Object& source, Step& step) {
  const std::int64_t channels = step.shape.back();
  switch (step.op) {
    case Op::kConv2d:
    case Op::kDepthwiseConv2d:
      ReadWeights(source, "filter", 4, step);
      step.bias = ToFloats(source, "bias", channels);
      step.strides = ToPair(source, "strides");
      step.dilations = ToPair(source, "dilations");
      step.padding = ToPadding(source);
      step.activation = ToActivation(source);
      break;
    case Op::kDense:
      ReadWeights(source, "kernel", 2, step);
      step.bias = ToFloats(source, "bias", channels);
      step.activation = ToActivation(source);
      break;
    case Op::kMaxPool:
    case Op::kAveragePool:
      step.window = ToPair(source, "window");
      step.strides = ToPair(source, "strides");
      step.padding = ToPadding(source);
      step.counts_padding = source.Get("countsPadding").ToBoolean();
      break;
    case Op::kCrop:
      step.padding = ToPadding(source, "cropping");
      break;
    case Op::kLayerNorm:
      step.scale = ToFloats(source, "gamma", channels);
      step.bias = ToFloats(source, "beta", channels);
      step.epsilon = static_cast<float>(ToNumber(source, "epsilon"));
      break;
    case Op::kTranspose:
      step.order = ToIntegers(source, "order", 0);
      break;
    case Op::kMatMul:
      step.transposed = source.Get("transposed").ToBoolean();
      break;
    case Op::kAddConstant:
      ReadWeights(source, "summand", step);
      break;
    case Op::kZeroPadding:
      step.padding = ToPadding(source);
      break;
    case Op::kScaleShift:
      step.scale = ToFloats(source, "scale", channels);
      step.bias = ToFloats(source, "shift", channels);
      break;
    case Op::kActivation:
      step.activation = ToActivation(source);
      break;
    default:
      break;
  }
}

Step ReadStep(const Napi::Object& source) {
  Step step;
  step.op = ToOp(source.Env(), ToName(source, "op"));
  if (source.Get("layer").IsString()) step.layer = ToName(source, "layer");
  step.inputs = ToIntegers(source, "inputs", 0);
  step.output = ToInteger(source.Get("output"), 1, "output");
  step.shape = ToIntegers(source, "shape", 1);
  if (step.shape.empty() || step.inputs.empty()) Fail(source.Env(), "a step has no shape or no inputs.");
  SizeOf(source.Env(), step.shape);
  ReadDetails(source, step);
  return step;
}

/** Reads `[low, high]` of the input and of each step's output, in the order of the plan. */
void ReadRanges(const Napi::Object& source, Plan& plan) {
  const auto count = static_cast<std::int64_t>(plan.steps.size()) + 1;
  const std::vector<float> ranges = ToFloats(source, "ranges", 2 * count);
  plan.ranges[kInputValue] = {ranges[0], ranges[1]};
  for (std::size_t index = 0; index < plan.steps.size(); ++index)
    plan.ranges[plan.steps[index].output] = {ranges[2 * index + 2], ranges[2 * index + 3]};
}

/** One number for all channels, or one a channel. */
std::vector<double> ToChannels(const Napi::Object& source, const char* name, std::int64_t channels) {
  const Napi::Value value = source.Get(name);
  if (!value.IsArray()) return std::vector<double>(static_cast<std::size_t>(channels), ToNumber(source, name));
  const auto array = value.As<Napi::Array>();
  if (static_cast<std::int64_t>(array.Length()) != channels)
    Fail(source.Env(), std::string(name) + " is not one number a channel.");
  std::vector<double> numbers;
  for (std::uint32_t index = 0; index < array.Length(); ++index) {
    const Napi::Value number = array.Get(index);
    if (!number.IsNumber()) Fail(source.Env(), std::string(name) + " is no number.");
    numbers.push_back(number.As<Napi::Number>().DoubleValue());
  }
  return numbers;
}

PixelScaling ToScaling(const Napi::Object& source, std::int64_t channels) {
  PixelScaling scaling{ToChannels(source, "scale", channels), ToChannels(source, "offset", channels),
                       source.Get("swapsColors").ToBoolean()};
  if (channels != 3 && (scaling.swaps_colors || !scaling.IsUniform()))
    Fail(source.Env(), "only three channels differ in scale, or swap.");
  return scaling;
}

}  // namespace

Plan ReadPlan(const Napi::Object& source) {
  Plan plan;
  plan.input_shape = ToIntegers(source, "inputShape", 1);
  if (plan.input_shape.size() != 3) Fail(source.Env(), "the input is not an image.");
  SizeOf(source.Env(), plan.input_shape);
  plan.pixels = ToScaling(source, plan.input_shape.back());
  plan.output = ToInteger(source.Get("output"), 0, "output");
  plan.classes = ToInteger(source.Get("classes"), 1, "classes");
  plan.precision = OneOf<Precision>(source.Env(), ToName(source, "precision"),
                                    {{"float32", Precision::kFloat32},
                                     {"float16", Precision::kFloat16},
                                     {"bfloat16", Precision::kBfloat16},
                                     {"int8", Precision::kInt8}});
  plan.keeps_values = source.Get("keepsValues").ToBoolean();
  if (!source.Get("steps").IsArray()) Fail(source.Env(), "steps is not an array.");
  const auto steps = source.Get("steps").As<Napi::Array>();
  for (std::uint32_t index = 0; index < steps.Length(); ++index) {
    const Napi::Value step = steps.Get(index);
    if (!step.IsObject()) Fail(source.Env(), "a step is not an object.");
    plan.steps.push_back(ReadStep(step.As<Napi::Object>()));
  }
  if (plan.precision == Precision::kInt8) ReadRanges(source, plan);
  return plan;
}

}  // namespace fovea
