#pragma once

// The kernel for any number format and any length of vectors. Each `winograd_<format>.cc` includes it and is compiled with the
// instructions of its format only, because the compiler may use every instruction that it is given, in all code of a translation
// unit.
//
// The parameter `A` tells the arithmetic:
//   kLanes         floats of a vector; a block of channels is two vectors
//   kTilesAtOnce   tiles whose sums, two vectors each, are kept in registers
//   Number         of the input and the output
//   Pixels         a block of channels of one pixel, with + and -
//   Floats, Words  vectors of floats and of four-byte words
//   Sum            a vector of sums
#include "fetch_ahead.h"
#include "winograd_kernel.h"

namespace fovea::winograd {
namespace {

/** Consecutive tiles of one row of tiles. */
struct TileRun {
  std::int64_t row;
  std::int64_t tile_y;
  std::int64_t tile_x;
  std::int64_t count;
  /** Index of the first tile among the tiles of the part. */
  std::int64_t first;
};

template <typename Visit>
void ForEachRun(const Task& task, const Part& part, const Visit& visit) {
  const std::int64_t across = (task.out_width + 1) / 2;
  const std::int64_t down = (task.out_height + 1) / 2;
  for (std::int64_t done = 0; done < part.count;) {
    const std::int64_t tile = part.first + done;
    const std::int64_t tile_x = tile % across;
    const std::int64_t rest = part.count - done;
    const std::int64_t left = rest < across - tile_x ? rest : across - tile_x;
    visit(TileRun{tile / across / down, tile / across % down, tile_x, left, done});
    done += left;
  }
}

/** The `Pixels` of float32 and bfloat16: a block of channels as two vectors. */
template <typename A>
struct FloatPair {
  typename A::Floats first;
  typename A::Floats second;
  friend FloatPair operator+(FloatPair a, FloatPair b) { return {a.first + b.first, a.second + b.second}; }
  friend FloatPair operator-(FloatPair a, FloatPair b) { return {a.first - b.first, a.second - b.second}; }
};

template <typename A>
constexpr std::int64_t kBlock = 2 * A::kLanes;

/** Padded by a cache line, because otherwise all positions would map to the same cache sets. */
template <typename A>
std::int64_t SumStride(const Task& task) {
  return task.most_tiles * kBlock<A> + static_cast<std::int64_t>(kCacheLine / sizeof(float));
}
template <typename A>
std::int64_t InputStride(const Task& task) {
  return task.most_tiles * task.in_channels + static_cast<std::int64_t>(kCacheLine / sizeof(typename A::Number));
}

/** Computes row `kRow` of the 4 × 4 positions for a block of channels: combines two rows of the input, then their columns.
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

/** @param to `[position, most_tiles, in]` */
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
  for (std::int64_t block = 0; block < task.in_channels; block += kBlock<A>) {
    // The last block overlaps the one before where the channels are no multiple of it.
    const std::int64_t channel = block < task.in_channels - kBlock<A> ? block : task.in_channels - kBlock<A>;
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

/** `sums = start + inputs · weights` for `kTiles` tiles and a block of out channels. Each step reads four bytes per tile.
 * @param inputs `[tiles, steps]`
 * @param weights `[steps, block]` */
template <typename A, std::int64_t kTiles>
void Multiply(const std::int32_t* inputs, const std::int32_t* weights, std::int64_t steps, const std::int32_t* start,
              const FetchAhead& ahead, std::int32_t* sums) {
  typename A::Sum first[kTiles];
  typename A::Sum second[kTiles];
#pragma GCC unroll 8
  for (std::int64_t tile = 0; tile < kTiles; ++tile) {
    first[tile] = A::LoadSum(start);
    second[tile] = A::LoadSum(start + A::kLanes);
  }
  for (std::int64_t step = 0; step < steps; ++step, weights += kBlock<A>) {
    const typename A::Words first_weights = A::LoadWords(weights);
    const typename A::Words second_weights = A::LoadWords(weights + A::kLanes);
    ahead.Fetch(step);
#pragma GCC unroll 8
    for (std::int64_t tile = 0; tile < kTiles; ++tile) {
      const typename A::Words input = A::Broadcast(inputs + tile * steps + step);
      first[tile] = A::Add(first[tile], input, first_weights);
      second[tile] = A::Add(second[tile], input, second_weights);
    }
  }
#pragma GCC unroll 8
  for (std::int64_t tile = 0; tile < kTiles; ++tile) {
    A::StoreSum(sums + tile * kBlock<A>, first[tile]);
    A::StoreSum(sums + tile * kBlock<A> + A::kLanes, second[tile]);
  }
}

/** `Multiply` for 1 to `kTiles` tiles. */
template <typename A, std::int64_t kTiles = A::kTilesAtOnce>
void MultiplyGroup(std::int64_t tiles, const std::int32_t* inputs, const std::int32_t* weights, std::int64_t steps,
                   const std::int32_t* start, const FetchAhead& ahead, std::int32_t* sums) {
  if constexpr (kTiles > 1)
    if (tiles < kTiles) return MultiplyGroup<A, kTiles - 1>(tiles, inputs, weights, steps, start, ahead, sums);
  Multiply<A, kTiles>(inputs, weights, steps, start, ahead, sums);
}

template <typename A>
struct Outputs {
  typename A::Floats values[2][2];
};

/** A tile's four outputs for a vector of channels.
 * @param sums, scales those of the first position
 * @param stride between the sums of two positions */
template <typename A>
Outputs<A> TransformSums(const std::int32_t* sums, std::int64_t stride, const float* scales) {
  using Floats = typename A::Floats;
  Floats rows[2][4];
  for (std::int64_t x = 0; x < 4; ++x) {
    const auto sum = [&](std::int64_t y) {
      const std::int64_t position = 4 * y + x;
      return A::ToFloat(A::LoadSum(sums + position * stride), scales + position * kBlock<A>);
    };
    const Floats second = sum(1);
    const Floats third = sum(2);
    rows[0][x] = sum(0) + (second + third);
    rows[1][x] = (second - third) - sum(3);
  }
  Outputs<A> outputs;
  for (std::int64_t y = 0; y < 2; ++y) {
    const Floats* row = rows[y];
    outputs.values[y][0] = row[0] + (row[1] + row[2]);
    outputs.values[y][1] = (row[1] - row[2]) - row[3];
  }
  return outputs;
}

template <typename A>
typename A::Floats LargestOf(const Outputs<A>& outputs) {
  return A::Larger(A::Larger(outputs.values[0][0], outputs.values[0][1]),
                   A::Larger(outputs.values[1][0], outputs.values[1][1]));
}

/** @param sums `[position, most_tiles, block]` */
template <typename A>
void TransformOutput(const Task& task, const TileRun& run, const std::int32_t* sums, const float* scales,
                     typename A::Number* output) {
  const typename A::Floats lowest = A::Fill(task.is_rectified ? 0 : -__builtin_inff());
  const auto store = [&](typename A::Number* to, typename A::Floats first, typename A::Floats second) {
    A::Store(to, A::Larger(first, lowest), A::Larger(second, lowest));
  };
  const std::int64_t pixel = task.out_channels;
  const std::int64_t line = task.out_width * pixel;
  // An odd height or width ends within a tile.
  const std::int64_t lines = task.out_height - 2 * run.tile_y < 2 ? 1 : 2;
  const std::int64_t stride = SumStride<A>(task);
  sums += run.first * kBlock<A>;
  for (std::int64_t tile = run.tile_x; tile < run.tile_x + run.count; ++tile, sums += kBlock<A>) {
    const Outputs<A> first = TransformSums<A>(sums, stride, scales);
    const Outputs<A> second = TransformSums<A>(sums + A::kLanes, stride, scales + A::kLanes);
    if (task.is_pooled) {
      const std::int64_t y = run.row * (task.out_height / 2) + run.tile_y;
      store(output + y * (line / 2) + tile * pixel, LargestOf<A>(first), LargestOf<A>(second));
      continue;
    }
    auto* to = output + (run.row * task.out_height + 2 * run.tile_y) * line + 2 * tile * pixel;
    const std::int64_t columns = task.out_width - 2 * tile < 2 ? 1 : 2;
    for (std::int64_t y = 0; y < lines; ++y)
      for (std::int64_t x = 0; x < columns; ++x)
        store(to + y * line + x * pixel, first.values[y][x], second.values[y][x]);
  }
}

template <typename A>
void Run(const Task& task, const Part& part, const std::byte* input, std::byte* output, std::byte* scratchpad) {
  using Number = typename A::Number;
  auto* transformed = reinterpret_cast<Number*>(scratchpad);
  const std::int64_t position_bytes = InputStride<A>(task) * static_cast<std::int64_t>(sizeof(Number));
  auto* sums = reinterpret_cast<std::int32_t*>(scratchpad + kPositions * position_bytes);
  ForEachRun(task, part, [&](const TileRun& run) {
    TransformInput<A>(task, run, reinterpret_cast<const Number*>(input), transformed);
  });
  const std::int64_t steps = task.in_channels * static_cast<std::int64_t>(sizeof(Number)) / 4;
  const std::int64_t before = part.channel * kPositions;
  const auto* weights = static_cast<const std::int32_t*>(task.filter) + before * steps;
  const auto* start = static_cast<const std::int32_t*>(task.start) + before;
  const float* scales = task.scales == nullptr ? nullptr : task.scales + before;
  const std::int64_t groups = (part.count + A::kTilesAtOnce - 1) / A::kTilesAtOnce;
  // The groups fetch the weights of the next position, each a share of them.
  const std::int64_t share = kBlock<A> * static_cast<std::int64_t>(sizeof(float)) / groups;
  for (std::int64_t channel = part.channel; channel < part.last_channel; channel += kBlock<A>) {
    const std::byte* inputs = scratchpad;
    for (std::int64_t position = 0; position < kPositions; ++position) {
      // Groups of about the same size, because a small one keeps few multiplications in flight.
      for (std::int64_t group = 0, tile = 0; group < groups; ++group) {
        const std::int64_t tiles = (part.count - tile) / (groups - group);
        const FetchAhead ahead{reinterpret_cast<const std::byte*>(weights + steps * kBlock<A>) + group * steps * share, share};
        MultiplyGroup<A>(tiles, reinterpret_cast<const std::int32_t*>(inputs) + tile * steps, weights, steps, start, ahead,
                         sums + position * SumStride<A>(task) + tile * kBlock<A>);
        tile += tiles;
      }
      inputs += position_bytes;
      weights += steps * kBlock<A>;
      start += kBlock<A>;
    }
    ForEachRun(task, part, [&](const TileRun& run) {
      TransformOutput<A>(task, run, sums, scales, reinterpret_cast<Number*>(output) + channel);
    });
    if (scales != nullptr) scales += kPositions * kBlock<A>;
  }
}

template <typename A>
TilesKernel KernelOf(Numbers numbers) {
  return {Run<A>, numbers, kBlock<A>, A::kTilesAtOnce};
}

}  // namespace
}  // namespace fovea::winograd
