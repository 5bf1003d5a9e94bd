#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "types.h"

namespace fovea::cuda {

/** The grid and block size of a launch. */
struct Grid {
  unsigned blocks_x = 1;
  unsigned blocks_y = 1;
  unsigned threads_x = 1;
  unsigned threads_y = 1;
};

/** The grid for a kernel over `count` items; a thread handles several items if necessary.
 * @throws Unsupported beyond 2^31 items, because the kernels count in 31 bits */
Grid GridFor(std::int64_t count);

/** The kernels of `kernels_source.h`, compiled for one card and one type of values. */
class Kernels {
 public:
  /** Compiles for the current device.
   * @throws CudaError */
  explicit Kernels(Type type);
  Kernels(const Kernels&) = delete;
  Kernels& operator=(const Kernels&) = delete;
  ~Kernels();

  Type type() const { return type_; }

  /** @param arguments must have exactly the types that the kernel declares
   * @throws CudaError */
  template <typename... Arguments>
  void Launch(const char* name, const Grid& grid, cudaStream_t stream, Arguments... arguments) const {
    std::array<void*, sizeof...(Arguments)> pointers{const_cast<void*>(static_cast<const void*>(&arguments))...};
    LaunchWith(name, grid, stream, pointers.data());
  }

 private:
  void LaunchWith(const char* name, const Grid& grid, cudaStream_t stream, void** arguments) const;
  CUfunction Find(const char* name) const;

  Type type_;
  CUmodule module_ = nullptr;
  mutable std::mutex mutex_;
  mutable std::map<std::string, CUfunction> functions_;
};

}  // namespace fovea::cuda
