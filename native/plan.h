#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fovea {

/** Without the batch dimension, channels last. */
using Shape = std::vector<std::int64_t>;
using ValueId = std::int64_t;

inline constexpr ValueId kInputValue = 0;

enum class Precision { kFloat32, kFloat16, kBfloat16, kInt8 };

enum class Op {
  kConv2d,
  kDepthwiseConv2d,
  kDense,
  kMaxPool,
  kAveragePool,
  kGlobalMaxPool,
  kGlobalAveragePool,
  kReshape,
  kZeroPadding,
  kScaleShift,
  kActivation,
  kAdd,
  kMultiply,
  kConcat,
  kCrop,
  kLayerNorm,
  kTranspose,
  kMatMul,
  kAddConstant,
};

enum class ActivationKind {
  kLinear,
  kRelu,
  kRelu6,
  kLeakyRelu,
  kElu,
  kSigmoid,
  kHardSigmoid,
  kTanh,
  kSwish,
  kSoftmax,
  kHardSwish,
  kGelu,
  kGeluTanh,
};

struct Activation {
  ActivationKind kind = ActivationKind::kLinear;
  float alpha = 0;
};

/** Numbers that somebody else owns, such as the weights of a plan, which stay in JavaScript's memory. */
class Floats {
 public:
  Floats() = default;
  Floats(const float* data, std::size_t size) : data_(data), size_(size) {}
  const float* data() const { return data_; }
  std::size_t size() const { return size_; }
  const float* begin() const { return data_; }
  const float* end() const { return data_ + size_; }
  const float& operator[](std::size_t index) const { return data_[index]; }

 private:
  const float* data_ = nullptr;
  std::size_t size_ = 0;
};

struct Padding {
  std::int64_t top = 0;
  std::int64_t bottom = 0;
  std::int64_t left = 0;
  std::int64_t right = 0;
};

struct Pair {
  std::int64_t vertical = 1;
  std::int64_t horizontal = 1;

  bool IsOne() const { return vertical == 1 && horizontal == 1; }
};

/** A step of `src/models/plan/plan.ts`. `op` determines which fields are used. */
struct Step {
  Op op = Op::kReshape;
  /** The layer that it was compiled from, for messages and profiles. */
  std::string layer;
  std::vector<ValueId> inputs;
  ValueId output = kInputValue;
  Shape shape;
  Activation activation;
  Pair strides;
  Pair dilations;
  Pair window;
  /** Of crop the rows and columns that are cut off. */
  Padding padding;
  /** Whether an average counts padding as zeros. */
  bool counts_padding = false;
  /** Of layerNorm. */
  float epsilon = 0;
  /** Of transpose: the dimension of the input that each dimension of the output is. */
  Shape order;
  /** Of matMul: whether the second value is `[count, columns, inner]`. */
  bool transposed = false;
  /** The filter, kernel or summand, in the plan's layout. */
  Shape weights_shape;
  Floats weights;
  /** The bias, or the shift of a scaleShift. */
  std::vector<float> bias;
  /** scaleShift only. */
  std::vector<float> scale;
};

/** The smallest and largest number of a value in calibration. */
struct Range {
  float low = 0;
  float high = 0;
};

/** How pixels become numbers: float = pixel * scale + offset, both in the order of the model's channels. */
struct PixelScaling {
  std::vector<double> scale;
  std::vector<double> offset;
  /** Whether the model's channels are blue, green, red; pixels are red, green, blue. */
  bool swaps_colors = false;

  bool IsUniform() const {
    const auto is_one = [](const std::vector<double>& numbers) {
      return std::all_of(numbers.begin(), numbers.end(), [&](double number) { return number == numbers[0]; });
    };
    return is_one(scale) && is_one(offset);
  }
};

struct Plan {
  Shape input_shape;
  PixelScaling pixels;
  std::vector<Step> steps;
  ValueId output = kInputValue;
  std::int64_t classes = 0;
  Precision precision = Precision::kFloat32;
  /** The range of every value; int8 only. */
  std::map<ValueId, Range> ranges;
  /** Whether all values stay readable after a run; calibration needs it. */
  bool keeps_values = false;

  /** The only step that reads a value, once; null if there are others, or if the value is the output. */
  const Step* OnlyReader(ValueId id) const {
    if (id == output) return nullptr;
    const Step* reader = nullptr;
    for (const Step& step : steps) {
      const auto times = std::count(step.inputs.begin(), step.inputs.end(), id);
      if (times > 1 || (times == 1 && reader != nullptr)) return nullptr;
      if (times == 1) reader = &step;
    }
    return reader;
  }
};

}  // namespace fovea
