#pragma once

#include <dnnl.hpp>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "plan.h"
#include "winograd_filter.h"

namespace fovea {

/** Weights as oneDNN's kernels want them. Each layout is packed once and serves all batch sizes that ask for it. */
class Weights {
 public:
  Weights(const dnnl::engine& engine, const dnnl::stream& stream) : engine_(engine), stream_(stream) {}

  /** @param step whose weights they are
   * @param plain their layout in the plan, float32
   * @param packed the wanted layout and type; of s8 each out channel has its own scale, `channel_scales` */
  dnnl::memory Packed(const Step& step, const dnnl::memory::desc& plain, const dnnl::memory::desc& packed);

  /** float32 numbers, for a bias or scales. */
  dnnl::memory Vector(const std::vector<float>& values, const dnnl::memory::desc& desc);

  /** As the Winograd kernel wants them. */
  std::shared_ptr<const WinogradFilter> Winograd(const Step& step, Precision precision, const WinogradScales& scales);

  /** What the stored s8 weights of each out channel are to be multiplied with. */
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
  std::vector<std::pair<std::vector<float>, dnnl::memory>> vectors_;
};

}  // namespace fovea
