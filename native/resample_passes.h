#pragma once

// Only for kernels; see picture_kernels.h.
#include "picture_vector.h"
#include "resample_rows.h"

namespace fovea {
namespace {

using Float4 = float __attribute__((vector_size(16)));
using Float8 = float __attribute__((vector_size(32)));

constexpr std::int32_t kWeightHalf = 1 << (kWeightBits - 1);

FOVEA_INLINE void SumWindow(const std::uint8_t* from, const std::int32_t* weights, int pairs, Int8& sums) {
  sums = Int8{};
  for (int pair = 0; pair < pairs; ++pair, from += 2 * kLanes, weights += 2 * kLanes) {
    Int8 pixels, factors;
    Load(from, pixels);
    std::memcpy(&factors, weights, sizeof factors);
    sums += pixels * factors;
  }
}

void AcrossFixed(const Taps<std::int32_t>& taps, const std::uint8_t* row, std::uint8_t* out) {
  const auto [count, pairs, first, weights] = taps;
  const int step = 2 * kLanes * pairs;
  for (int index = 0; index < count; index += 2) {
    Int8 left, right, both;
    SumWindow(row + kLanes * first[index], weights + step * index, pairs, left);
    SumWindow(row + kLanes * first[index + 1], weights + step * (index + 1), pairs, right);
    AddHalves(left, right, both);
    both = (both + kWeightHalf) >> kWeightBits;
    StoreBytes(both, out + kLanes * index);
  }
}

void AcrossFloat(const Taps<float>& taps, const std::uint8_t* row, float* out) {
  const auto [count, pairs, first, weights] = taps;
  const float* weight = weights;
  for (int index = 0; index < count; ++index) {
    const std::uint8_t* from = row + kLanes * first[index];
    Float4 sum{};
    // One tap after another, because TensorFlow adds in this order.
    for (int tap = 0; tap < 2 * pairs; ++tap, from += kLanes, weight += kLanes)
      sum += Float4{static_cast<float>(from[0]), static_cast<float>(from[1]), static_cast<float>(from[2]), 0} * *weight;
    std::memcpy(out + kLanes * index, &sum, sizeof sum);
  }
}

void DownFixed(const Column<std::int32_t, std::uint8_t>& column, std::uint8_t* out) {
  const auto [taps, weights, rows, values] = column;
  for (int at = 0; at < values; at += 8) {
    Int8 sums = Int8{} + kWeightHalf;
    for (int tap = 0; tap < taps; ++tap) {
      Int8 pixels;
      Load(rows[tap] + at, pixels);
      sums += pixels * weights[tap];
    }
    sums >>= kWeightBits;
    StoreBytes(sums, out + at);
  }
}

void DownFloat(const Column<float, float>& column, std::uint8_t* out) {
  const auto [taps, weights, rows, values] = column;
  for (int at = 0; at < values; at += 8) {
    Float8 sums{};
    for (int tap = 0; tap < taps; ++tap) {
      Float8 pixels;
      std::memcpy(&pixels, rows[tap] + at, sizeof pixels);
      sums += pixels * weights[tap];
    }
    sums += 0.5f;
    sums = sums < 0 ? Float8{} : sums;
    sums = sums > 255 ? Float8{} + 255 : sums;
    const Int8 levels = __builtin_convertvector(sums, Int8);
    StoreBytes(levels, out + at);
  }
}

}  // namespace
}  // namespace fovea
