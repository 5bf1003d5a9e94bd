#pragma once

// Compiled for AVX-512 where it is included by its kernels: nothing from here on may bring along code of others, as
// std::vector's, that would then be taken for the whole addon.
#include <cstddef>
#include <cstdint>

namespace fovea::winograd {

enum class Numbers { kFloat32, kBfloat16, kUint8 };

/** Transformed filters and inputs have 4 × 4 positions. */
inline constexpr std::int64_t kPositions = 16;
/** The position that counts once, and positively, in all four outputs of a tile: a bias may start there. */
inline constexpr std::int64_t kBiasPosition = 5;
inline constexpr std::size_t kCacheLine = 64;
/** Channels, in and out, come in blocks of this many. */
inline constexpr std::int64_t kBlock = 32;

/** Of uint8, what a transformed input's step is in steps of the input: sums of four need two bits more than there are.
 * The other bit is taken from those that are largest, which are few. */
inline constexpr int kStep = 2;
/** Of uint8, what stands for zero in a transformed input; at `kBiasPosition` none is negative. */
inline constexpr int ZeroOf(std::int64_t position) { return position == kBiasPosition ? 0 : 128; }

/** Where the channel that lies at a place of a transformed input comes from: bfloat16 puts even channels before odd. */
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
  /** Whether only the largest of each 2 × 2 outputs is wanted. */
  bool is_pooled = false;
  /** Transformed filter, `[out / 32, position, in · bytes / 4, 32 out, 4 / bytes in]`. */
  const void* filter = nullptr;
  /** What sums start from: float32 or, of uint8, int32, `[out / 32, position, 32]`. */
  const void* start = nullptr;
  /** Of uint8: what sums are multiplied with, float32 `[out / 32, position, 32]`. */
  const float* scales = nullptr;
};

/** Tiles that are worked on together: what they need stays in a core's second cache. */
inline constexpr std::int64_t kTiles = 16;

/**
 * F(2 × 2, 3 × 3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.1: 2.25 times
 * fewer multiplications. Makes the outputs of the tiles `first` to `first + count - 1`, at most `kTiles`, counted over
 * rows and from left to right, top to bottom.
 * @param input `[rows, height, width, channels]`
 * @param output of the same type
 * @param scratchpad of `ScratchpadBytes`, on a cache line
 */
using TilesKernel = void (*)(const Task& task, std::int64_t first, std::int64_t count, const std::byte* input,
                             std::byte* output, std::byte* scratchpad);

/** Needs AVX-512 F, BW and VL; of bfloat16 also BF16, of uint8 VNNI. */
TilesKernel KernelFor(Numbers numbers);

inline std::size_t ScratchpadBytes(const Task& task, Numbers numbers) {
  const std::size_t bytes = numbers == Numbers::kFloat32 ? 4 : numbers == Numbers::kBfloat16 ? 2 : 1;
  const std::size_t tile = static_cast<std::size_t>(task.in_channels) * bytes + kBlock * sizeof(float);
  return kPositions * (kTiles * tile + 2 * kCacheLine);
}

}  // namespace fovea::winograd
