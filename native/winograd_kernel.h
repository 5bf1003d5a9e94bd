#pragma once

// The kernels that include this file are compiled with AVX-512. The file must include no inline code, such as std::vector's,
// because the linker could keep the AVX-512 copy of it for the whole addon.
#include <cstddef>
#include <cstdint>

namespace fovea::winograd {

enum class Numbers { kFloat32, kBfloat16, kUint8 };

/** Transformed filters and inputs have 4 × 4 positions. */
inline constexpr std::int64_t kPositions = 16;
/** The position that all four outputs of a tile add with factor 1, so the bias is added there. */
inline constexpr std::int64_t kBiasPosition = 5;
inline constexpr std::size_t kCacheLine = 64;
/** In and out channels are multiples of this. */
inline constexpr std::int64_t kBlock = 32;

/** uint8: the scale of a transformed input relative to the input. The transform adds four u8 values, which gives 10 bits.
 * The sum is halved and saturated to 8 bits. */
inline constexpr int kStep = 2;
/** uint8: the zero point of a transformed input. At `kBiasPosition` no value is negative. */
inline constexpr int ZeroOf(std::int64_t position) { return position == kBiasPosition ? 0 : 128; }

/** The input channel at a place of a transformed input. bfloat16 stores even channels before odd channels. */
inline constexpr std::int64_t ChannelAt(Numbers numbers, std::int64_t place) {
  if (numbers != Numbers::kBfloat16) return place;
  const std::int64_t in_block = place % kBlock;
  return place - in_block + (2 * in_block) % kBlock + in_block / (kBlock / 2);
}

/** A convolution of 3 × 3 and stride 1, channels last, whose output has an even height and width. */
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
  /** Whether the output is the largest of each 2 × 2 outputs. */
  bool is_pooled = false;
  /** Transformed filter, `[out / 32, position, in · bytes / 4, 32 out, 4 / bytes in]`. */
  const void* filter = nullptr;
  /** The initial value of each sum, `[out / 32, position, 32]`: int32 for uint8, else float32. */
  const void* start = nullptr;
  /** uint8 only: the factor of each sum, float32 `[out / 32, position, 32]`. */
  const float* scales = nullptr;
};

/** Tiles per call: their working memory fits a core's L2 cache. */
inline constexpr std::int64_t kTiles = 16;

/**
 * F(2 × 2, 3 × 3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.1: 2.25 times
 * fewer multiplications. Computes the outputs of tiles `first` to `first + count - 1`; `count` is at most `kTiles`. Tiles are
 * numbered over all rows of the batch, within an image from left to right and top to bottom.
 * @param input `[rows, height, width, channels]`
 * @param output `[rows, height, width, channels]` of the same type
 * @param scratchpad `ScratchpadBytes` bytes, aligned to a cache line
 */
using TilesKernel = void (*)(const Task& task, std::int64_t first, std::int64_t count, const std::byte* input,
                             std::byte* output, std::byte* scratchpad);

/** Needs AVX-512 F, BW and VL, as the others do. */
TilesKernel Float32Kernel();
/** Also needs AVX-512 BF16. */
TilesKernel Bfloat16Kernel();
/** Also needs AVX-512 VNNI. */
TilesKernel Uint8Kernel();

inline std::size_t ScratchpadBytes(const Task& task, Numbers numbers) {
  const std::size_t bytes = numbers == Numbers::kFloat32 ? 4 : numbers == Numbers::kBfloat16 ? 2 : 1;
  const std::size_t tile = static_cast<std::size_t>(task.in_channels) * bytes + kBlock * sizeof(float);
  return kPositions * (kTiles * tile + 2 * kCacheLine);
}

}  // namespace fovea::winograd
