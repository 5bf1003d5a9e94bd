#include "weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "arena.h"
#include "pointwise_kernel.h"

namespace fovea {
namespace {

constexpr float kLargestS8 = 127;

/** In all layouts of a plan the out channels are the fastest dimension. */
std::vector<std::int8_t> Quantized(const Step& step, const std::vector<float>& scales) {
  std::vector<std::int8_t> values(step.weights.size());
  for (std::size_t index = 0; index < values.size(); ++index) {
    const float scaled = std::nearbyint(step.weights[index] / scales[index % scales.size()]);
    values[index] = static_cast<std::int8_t>(std::clamp(scaled, -kLargestS8, kLargestS8));
  }
  return values;
}

}  // namespace

std::vector<float> Weights::ChannelScales(const Step& step) {
  std::vector<float> scales(step.bias.size(), 0);
  for (std::size_t index = 0; index < step.weights.size(); ++index) {
    float& largest = scales[index % scales.size()];
    largest = std::max(largest, std::abs(step.weights[index]));
  }
  for (float& scale : scales) scale = scale > 0 ? scale / kLargestS8 : 1;
  return scales;
}

dnnl::memory Weights::Packed(const Step& step, const dnnl::memory::desc& plain, const dnnl::memory::desc& packed) {
  for (const Entry& entry : packed_)
    if (entry.step == &step && entry.memory.get_desc() == packed) return entry.memory;
  dnnl::memory memory;
  if (packed.get_data_type() == dnnl::memory::data_type::s8) {
    std::vector<std::int8_t> values = Quantized(step, ChannelScales(step));
    const dnnl::memory::desc desc(plain.get_dims(), dnnl::memory::data_type::s8, plain.get_strides());
    memory = Reordered(dnnl::memory(desc, engine_, values.data()), packed);
  } else {
    // oneDNN only reads the weights, but its interface takes no pointer to const.
    auto* values = const_cast<float*>(step.weights.data());
    memory = Reordered(dnnl::memory(plain, engine_, values), packed);
  }
  packed_.push_back({&step, memory});
  return memory;
}

std::shared_ptr<const WinogradFilter> Weights::Winograd(const Step& step, const winograd::TilesKernel& kernel,
                                                        const WinogradScales& scales) {
  auto& filter = winograd_[&step];
  if (filter == nullptr) filter = std::make_shared<const WinogradFilter>(step, kernel, scales);
  return filter;
}

std::shared_ptr<const Arena> Weights::Pointwise(const Step& step, std::int64_t block) {
  auto& packed = pointwise_[&step];
  if (packed != nullptr) return packed;
  const std::int64_t in = step.weights_shape[2];
  const std::int64_t out = step.weights_shape[3];
  const std::int64_t blocks = pointwise::BlocksOf(out, block);
  auto arena = std::make_shared<Arena>(static_cast<std::size_t>(blocks * in * block + out) * sizeof(float));
  auto* to = reinterpret_cast<float*>(arena->data());
  for (std::int64_t index = 0; index < blocks; ++index)
    for (std::int64_t channel = 0; channel < in; ++channel, to += block)
      std::copy_n(step.weights.data() + channel * out + pointwise::FirstChannel(out, block, index), block, to);
  std::copy(step.bias.begin(), step.bias.end(), to);
  return packed = std::move(arena);
}

dnnl::memory Weights::Reordered(const dnnl::memory& plain, const dnnl::memory::desc& packed) {
  dnnl::memory memory(packed, engine_);
  UseLargePages(memory.get_data_handle(), packed.get_size());
  dnnl::memory source = plain;
  dnnl::reorder(source, memory).execute(stream_, source, memory);
  stream_.wait();
  return memory;
}

dnnl::memory Weights::Vector(const std::vector<float>& values, const dnnl::memory::desc& desc) {
  for (const auto& [known, memory] : vectors_)
    if (known == values && memory.get_desc() == desc) return memory;
  dnnl::memory memory(desc, engine_);
  std::memcpy(memory.get_data_handle(), values.data(), values.size() * sizeof(float));
  vectors_.emplace_back(values, memory);
  return memory;
}

}  // namespace fovea
