#pragma once

// The kernels that include this file are compiled with AVX2 or AVX-512. The file must include no inline code, such as
// std::vector's, because the linker could keep their copy of it for the whole addon.
#include <cstddef>
#include <cstdint>

namespace fovea::winograd {

enum class Numbers { kFloat32, kBfloat16, kUint8 };

/** Transformed filters and inputs have 4 × 4 positions. */
inline constexpr std::int64_t kPositions = 16;
/** The position that all four outputs of a tile add with factor 1, so the bias is added there. */
inline constexpr std::int64_t kBiasPosition = 5;
inline constexpr std::size_t kCacheLine = 64;
/** uint8: the scale of a transformed input relative to the input. The transform adds four u8 values, which gives 10 bits.
 * The sum is halved and saturated to 8 bits. */
inline constexpr int kStep = 2;
/** uint8: the zero point of a transformed input. At `kBiasPosition` no value is negative. */
inline constexpr int ZeroOf(std::int64_t position) { return position == kBiasPosition ? 0 : 128; }

/** The input channel at a place of a transformed input. bfloat16 stores the even channels of a block before the odd ones. */
inline constexpr std::int64_t ChannelAt(Numbers numbers, std::int64_t place, std::int64_t block) {
  if (numbers != Numbers::kBfloat16) return place;
  const std::int64_t in_block = place % block;
  return place - in_block + (2 * in_block) % block + in_block / (block / 2);
}

/** A convolution of 3 × 3 and stride 1, channels last. */
struct Task {
  std::int64_t rows = 0;
  std::int64_t in_height = 0;
  std::int64_t in_width = 0;
  std::int64_t in_channels = 0;
  std::int64_t out_height = 0;
  std::int64_t out_width = 0;
  std::int64_t out_channels = 0;
  std::int64_t top = 0;
  std::int64_t left = 0;
  bool is_rectified = false;
  /** Whether the output is the largest of each 2 × 2 outputs. Only for an even height and width. */
  bool is_pooled = false;
  /** The most tiles of a part. */
  std::int64_t most_tiles = 1;
  /** Transformed filter, `[out / block, position, in · bytes / 4, block out, 4 / bytes in]`. */
  const void* filter = nullptr;
  /** The initial value of each sum, `[out / block, position, block]`: int32 for uint8, else float32. */
  const void* start = nullptr;
  /** uint8 only: the factor of each sum, float32 `[out / block, position, block]`. */
  const float* scales = nullptr;
};

/** A part of a convolution: tiles `first` to `first + count - 1` and out channels `channel` to `last_channel - 1`. Tiles are
 * numbered over all rows of the batch, within an image from left to right and top to bottom. */
struct Part {
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t channel = 0;
  std::int64_t last_channel = 0;
};

/**
 * F(2 × 2, 3 × 3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.1: 2.25 times
 * fewer multiplications.
 */
struct TilesKernel {
  /**
   * @param part of at most `Task::most_tiles` tiles and of whole blocks of channels
   * @param input `[rows, height, width, channels]`
   * @param output `[rows, height, width, channels]` of the same type
   * @param scratchpad `ScratchpadBytes` bytes, aligned to a cache line
   */
  void (*run)(const Task& task, const Part& part, const std::byte* input, std::byte* output, std::byte* scratchpad) = nullptr;
  Numbers numbers = Numbers::kFloat32;
  /** Out channels are multiples of this, and in channels too; of float32, in channels are at least as many. */
  std::int64_t block = 1;
  /** Tiles that share the weights in registers. */
  std::int64_t tiles_at_once = 1;
};

/** For AVX2 with FMA. */
TilesKernel Float32KernelOfAvx2();
/** For AVX-512 F, BW and VL, as the others. */
TilesKernel Float32Kernel();
/** Also for AVX-512 BF16. */
TilesKernel Bfloat16Kernel();
/** Also for AVX-512 VNNI. */
TilesKernel Uint8Kernel();

inline std::int64_t BytesOf(Numbers numbers) {
  return numbers == Numbers::kFloat32 ? 4 : numbers == Numbers::kBfloat16 ? 2 : 1;
}

/** Of a tile of a part: its transformed input and its sums. */
inline std::int64_t TileBytes(const Task& task, const TilesKernel& kernel) {
  return kPositions * (task.in_channels * BytesOf(kernel.numbers) + kernel.block * static_cast<std::int64_t>(sizeof(float)));
}

inline std::size_t ScratchpadBytes(const Task& task, const TilesKernel& kernel) {
  return static_cast<std::size_t>(task.most_tiles * TileBytes(task, kernel)) + kPositions * 2 * kCacheLine;
}

}  // namespace fovea::winograd
