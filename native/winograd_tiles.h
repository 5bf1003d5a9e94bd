#pragma once

// The kernel for any number format. Each `winograd_<format>.cc` includes it and is compiled with the instructions of its
// format only, because the compiler may use every instruction that it is given, in all code of a translation unit.
#include <immintrin.h>

#include "winograd_kernel.h"

namespace fovea::winograd {
namespace {

/** The sums of this many tiles, two vectors each, are kept in registers. */
constexpr std::int64_t kTilesAtOnce = 8;
constexpr std::int64_t kLanes = 16;

/** 32 channels as two vectors of floats. */
struct FloatPair {
  __m512 first;
  __m512 second;
  friend FloatPair operator+(FloatPair a, FloatPair b) {
    return {_mm512_add_ps(a.first, b.first), _mm512_add_ps(a.second, b.second)};
  }
  friend FloatPair operator-(FloatPair a, FloatPair b) {
    return {_mm512_sub_ps(a.first, b.first), _mm512_sub_ps(a.second, b.second)};
  }
};

struct Float32 {
  using Number = float;
  using Pixels = FloatPair;
  using Sum = __m512;
  static Pixels Zero() { return {_mm512_setzero_ps(), _mm512_setzero_ps()}; }
  static Pixels Load(const Number* from) { return {_mm512_loadu_ps(from), _mm512_loadu_ps(from + kLanes)}; }
  template <std::int64_t>
  static void StoreTransformed(Number* to, Pixels pixels) {
    _mm512_storeu_ps(to, pixels.first);
    _mm512_storeu_ps(to + kLanes, pixels.second);
  }
  static Sum LoadSum(const void* from) { return _mm512_loadu_ps(from); }
  static void StoreSum(void* to, Sum sum) { _mm512_storeu_ps(to, sum); }
  static Sum Add(Sum sum, __m512i inputs, __m512i weights) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(inputs), _mm512_castsi512_ps(weights), sum);
  }
  static __m512 ToFloat(Sum sum, const float*) { return sum; }
  static void Store(Number* to, __m512 first, __m512 second) {
    _mm512_storeu_ps(to, first);
    _mm512_storeu_ps(to + kLanes, second);
  }
};

/** Consecutive tiles of one row of tiles. */
struct TileRun {
  std::int64_t row;
  std::int64_t tile_y;
  std::int64_t tile_x;
  std::int64_t count;
  /** Index of the first tile among the tiles of this call. */
  std::int64_t first;
};

template <typename Visit>
void ForEachRun(const Task& task, std::int64_t first, std::int64_t count, const Visit& visit) {
  const std::int64_t across = task.out_width / 2;
  const std::int64_t down = task.out_height / 2;
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t tile = first + done;
    const std::int64_t tile_x = tile % across;
    const std::int64_t left = count - done < across - tile_x ? count - done : across - tile_x;
    visit(TileRun{tile / across / down, tile / across % down, tile_x, left, done});
    done += left;
  }
}

/** Padded by a cache line, because otherwise all positions would map to the same cache sets. */
constexpr std::int64_t kSumStride = kTiles * kBlock + kLanes;
template <typename A>
std::int64_t InputStride(const Task& task) {
  return kTiles * task.in_channels + static_cast<std::int64_t>(kCacheLine / sizeof(typename A::Number));
}

/** Computes row `kRow` of the 4 × 4 positions for 32 channels: combines two rows of the input, then their columns.
 * @param upper, lower rows of the input; null outside the image */
template <typename A, std::int64_t kRow>
void TransformRow(const Task& task, const TileRun& run, const typename A::Number* upper, const typename A::Number* lower,
                  typename A::Number* to) {
  using Pixels = typename A::Pixels;
  const auto column = [&](std::int64_t x) -> Pixels {
    if (x < 0 || x >= task.in_width) return A::Zero();
    const Pixels above = upper == nullptr ? A::Zero() : A::Load(upper + x * task.in_channels);
    const Pixels below = lower == nullptr ? A::Zero() : A::Load(lower + x * task.in_channels);
    return kRow == 1 ? above + below : above - below;
  };
  const std::int64_t stride = InputStride<A>(task);
  std::int64_t x = 2 * run.tile_x - task.left;
  Pixels a = column(x);
  Pixels b = column(x + 1);
  for (std::int64_t tile = 0; tile < run.count; ++tile, x += 2, to += task.in_channels) {
    const Pixels c = column(x + 2);
    const Pixels d = column(x + 3);
    A::template StoreTransformed<4 * kRow>(to, a - c);
    A::template StoreTransformed<4 * kRow + 1>(to + stride, b + c);
    A::template StoreTransformed<4 * kRow + 2>(to + 2 * stride, c - b);
    A::template StoreTransformed<4 * kRow + 3>(to + 3 * stride, b - d);
    a = c;
    b = d;
  }
}

