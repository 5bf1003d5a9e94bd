#pragma once

// Only for kernels; see picture_kernels.h.
#include "picture_vector.h"
#include "resample_rows.h"

namespace fovea {
namespace {

using Int4 = std::int32_t __attribute__((vector_size(16)));
using Float4 = float __attribute__((vector_size(16)));
using Float8 = float __attribute__((vector_size(32)));

constexpr std::int32_t kWeightHalf = 1 << (kWeightBits - 1);

/** The sum of the first and second four values: those of the first and second tap. */
template <typename Eight, typename Four>
FOVEA_INLINE void AddHalves(const Eight& sums, Four& out) {
  Four halves[2];
  std::memcpy(halves, &sums, sizeof halves);
  out = halves[0] + halves[1];
}

FOVEA_INLINE void SumWindow(const Taps<std::int32_t>& taps, int index, const std::uint8_t* row, Int4& out) {
  const std::uint8_t* from = row + kLanes * taps.first[index];
  Int8 sums{};
  for (std::int32_t pair = taps.start[index]; pair < taps.start[index + 1]; ++pair, from += 2 * kLanes) {
    Int8 pixels, weights;
    Load(from, pixels);
    std::memcpy(&weights, taps.weights + 2 * kLanes * pair, sizeof weights);
    sums += pixels * weights;
  }
  AddHalves(sums, out);
}

void AcrossFixed(const Taps<std::int32_t>& taps, const std::uint8_t* row, std::uint8_t* out) {
  for (int index = 0; index < taps.count; index += 2) {
    Int4 pixels[2]{};
    SumWindow(taps, index, row, pixels[0]);
    if (index + 1 < taps.count) SumWindow(taps, index + 1, row, pixels[1]);
    Int8 both;
    std::memcpy(&both, pixels, sizeof both);
    both = (both + kWeightHalf) >> kWeightBits;
    StoreBytes(both, out + kLanes * index);
  }
}

void AcrossFloat(const Taps<float>& taps, const std::uint8_t* row, float* out) {
  for (int index = 0; index < taps.count; ++index) {
    const std::uint8_t* from = row + kLanes * taps.first[index];
    Float4 sum{};
    // One tap after another, because TensorFlow adds in this order.
    for (std::int32_t tap = 2 * taps.start[index]; tap < 2 * taps.start[index + 1]; ++tap, from += kLanes)
      sum += Float4{static_cast<float>(from[0]), static_cast<float>(from[1]), static_cast<float>(from[2]), 0} *
             taps.weights[kLanes * tap];
    std::memcpy(out + kLanes * index, &sum, sizeof sum);
  }
}

void DownFixed(const Column<std::int32_t, std::uint8_t>& column, std::uint8_t* out) {
  for (int at = 0; at < column.values; at += 8) {
    Int8 sums = Int8{} + kWeightHalf;
    for (int tap = 0; tap < column.taps; ++tap) {
      Int8 values;
      Load(column.rows[tap] + at, values);
      sums += values * column.weights[tap];
    }
    sums >>= kWeightBits;
    StoreBytes(sums, out + at);
  }
}

void DownFloat(const Column<float, float>& column, std::uint8_t* out) {
  for (int at = 0; at < column.values; at += 8) {
    Float8 sums{};
    for (int tap = 0; tap < column.taps; ++tap) {
      Float8 values;
      std::memcpy(&values, column.rows[tap] + at, sizeof values);
      sums += values * column.weights[tap];
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
