#include "winograd.h"

#include <omp.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "processor.h"
#include "winograd_filter.h"
#include "winograd_kernel.h"

namespace fovea {
namespace {

/** With fewer outputs per image, transforming costs more time than the multiplications save. */
constexpr std::int64_t kFewestOutputs = 64;

winograd::TilesKernel KernelFor(winograd::Numbers numbers) {
  switch (numbers) {
    case winograd::Numbers::kFloat32:
      return winograd::Float32Kernel();
    case winograd::Numbers::kBfloat16:
      return winograd::Bfloat16Kernel();
    case winograd::Numbers::kUint8:
      return winograd::Uint8Kernel();
  }
  return nullptr;
}

class WinogradKernel final : public Kernel {
 public:
  WinogradKernel(const winograd::Task& task, winograd::Numbers numbers, std::shared_ptr<const WinogradFilter> filter)
      : task_(task),
        run_(KernelFor(numbers)),
        thread_bytes_(winograd::ScratchpadBytes(task, numbers)),
        filter_(std::move(filter)) {
    task_.filter = filter_->weights();
    task_.start = filter_->start();
    task_.scales = filter_->sum_scales();
  }

  std::size_t ScratchpadBytes(int threads) const { return thread_bytes_ * static_cast<std::size_t>(threads); }

  void Run(const std::byte* source, std::byte* result, std::byte* scratchpad) const override {
    const std::int64_t tiles = task_.rows * (task_.out_height / 2) * (task_.out_width / 2);
#pragma omp parallel for schedule(static)
    for (std::int64_t first = 0; first < tiles; first += winograd::kTiles)
      run_(task_, first, std::min(winograd::kTiles, tiles - first), source, result,
           scratchpad + thread_bytes_ * static_cast<std::size_t>(omp_get_thread_num()));
  }

 private:
  winograd::Task task_;
  winograd::TilesKernel run_;
  std::size_t thread_bytes_;
  std::shared_ptr<const WinogradFilter> filter_;
};

bool IsFaster(Precision precision) {
  const Processor processor = DescribeProcessor();
  if (!processor.has_avx512) return false;
  switch (precision) {
    case Precision::kFloat32:
      return true;
    case Precision::kBfloat16:
      return processor.has_bfloat16 && !processor.has_amx;
    case Precision::kInt8:
      return processor.has_int8 && !processor.has_amx;
    case Precision::kFloat16:
      break;
  }
  return false;
}

bool IsOne(const Pair& pair) { return pair.vertical == 1 && pair.horizontal == 1; }

/** The kernel needs channels that are multiples of `kBlock`, and an even output size. */
bool HasShape(const Step& step) {
  const Shape& filter = step.weights_shape;
  return step.op == Op::kConv2d && filter[0] == 3 && filter[1] == 3 && filter[2] % winograd::kBlock == 0 &&
         filter[3] % winograd::kBlock == 0 && IsOne(step.strides) && IsOne(step.dilations) &&
         step.shape[0] % 2 == 0 && step.shape[1] % 2 == 0 && step.shape[0] * step.shape[1] >= kFewestOutputs;
}

}  // namespace

bool FitsWinograd(const Builder& builder, const Step& step, const Value& source) {
  const ActivationKind activation = step.activation.kind;
  if (activation != ActivationKind::kLinear && activation != ActivationKind::kRelu) return false;
  if (!HasShape(step) || !IsFaster(builder.precision())) return false;
  if (!builder.IsInt8()) return true;
  return source.desc.get_data_type() == Type::u8 && builder.ResultType(step) == Type::u8;
}

void AddWinograd(Builder& builder, const Step& step, const Value& source) {
  const Step* pool = builder.PoolAfter(step);
  const Step& last = pool == nullptr ? step : *pool;
  const Value result = builder.NewResult(step, last.shape);
  const Shape& input = builder.ShapeOf(step.inputs[0]);
  winograd::Task task;
  task.rows = builder.rows();
  task.in_height = input[0];
  task.in_width = input[1];
  task.in_channels = input[2];
  task.out_height = step.shape[0];
  task.out_width = step.shape[1];
  task.out_channels = step.shape[2];
  task.top = step.padding.top;
  task.left = step.padding.left;
  task.is_rectified = step.activation.kind == ActivationKind::kRelu;
  task.is_pooled = pool != nullptr;
  const Precision precision = builder.precision();
  auto filter = builder.weights().Winograd(step, precision, {source.scale, result.scale});
  auto kernel = std::make_shared<const WinogradKernel>(task, NumbersOf(precision), std::move(filter));
  const auto bytes = static_cast<std::int64_t>(kernel->ScratchpadBytes(omp_get_max_threads()));
  builder.Add(std::move(kernel), source, result, {{bytes}, Type::u8, dnnl::memory::format_tag::x});
  builder.Define(last.output, last.shape, result);
}

}  // namespace fovea
