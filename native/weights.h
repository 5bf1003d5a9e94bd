#pragma once

#include <dnnl.hpp>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "arena.h"
#include "plan.h"
#include "winograd_filter.h"

namespace fovea {

/** Weights in the layouts of oneDNN's kernels. Each layout is packed once and shared by all batch sizes. */
class Weights {
 public:
  Weights(const dnnl::engine& engine, const dnnl::stream& stream) : engine_(engine), stream_(stream) {}

  /** The weights of a step.
   * @param plain their layout in the plan, float32
   * @param packed the wanted layout and type; s8 has the scales of `ChannelScales` */
  dnnl::memory Packed(const Step& step, const dnnl::memory::desc& plain, const dnnl::memory::desc& packed);

  /** float32, for a bias or scales. */
  dnnl::memory Vector(const std::vector<float>& values, const dnnl::memory::desc& desc);

  /** The weights of a step in the layout of the Winograd kernel. */
  std::shared_ptr<const WinogradFilter> Winograd(const Step& step, const winograd::TilesKernel& kernel,
                                                  const WinogradScales& scales);

  /** The weights of a 1 × 1 convolution as `pointwise_kernel.h` reads them, and its bias behind them.
   * @param block out channels of a block */
  std::shared_ptr<const Arena> Pointwise(const Step& step, std::int64_t block);

  /** weight = stored s8 * scale, one scale per out channel. */
  static std::vector<float> ChannelScales(const Step& step);

 private:
  struct Entry {
    const Step* step;
    dnnl::memory memory;
  };
  dnnl::memory Reordered(const dnnl::memory& plain, const dnnl::memory::desc& packed);

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Entry> packed_;
  std::map<const Step*, std::shared_ptr<const WinogradFilter>> winograd_;
  std::map<const Step*, std::shared_ptr<const Arena>> pointwise_;
  std::vector<std::pair<std::vector<float>, dnnl::memory>> vectors_;
};

}  // namespace fovea
