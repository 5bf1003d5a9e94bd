#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "../plan.h"
#include "memory.h"
#include "types.h"

namespace fovea::cuda {

/** A model's weights on the card. Each is uploaded once and shared by the programs of all batch sizes. */
class Weights {
 public:
  explicit Weights(Type type) : type_(type) {}

  /** Uploads `[height, width, in, out]` as `[out, height, width, stored_in]`; added input channels are 0. */
  const std::byte* Filter(const Step& step, std::int64_t stored_in);
  /** Uploads in the plan's layout `[height, width, in, multiplier]`. */
  const std::byte* DepthwiseFilter(const Step& step);
  /** Uploads `[in, out]` as `[out, in]`. */
  const std::byte* Kernel(const Step& step);
  /** Uploads in `type`. */
  const std::byte* Bias(const Step& step, Type type);
  /** float32 */
  const std::byte* Scale(const Step& step);

  std::size_t bytes() const { return bytes_; }

 private:
  template <typename Lay>
  const std::byte* Once(const Step& step, const std::string& name, Type type, const Lay& lay);
  DeviceMemory Upload(const std::vector<float>& values, Type type);

  Type type_;
  std::size_t bytes_ = 0;
  std::map<std::string, DeviceMemory> uploaded_;
};

}  // namespace fovea::cuda
