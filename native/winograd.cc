#include "winograd.h"

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "division.h"
#include "processor.h"
#include "winograd_filter.h"
#include "winograd_kernel.h"

namespace fovea {
namespace {

/** With fewer outputs per image, transforming and reading the larger filter costs more time than the multiplications save. */
constexpr std::int64_t kFewestOutputs = 49;

/** The fastest kernel for the processor. Its `run` is null where oneDNN is faster. */
winograd::TilesKernel KernelFor(Precision precision) {
  const Processor processor = DescribeProcessor();
  if (precision == Precision::kFloat32 && processor.has_avx512) return winograd::Float32Kernel();
  if (precision == Precision::kFloat32 && processor.has_avx2) return winograd::Float32KernelOfAvx2();
  if (!processor.has_avx512 || processor.has_amx) return {};
  if (precision == Precision::kBfloat16 && processor.has_bfloat16) return winograd::Bfloat16Kernel();
  if (precision == Precision::kInt8 && processor.has_int8) return winograd::Uint8Kernel();
  return {};
}

std::int64_t CacheBytes() {
  constexpr long kFallback = 512 * 1024;
  const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return bytes > 0 ? bytes : kFallback;
}

/** The most tiles of a part. Each part reads the filter, so parts are larger where it does not stay in a core's L2 cache. */
std::int64_t MostTiles(const winograd::Task& task, const winograd::TilesKernel& kernel) {
  static const std::int64_t cache = CacheBytes();
  const std::int64_t filter = winograd::kPositions * task.in_channels * task.out_channels * BytesOf(kernel.numbers);
  return (filter <= cache / 2 ? 2 : 8) * kernel.tiles_at_once;
}

class WinogradKernel final : public Kernel {
 public:
  WinogradKernel(const winograd::Task& task, const winograd::TilesKernel& kernel, std::shared_ptr<const WinogradFilter> filter)
      : task_(task), kernel_(kernel), thread_bytes_(winograd::ScratchpadBytes(task, kernel)), filter_(std::move(filter)) {
    task_.filter = filter_->weights();
    task_.start = filter_->start();
    task_.scales = filter_->sum_scales();
  }

  std::size_t ScratchpadBytes(int threads) const { return thread_bytes_ * static_cast<std::size_t>(threads); }

  void Run(const Places& places) const override {
    const std::int64_t all_tiles = Tiles();
    const std::int64_t all_blocks = task_.out_channels / kernel_.block;
    const Division division = Division::Of(all_tiles, all_blocks, task_.most_tiles, omp_get_max_threads());
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t block = 0; block < division.blocks; ++block)
      for (std::int64_t place = 0; place < division.places; ++place) {
        const auto tiles = Division::RangeOf(place, division.places, all_tiles);
        const auto blocks = Division::RangeOf(block, division.blocks, all_blocks);
        kernel_.run(task_,
                    {tiles.first, tiles.last - tiles.first, blocks.first * kernel_.block, blocks.last * kernel_.block},
                    places.source, places.result,
                    places.scratchpad + thread_bytes_ * static_cast<std::size_t>(omp_get_thread_num()));
      }
  }

 private:
  std::int64_t Tiles() const { return task_.rows * ((task_.out_height + 1) / 2) * ((task_.out_width + 1) / 2); }

  winograd::Task task_;
  winograd::TilesKernel kernel_;
  std::size_t thread_bytes_;
  std::shared_ptr<const WinogradFilter> filter_;
};

bool HasShape(const Step& step, const winograd::TilesKernel& kernel) {
  const Shape& filter = step.weights_shape;
  const bool fits_in =
      kernel.numbers == winograd::Numbers::kFloat32 ? filter[2] >= kernel.block : filter[2] % kernel.block == 0;
  return step.op == Op::kConv2d && filter[0] == 3 && filter[1] == 3 && fits_in && filter[3] % kernel.block == 0 &&
         step.strides.IsOne() && step.dilations.IsOne() && step.shape[0] * step.shape[1] >= kFewestOutputs;
}

}  // namespace

bool FitsWinograd(const Builder& builder, const Step& step, const Value& source) {
  const ActivationKind activation = step.activation.kind;
  if (activation != ActivationKind::kLinear && activation != ActivationKind::kRelu) return false;
  const winograd::TilesKernel kernel = KernelFor(builder.precision());
  if (kernel.run == nullptr || !HasShape(step, kernel)) return false;
  if (!builder.IsInt8()) return true;
  return source.desc.get_data_type() == Type::u8 && builder.ResultType(step) == Type::u8;
}

void AddWinograd(Builder& builder, const Step& step, const Value& source) {
  const bool is_even = step.shape[0] % 2 == 0 && step.shape[1] % 2 == 0;
  const Step* pool = is_even ? builder.PoolAfter(step) : nullptr;
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
  const winograd::TilesKernel tiles = KernelFor(builder.precision());
  task.most_tiles = MostTiles(task, tiles);
  auto filter = builder.weights().Winograd(step, tiles, {source.scale, result.scale});
  auto kernel = std::make_shared<const WinogradKernel>(task, tiles, std::move(filter));
  const auto bytes = static_cast<std::int64_t>(kernel->ScratchpadBytes(omp_get_max_threads()));
  builder.Add(std::move(kernel), {Builder::Of(DNNL_ARG_SRC, source), Builder::Of(DNNL_ARG_DST, result)},
              {{bytes}, Type::u8, dnnl::memory::format_tag::x});
  builder.Define(last.output, last.shape, result);
}

}  // namespace fovea
