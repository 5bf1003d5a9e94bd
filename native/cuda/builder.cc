#include "builder.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>

#include "steps.h"

namespace fovea::cuda {
namespace {

/** The alignment of cudaMalloc. Vector loads and cuDNN need at most this. */
constexpr std::size_t kAlignment = 256;

/** The plan knows more than the kernels do. A step that they would compute wrongly must not reach them.
 * @throws Unsupported */
void CheckSupported(const Plan& plan) {
  std::map<ValueId, std::int64_t> channels{{kInputValue, plan.input_shape.back()}};
  for (const Step& step : plan.steps) {
    if (step.activation.kind > ActivationKind::kSoftmax) throw Unsupported("the activation of " + step.layer);
    if (step.op == Op::kConv2d && step.weights_shape[2] != channels[step.inputs[0]])
      throw Unsupported("the grouped convolution " + step.layer);
    channels[step.output] = step.shape.back();
  }
}

}  // namespace

Builder::Builder(const Plan& plan, Type type, Weights& weights, const Kernels& kernels, Tuner& tuner, std::int64_t rows)
    : plan_(plan), type_(type), weights_(weights), kernels_(kernels), tuner_(tuner) {
  program_.rows = rows;
}

Program Builder::Build() {
  CheckSupported(plan_);
  const Shape& image = plan_.input_shape;
  program_.input = program_.buffers.size();
  program_.buffers.push_back({static_cast<std::size_t>(program_.rows * image[0] * image[1] * image[2]), 0});
  // A convolution that is the only reader of the image chooses the layout of its pixels.
  const Step* reader = OnlyReader(kInputValue);
  if (type_ == Type::kFloat32 || reader == nullptr || reader->op != Op::kConv2d) AddPixels(image[2], {});
  for (const Step& step : plan_.steps) {
    if (skipped_.count(step.output) != 0) continue;
    layer_ = step.layer;
    AddStep(step);
  }
  AddOutput();
  PlaceAll();
  return std::move(program_);
}

void Builder::AddPixels(std::int64_t stored_channels, const Padding& border) {
  /** Same fields as in kernels_source.h. */
  struct Picture {
    int height, width, channels, top, left, out_height, out_width, stored;
  };
  const Shape& image = plan_.input_shape;
  const Shape shape{image[0] + border.top + border.bottom, image[1] + border.left + border.right, stored_channels};
  const Value value = NewValue(shape, type_);
  /** Likewise. */
  struct Scaling {
    float scale[3], offset[3];
    int red;
  };
  Scaling scaling{{}, {}, plan_.pixels.swaps_colors ? 2 : 0};
  for (std::size_t channel = 0; channel < plan_.pixels.scale.size() && channel < 3; ++channel) {
    scaling.scale[channel] = static_cast<float>(plan_.pixels.scale[channel]);
    scaling.offset[channel] = static_cast<float>(plan_.pixels.offset[channel]);
  }
  const Picture picture{static_cast<int>(image[0]),   static_cast<int>(image[1]),    static_cast<int>(image[2]),
                        static_cast<int>(border.top), static_cast<int>(border.left), static_cast<int>(shape[0]),
                        static_cast<int>(shape[1]),   static_cast<int>(shape[2])};
  std::string name = "pixels";
  if (image[2] == 3 && (stored_channels == 4 || stored_channels == 8)) name += "_3_as_" + std::to_string(stored_channels);
  const std::int64_t places = program_.rows * shape[0] * shape[1];
  const Kernels* kernels = &kernels_;
  Add(
      [=, in = program_.input, rows = program_.rows](const Workplace& at) {
        kernels->Launch(name.c_str(), GridFor(places), at.handles.stream(), static_cast<const void*>(at.At(in)),
                        static_cast<void*>(at.At(value.buffer)), static_cast<unsigned>(rows), picture, scaling);
      },
      {program_.input, value.buffer});
  Define(kInputValue, value);
}

void Builder::AddOutput() {
  const Value value = GetAs(plan_.output, Type::kFloat32);
  if (value.shape != Shape{plan_.classes}) throw std::invalid_argument("the output is not one number a class");
  program_.output = value.buffer;
}

void Builder::AddStep(const Step& step) {
  switch (step.op) {
    case Op::kConv2d:
      return AddConvolution(*this, step);
    case Op::kDepthwiseConv2d:
      return AddDepthwise(*this, step);
    case Op::kDense:
      return AddDense(*this, step);
    case Op::kMaxPool:
    case Op::kAveragePool:
      return AddPool(*this, step);
    case Op::kGlobalMaxPool:
    case Op::kGlobalAveragePool:
      return AddGlobalPool(*this, step);
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
      return AddMerge(*this, step);
    case Op::kConcat:
      return AddConcat(*this, step);
    case Op::kLayerNorm:
    case Op::kCrop:
    case Op::kTranspose:
    case Op::kMatMul:
    case Op::kAddConstant:
      break;
  }
  throw Unsupported("the step " + step.layer);
}

void Builder::AddReshape(const Step& step) {
  Value value = Get(step.inputs[0]);
  const auto size = [](const Shape& shape) {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  };
  if (size(value.shape) != size(step.shape)) throw std::invalid_argument("a reshape to another size");
  value.shape = step.shape;
  Define(step.output, value);
}

const Value& Builder::Get(ValueId id) const {
  const auto found = values_.find(id);
  if (found == values_.end()) throw std::invalid_argument("a step reads a value that is not there yet");
  return found->second;
}

Value Builder::GetAs(ValueId id, Type type) { return Convert(Get(id), type); }

Value Builder::Convert(const Value& value, Type type) {
  if (value.type == type || type_ == Type::kFloat32) return value;
  const Value result = NewValue(value.shape, type);
  const std::int64_t count = CountOf(value);
  const char* name = type == Type::kFloat32 ? "widen" : "narrow";
  const Kernels* kernels = &kernels_;
  Add(
      [=](const Workplace& at) {
        kernels->Launch(name, GridFor(count), at.handles.stream(), static_cast<const void*>(at.At(value.buffer)),
                        static_cast<void*>(at.At(result.buffer)), static_cast<unsigned>(count));
      },
      {value.buffer, result.buffer});
  return result;
}

Value Builder::NewValue(const Shape& shape, Type type) {
  Value value{program_.buffers.size(), type, shape};
  program_.buffers.push_back({static_cast<std::size_t>(CountOf(value)) * BytesOf(type), 0});
  return value;
}

void Builder::Define(ValueId id, const Value& value) {
  if (!values_.emplace(id, value).second) throw std::invalid_argument("two steps make the same value");
}

void Builder::Add(std::function<void(const Workplace&)> launch, std::vector<std::size_t> buffers) {
  program_.calls.push_back({layer_, std::move(launch), std::move(buffers)});
}

void Builder::NeedWorkspace(std::size_t bytes) {
  program_.workspace_bytes = std::max(program_.workspace_bytes, bytes);
}

const Step* Builder::OnlyReader(ValueId id) const {
  if (id == plan_.output) return nullptr;
  const Step* reader = nullptr;
  for (const Step& step : plan_.steps)
    for (const ValueId input : step.inputs)
      if (input == id) {
        if (reader != nullptr) return nullptr;
        reader = &step;
      }
  return reader;
}

std::int64_t Builder::CountOf(const Value& value) const {
  return std::accumulate(value.shape.begin(), value.shape.end(), program_.rows, std::multiplies<>());
}

bool Builder::IsVector(const Value& value) const {
  return value.shape.back() % static_cast<std::int64_t>(16 / BytesOf(value.type)) == 0;
}

void Builder::PlaceAll() {
  std::vector<Life> lives(program_.buffers.size());
  for (std::size_t call = 0; call < program_.calls.size(); ++call)
    for (const std::size_t buffer : program_.calls[call].buffers) lives[buffer].Include(call);
  // The host writes the input before the first call and reads the output after the last call.
  lives[program_.input].Include(0);
  lives[program_.output].Include(program_.calls.size());
  program_.arena_bytes = PlaceBuffers(program_.buffers, lives, kAlignment);
}

}  // namespace fovea::cuda
