#pragma once

#include <cublasLt.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "types.h"

namespace fovea::cuda {

/** Row-major out[rows, units] = activation(in[rows, depth] · weights[units, depth]ᵀ + addend + bias). */
struct ProductShape {
  /** The type of in, weights and addend. */
  Type type = Type::kFloat32;
  /** The type of out and bias. */
  Type out_type = Type::kFloat32;
  std::int64_t rows = 1;
  std::int64_t depth = 1;
  std::int64_t units = 1;
  bool has_addend = false;
  bool has_relu = false;
};

struct ProductMemory {
  const std::byte* in = nullptr;
  const std::byte* weights = nullptr;
  const std::byte* bias = nullptr;
  /** Null when the shape has none. */
  const std::byte* addend = nullptr;
  std::byte* out = nullptr;
};

/** One of cuBLASLt's kernels for a product. Immutable; several threads may run it, each with its own handle. */
class ProductKernel {
 public:
  struct Layouts;
  ProductKernel(std::shared_ptr<const Layouts> layouts, const cublasLtMatmulAlgo_t& algorithm,
                std::size_t workspace_bytes);

  std::size_t workspace_bytes() const { return workspace_bytes_; }
  /** @throws CudaError */
  void Run(cublasLtHandle_t handle, cudaStream_t stream, const ProductMemory& memory, std::byte* workspace) const;

 private:
  std::shared_ptr<const Layouts> layouts_;
  cublasLtMatmulAlgo_t algorithm_;
  std::size_t workspace_bytes_;
};

/** At most `most` kernels, in cuBLASLt's expected order of speed.
 * @throws CudaError */
std::vector<ProductKernel> FindProductKernels(cublasLtHandle_t handle, const ProductShape& shape, std::size_t most,
                                              std::size_t workspace_limit);

}  // namespace fovea::cuda
