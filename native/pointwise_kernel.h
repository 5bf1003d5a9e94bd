#pragma once

// The kernels that include this file are compiled with AVX2 or AVX-512. The file must include no inline code, such as
// std::vector's, because the linker could keep their copy of it for the whole addon.
#include <cstddef>
#include <cstdint>

namespace fovea::pointwise {

enum class Function { kNone, kRelu, kRelu6, kSwish };

/** A convolution of 1 × 1 and stride 1: the product of `[pixels, in]` and `[in, out]`, float32. */
struct Task {
  std::int64_t pixels = 0;
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  /** Of each sum. */
  Function function = Function::kNone;
  /** `[blocks, in, block]`, the weights of out channels `FirstChannel` and those after it. */
  const float* weights = nullptr;
  /** `[out]` */
  const float* bias = nullptr;
};

/** Pixels `first` to `last - 1` and blocks of out channels `block` to `last_block - 1`. */
struct Part {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t block = 0;
  std::int64_t last_block = 0;
};

struct PixelsKernel {
  /**
   * @param input `[pixels, in]`
   * @param addend `[pixels, out]`, added to the sums before the function; may be null
   * @param output `[pixels, out]`, not the addend
   */
  void (*run)(const Task& task, const Part& part, const float* input, const float* addend, float* output) = nullptr;
  /** Out channels of a block. */
  std::int64_t block = 1;
};

/** For AVX2 with FMA. */
PixelsKernel KernelOfAvx2();
/** For AVX-512 F. */
PixelsKernel KernelOfAvx512();

// Static, so that the linker keeps no copy of one with AVX-512 for all.
static inline std::int64_t BlocksOf(std::int64_t out_channels, std::int64_t block) { return (out_channels + block - 1) / block; }

/** The last block overlaps the one before where the channels are no multiple of it. Two threads may store the same numbers there.
 * @param out_channels at least as many as a block */
static inline std::int64_t FirstChannel(std::int64_t out_channels, std::int64_t block, std::int64_t index) {
  const std::int64_t channel = index * block;
  return channel < out_channels - block ? channel : out_channels - block;
}

}  // namespace fovea::pointwise
