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

/** A convolution of channels-last images with the operations that cuDNN fuses: y = activation(conv(x) + z + bias). */
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
  /** If all of these are false, only the convolution is computed. */
  bool has_bias = false;
  bool has_addend = false;
  Activation activation;
};

/** Whether cuDNN's pointwise operations include this activation. */
bool HasFusedForm(const Activation& activation);

/** Device addresses of a convolution's values. `addend` and `bias` are null when the shape has none. */
struct ConvolutionMemory {
  const std::byte* x = nullptr;
  const std::byte* filter = nullptr;
  const std::byte* addend = nullptr;
  const std::byte* bias = nullptr;
  std::byte* y = nullptr;
};

/** One of cuDNN's kernels for a convolution. Immutable; several threads may run it, each with its own handle. */
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

/** At most `most` kernels, in cuDNN's expected order of speed; empty when cuDNN has none.
 * @param workspace_limit bytes; kernels that need more are excluded
 * @throws CudaError */
std::vector<ConvolutionKernel> FindConvolutionKernels(cudnnHandle_t handle, const ConvolutionShape& shape,
                                                      std::size_t most, std::size_t workspace_limit);

}  // namespace fovea::cuda