/** @param to `[position, kTiles, in]` */
template <typename A>
void TransformInput(const Task& task, const TileRun& run, const typename A::Number* input, typename A::Number* to) {
  const std::int64_t y = 2 * run.tile_y - task.top;
  const std::int64_t line = task.in_width * task.in_channels;
  const std::int64_t stride = 4 * InputStride<A>(task);
  const auto line_of = [&](std::int64_t offset) -> const typename A::Number* {
    const std::int64_t at = y + offset;
    return at < 0 || at >= task.in_height ? nullptr : input + (run.row * task.in_height + at) * line;
  };
  const typename A::Number* lines[4] = {line_of(0), line_of(1), line_of(2), line_of(3)};
  const auto at = [](const typename A::Number* from, std::int64_t channel) {
    return from == nullptr ? nullptr : from + channel;
  };
  to += run.first * task.in_channels;
  for (std::int64_t channel = 0; channel < task.in_channels; channel += kBlock) {
    const auto* first = at(lines[0], channel);
    const auto* second = at(lines[1], channel);
    const auto* third = at(lines[2], channel);
    const auto* fourth = at(lines[3], channel);
    TransformRow<A, 0>(task, run, first, third, to + channel);
    TransformRow<A, 1>(task, run, second, third, to + stride + channel);
    TransformRow<A, 2>(task, run, third, second, to + 2 * stride + channel);
    TransformRow<A, 3>(task, run, second, fourth, to + 3 * stride + channel);
  }
}

/** `sums = start + inputs · weights` for `kTilesAtOnce` tiles and 32 out channels. Each step reads four bytes per tile.
 * @param inputs `[tiles, steps]`
 * @param weights `[steps, 32]` */
template <typename A>
void Multiply(const std::int32_t* inputs, const std::int32_t* weights, std::int64_t steps, const std::int32_t* start,
              std::int32_t* sums) {
  typename A::Sum first[kTilesAtOnce];
  typename A::Sum second[kTilesAtOnce];
#pragma GCC unroll 8
  for (std::int64_t tile = 0; tile < kTilesAtOnce; ++tile) {
    first[tile] = A::LoadSum(start);
    second[tile] = A::LoadSum(start + kLanes);
  }
  for (std::int64_t step = 0; step < steps; ++step, weights += kBlock) {
    const __m512i first_weights = _mm512_loadu_si512(weights);
    const __m512i second_weights = _mm512_loadu_si512(weights + kLanes);
#pragma GCC unroll 8
    for (std::int64_t tile = 0; tile < kTilesAtOnce; ++tile) {
      const __m512i input = _mm512_set1_epi32(inputs[tile * steps + step]);
      first[tile] = A::Add(first[tile], input, first_weights);
      second[tile] = A::Add(second[tile], input, second_weights);
    }
  }
#pragma GCC unroll 8
  for (std::int64_t tile = 0; tile < kTilesAtOnce; ++tile) {
    A::StoreSum(sums + tile * kBlock, first[tile]);
    A::StoreSum(sums + tile * kBlock + kLanes, second[tile]);
  }
}

struct Outputs {
  __m512 values[2][2];
};

/** A tile's four outputs for 16 channels.
 * @param sums, scales those of the first position */
