#pragma once

#include <cudnn.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "../plan.h"
#include "descriptor.h"
#include "types.h"

namespace fovea::cuda {

/** A convolution of channels-last images, and what cuDNN fuses behind it: y = activation(conv(x) + z + bias). */
struct ConvolutionShape {
  Type type = Type::kFloat32;
  std::int64_t rows = 1;
  std::int64_t in_height = 1;
  std::int64_t in_width = 1;
  std::int64_t in_channels = 1;
  std::int64_t out_height = 1;
  std::int64_t out_width = 1;
  std::int64_t out_channels = 1;
  std::int64_t filter_height = 1;
  std::int64_t filter_width = 1;
  Pair strides;
  Pair dilations;
  Padding padding;
  /** Without any of these it is the bare convolution. */
  bool has_bias = false;
  bool has_addend = false;
  Activation activation;
};

/** Whether cuDNN's pointwise operations have this activation. */
bool HasFusedForm(const Activation& activation);

/** Where a convolution's values lie on the card. `addend` and `bias` are null where the shape has none. */
struct ConvolutionMemory {
  const std::byte* x = nullptr;
  const std::byte* filter = nullptr;
  const std::byte* addend = nullptr;
  const std::byte* bias = nullptr;
  std::byte* y = nullptr;
};

/** One of cuDNN's ways to compute a convolution. Immutable; several threads may run it, each with its own handle. */
class ConvolutionKernel {
 public:
  ConvolutionKernel(Descriptor plan, std::size_t workspace_bytes) : plan_(plan), workspace_bytes_(workspace_bytes) {}

  std::size_t workspace_bytes() const { return workspace_bytes_; }
  /** @throws CudaError */
  void Run(cudnnHandle_t handle, const ConvolutionMemory& memory, std::byte* workspace) const;

 private:
  Descriptor plan_;
  std::size_t workspace_bytes_;
};

/** At most `most` ways to compute it, in the order in which cuDNN expects them to be fast; none where it has no kernel.
 * @param workspace_limit bytes; ways that need more are left out
 * @throws CudaError */
std::vector<ConvolutionKernel> FindConvolutionKernels(cudnnHandle_t handle, const ConvolutionShape& shape,
                                                      std::size_t most, std::size_t workspace_limit);

}  // namespace fovea::cuda
