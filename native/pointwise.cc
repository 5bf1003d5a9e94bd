#include "pointwise.h"

#include <omp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "activation.h"
#include "arena.h"
#include "division.h"
#include "pointwise_kernel.h"
#include "processor.h"

namespace fovea {
namespace {

/** Of a part: they stay in the second-level cache while the weights pass through. */
constexpr std::int64_t kInputBytes = 512 * 1024;
constexpr std::int64_t kFewestPixels = 64;
/** With fewer, oneDNN loads its numbers with less effort. */
constexpr std::int64_t kFewestInChannels = 16;

pointwise::PixelsKernel FastestKernel() {
  const Processor processor = DescribeProcessor();
  if (processor.has_avx512) return pointwise::KernelOfAvx512();
  if (processor.has_avx2) return pointwise::KernelOfAvx2();
  return {};
}

std::optional<pointwise::Function> FunctionOf(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kLinear:
    case ActivationKind::kSoftmax:
      return pointwise::Function::kNone;
    case ActivationKind::kRelu:
      return pointwise::Function::kRelu;
    case ActivationKind::kRelu6:
      return pointwise::Function::kRelu6;
    case ActivationKind::kSwish:
      return pointwise::Function::kSwish;
    default:
      return std::nullopt;
  }
}

class PointwiseKernel final : public Kernel {
 public:
  PointwiseKernel(const pointwise::Task& task, const pointwise::PixelsKernel& kernel, std::shared_ptr<const Arena> weights)
      : task_(task), kernel_(kernel), weights_(std::move(weights)) {
    task_.weights = reinterpret_cast<const float*>(weights_->data());
    task_.bias = task_.weights + Blocks() * task_.in_channels * kernel_.block;
  }

  void Run(const Places& places) const override {
    const std::int64_t threads = omp_get_max_threads();
    const Division division = Division::Of(task_.pixels, Blocks(), MostPixels(threads), threads);
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t block = 0; block < division.blocks; ++block)
      for (std::int64_t place = 0; place < division.places; ++place) {
        const auto pixels = Division::RangeOf(place, division.places, task_.pixels);
        const auto blocks = Division::RangeOf(block, division.blocks, Blocks());
        kernel_.run(task_, {pixels.first, pixels.last, blocks.first, blocks.last},
                    reinterpret_cast<const float*>(places.source), reinterpret_cast<const float*>(places.addend),
                    reinterpret_cast<float*>(places.result));
      }
  }

 private:
  /** Pixels of a part. Threads that share pixels read the weights each; threads that share blocks read the input each, and their
   * results from each other in the next step, which is divided by rows. */
  std::int64_t MostPixels(std::int64_t threads) const {
    const std::int64_t channels = task_.in_channels + task_.out_channels;
    const std::int64_t fitting = kInputBytes / (task_.in_channels * static_cast<std::int64_t>(sizeof(float)));
    const bool is_by_pixels = task_.in_channels * task_.out_channels <= channels * task_.pixels;
    const std::int64_t most = is_by_pixels ? std::min(fitting, (task_.pixels + threads - 1) / threads) : fitting;
    return std::max(kFewestPixels, most);
  }

  std::int64_t Blocks() const { return pointwise::BlocksOf(task_.out_channels, kernel_.block); }

  pointwise::Task task_;
  pointwise::PixelsKernel kernel_;
  std::shared_ptr<const Arena> weights_;
};

bool IsPointwise(const Step& step, const Shape& input) {
  const Shape& filter = step.weights_shape;
  return step.op == Op::kConv2d && filter[0] == 1 && filter[1] == 1 && filter[2] == input.back() && step.strides.IsOne() &&
         step.shape[0] == input[0] && step.shape[1] == input[1] && step.padding.top == 0 && step.padding.left == 0;
}

/** Whether at most an eighth of the sums are computed twice, where blocks of channels overlap. */
bool FillsBlocks(std::int64_t channels, std::int64_t block) {
  constexpr std::int64_t kOfTwice = 8;
  return channels >= block && kOfTwice * (pointwise::BlocksOf(channels, block) * block - channels) <= channels;
}

}  // namespace

bool FitsPointwise(const Builder& builder, const Step& step, const ResidualEnd& end) {
  if (builder.precision() != Precision::kFloat32 || !IsPointwise(step, builder.ShapeOf(step.inputs[0]))) return false;
  const pointwise::PixelsKernel kernel = FastestKernel();
  return kernel.run != nullptr && step.weights_shape[2] >= kFewestInChannels && FillsBlocks(step.shape[2], kernel.block) &&
         FunctionOf(end.last->activation.kind).has_value();
}

void AddPointwise(Builder& builder, const Step& step, const Value& source, const ResidualEnd& end) {
  const pointwise::PixelsKernel kernel = FastestKernel();
  const Value result = builder.NewResult(*end.last, step.shape);
  pointwise::Task task;
  task.pixels = builder.rows() * step.shape[0] * step.shape[1];
  task.in_channels = step.weights_shape[2];
  task.out_channels = step.shape[2];
  task.function = FunctionOf(end.last->activation.kind).value_or(pointwise::Function::kNone);
  std::vector<Argument> arguments{Builder::Of(DNNL_ARG_SRC, source), Builder::Of(DNNL_ARG_DST, result)};
  if (end.sum != nullptr)
    arguments.push_back(Builder::Of(DNNL_ARG_SRC_1, builder.GetFloat(end.addend, builder.FloatType())));
  auto weights = builder.weights().Pointwise(step, kernel.block);
  builder.Add(std::make_shared<const PointwiseKernel>(task, kernel, std::move(weights)), std::move(arguments),
              {{1}, Type::u8, dnnl::memory::format_tag::x});
  if (end.sum != nullptr) builder.Define(end.sum->output, step.shape, result);
  FinishWith(builder, *end.last, result);
}

}  // namespace fovea
