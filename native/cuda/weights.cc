#include "weights.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace fovea::cuda {
namespace {

std::size_t Index(std::int64_t number) { return static_cast<std::size_t>(number); }

}  // namespace

template <typename Lay>
const std::byte* Weights::Once(const Step& step, const std::string& name, Type type, const Lay& lay) {
  const std::string key = std::to_string(step.output) + name + std::to_string(static_cast<int>(type));
  auto found = uploaded_.find(key);
  if (found == uploaded_.end()) found = uploaded_.emplace(key, Upload(lay(), type)).first;
  return found->second.get();
}

const std::byte* Weights::Filter(const Step& step, std::int64_t stored_in) {
  return Once(step, "filter" + std::to_string(stored_in), type_, [&] {
    const Shape& shape = step.weights_shape;
    const std::int64_t places = shape[0] * shape[1];
    std::vector<float> laid(Index(shape[3] * places * stored_in));
    for (std::int64_t place = 0; place < places; ++place)
      for (std::int64_t in = 0; in < shape[2]; ++in)
        for (std::int64_t out = 0; out < shape[3]; ++out)
          laid[Index((out * places + place) * stored_in + in)] =
              step.weights[Index((place * shape[2] + in) * shape[3] + out)];
    return laid;
  });
}

const std::byte* Weights::DepthwiseFilter(const Step& step) {
  return Once(step, "depthwise", type_, [&] { return std::vector<float>(step.weights.begin(), step.weights.end()); });
}

const std::byte* Weights::Kernel(const Step& step) {
  return Once(step, "kernel", type_, [&] {
    const std::int64_t inputs = step.weights_shape[0];
    const std::int64_t units = step.weights_shape[1];
    std::vector<float> laid(step.weights.size());
    for (std::int64_t in = 0; in < inputs; ++in)
      for (std::int64_t unit = 0; unit < units; ++unit)
        laid[Index(unit * inputs + in)] = step.weights[Index(in * units + unit)];
    return laid;
  });
}

const std::byte* Weights::Bias(const Step& step, Type type) {
  return Once(step, "bias", type, [&] { return step.bias; });
}

const std::byte* Weights::Scale(const Step& step) {
  return Once(step, "scale", Type::kFloat32, [&] { return step.scale; });
}

DeviceMemory Weights::Upload(const std::vector<float>& values, Type type) {
  const std::size_t bytes = values.size() * BytesOf(type);
  DeviceMemory memory = AllocateDevice(bytes);
  if (type == Type::kFloat32) {
    Check(cudaMemcpy(memory.get(), values.data(), bytes, cudaMemcpyHostToDevice), "cudaMemcpy");
  } else {
    std::vector<std::uint16_t> stored(values.size());
    std::transform(values.begin(), values.end(), stored.begin(), type == Type::kFloat16 ? ToFloat16 : ToBfloat16);
    Check(cudaMemcpy(memory.get(), stored.data(), bytes, cudaMemcpyHostToDevice), "cudaMemcpy");
  }
  bytes_ += bytes;
  return memory;
}

}  // namespace fovea::cuda