template <typename A>
Outputs TransformSums(const std::int32_t* sums, const float* scales) {
  __m512 rows[2][4];
  for (std::int64_t x = 0; x < 4; ++x) {
    const auto sum = [&](std::int64_t y) {
      const std::int64_t position = 4 * y + x;
      return A::ToFloat(A::LoadSum(sums + position * kSumStride), scales + position * kBlock);
    };
    const __m512 second = sum(1);
    const __m512 third = sum(2);
    rows[0][x] = _mm512_add_ps(sum(0), _mm512_add_ps(second, third));
    rows[1][x] = _mm512_sub_ps(_mm512_sub_ps(second, third), sum(3));
  }
  Outputs outputs;
  for (std::int64_t y = 0; y < 2; ++y) {
    const __m512* row = rows[y];
    outputs.values[y][0] = _mm512_add_ps(row[0], _mm512_add_ps(row[1], row[2]));
    outputs.values[y][1] = _mm512_sub_ps(_mm512_sub_ps(row[1], row[2]), row[3]);
  }
  return outputs;
}

__m512 LargestOf(const Outputs& outputs) {
  return _mm512_max_ps(_mm512_max_ps(outputs.values[0][0], outputs.values[0][1]),
                       _mm512_max_ps(outputs.values[1][0], outputs.values[1][1]));
}

/** @param sums `[position, kTiles, 32]` */
template <typename A>
void TransformOutput(const Task& task, const TileRun& run, const std::int32_t* sums, const float* scales,
                     typename A::Number* output) {
  const __m512 lowest = _mm512_set1_ps(task.is_rectified ? 0 : -__builtin_inff());
  const auto store = [&](typename A::Number* to, __m512 first, __m512 second) {
    A::Store(to, _mm512_max_ps(first, lowest), _mm512_max_ps(second, lowest));
  };
  const std::int64_t pixel = task.out_channels;
  const std::int64_t line = task.out_width * pixel;
  sums += run.first * kBlock;
  for (std::int64_t tile = run.tile_x; tile < run.tile_x + run.count; ++tile, sums += kBlock) {
    const Outputs first = TransformSums<A>(sums, scales);
    const Outputs second = TransformSums<A>(sums + kLanes, scales + kLanes);
    if (task.is_pooled) {
      const std::int64_t y = run.row * (task.out_height / 2) + run.tile_y;
      store(output + y * (line / 2) + tile * pixel, LargestOf(first), LargestOf(second));
      continue;
    }
    auto* to = output + (run.row * task.out_height + 2 * run.tile_y) * line + 2 * tile * pixel;
    for (std::int64_t y = 0; y < 2; ++y)
      for (std::int64_t x = 0; x < 2; ++x)
        store(to + y * line + x * pixel, first.values[y][x], second.values[y][x]);
  }
}

template <typename A>
void RunTiles(const Task& task, std::int64_t first, std::int64_t count, const std::byte* input, std::byte* output,
              std::byte* scratchpad) {
  using Number = typename A::Number;
  auto* transformed = reinterpret_cast<Number*>(scratchpad);
  const std::int64_t position_bytes = InputStride<A>(task) * static_cast<std::int64_t>(sizeof(Number));
  auto* sums = reinterpret_cast<std::int32_t*>(scratchpad + kPositions * position_bytes);
  ForEachRun(task, first, count, [&](const TileRun& run) {
    TransformInput<A>(task, run, reinterpret_cast<const Number*>(input), transformed);
  });
  const std::int64_t steps = task.in_channels * static_cast<std::int64_t>(sizeof(Number)) / 4;
  const auto* weights = static_cast<const std::int32_t*>(task.filter);
  const auto* start = static_cast<const std::int32_t*>(task.start);
  const float* scales = task.scales;
  for (std::int64_t channel = 0; channel < task.out_channels; channel += kBlock) {
    const std::byte* inputs = scratchpad;
    for (std::int64_t position = 0; position < kPositions; ++position) {
      // The last group may have fewer tiles. Its remaining sums are computed from old values and not read.
      for (std::int64_t tile = 0; tile < count; tile += kTilesAtOnce)
        Multiply<A>(reinterpret_cast<const std::int32_t*>(inputs) + tile * steps, weights, steps, start,
                    sums + position * kSumStride + tile * kBlock);
      inputs += position_bytes;
      weights += steps * kBlock;
      start += kBlock;
    }
    ForEachRun(task, first, count, [&](const TileRun& run) {
      TransformOutput<A>(task, run, sums, scales, reinterpret_cast<Number*>(output) + channel);
    });
    if (scales != nullptr) scales += kPositions * kBlock;
  }
}

}  // namespace
}  // namespace fovea::winograd
