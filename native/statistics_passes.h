#pragma once

// Only for kernels; see picture_kernels.h. The loops are such that GCC makes vectors of them.
#include <cstring>

#include "statistics_rows.h"

namespace fovea {
namespace {

/** Pixels at a time: int32 holds the sums of so many. */
constexpr int kPixelsAtOnce = 256;

/** Writes the luma of pixels whose lowest byte is red.
 * @returns the sum of the saturations */
std::int32_t MeasureColors(const std::uint32_t* colors, int count, std::int32_t* luma) {
  std::int32_t sum = 0;
  for (int x = 0; x < count; ++x) {
    const auto red = static_cast<std::int32_t>(colors[x] & 255);
    const auto green = static_cast<std::int32_t>(colors[x] >> 8 & 255);
    const auto blue = static_cast<std::int32_t>(colors[x] >> 16 & 255);
    luma[x] = 299 * red + 587 * green + 114 * blue;
    const std::int32_t smaller = red < green ? red : green;
    const std::int32_t smallest = smaller < blue ? smaller : blue;
    const std::int32_t larger = red > green ? red : green;
    const std::int32_t largest = larger > blue ? larger : blue;
    const std::int32_t divisor = largest > 1 ? largest : 1;
    sum += static_cast<std::int32_t>(static_cast<float>((largest - smallest) * kPure) / static_cast<float>(divisor));
  }
  return sum;
}

/** GCC makes no good vectors of pixels of three bytes. */
void ReadColors(const std::uint8_t* pixels, int count, std::uint32_t* colors) {
  for (int x = 0; x < count - 1; ++x) std::memcpy(colors + x, pixels + 3 * x, sizeof *colors);
  // Beyond the last pixel there may be no byte.
  const std::uint8_t* const last = pixels + 3 * (count - 1);
  colors[count - 1] = static_cast<std::uint32_t>(last[0] | last[1] << 8 | last[2] << 16);
}

std::int32_t SumOf(const std::int32_t* values, int count) {
  std::int32_t sum = 0;
  for (int x = 0; x < count; ++x) sum += values[x];
  return sum;
}

std::int64_t SumOfSquares(const std::int32_t* values, int count) {
  std::int64_t sum = 0;
  for (int x = 0; x < count; ++x) sum += std::int64_t{values[x]} * values[x];
  return sum;
}

std::int32_t SumOfDifferences(const std::int32_t* left, const std::int32_t* right, int count) {
  std::int32_t sum = 0;
  for (int x = 0; x < count; ++x) {
    const std::int32_t difference = left[x] - right[x];
    sum += difference < 0 ? -difference : difference;
  }
  return sum;
}

/** Adds a row to the sums. */
void MeasureRow(const StatisticsRow& row, StatisticsSums& sums) {
  std::uint32_t colors[kPixelsAtOnce];
  for (int first = 0; first < row.width; first += kPixelsAtOnce) {
    const int count = row.width - first < kPixelsAtOnce ? row.width - first : kPixelsAtOnce;
    std::int32_t* const luma = row.luma + first;
    const std::uint8_t* const pixels = row.pixels + row.channels * first;
    if (row.channels == 3) {
      ReadColors(pixels, count, colors);
      sums.saturation += MeasureColors(colors, count, luma);
    } else {
      for (int x = 0; x < count; ++x) luma[x] = 1000 * pixels[x];
    }
    sums.luma += SumOf(luma, count);
    sums.squares_of_luma += SumOfSquares(luma, count);
    const int inner = first == 0 ? 1 : 0;
    sums.differences += SumOfDifferences(luma + inner, luma + inner - 1, count - inner);
    if (row.above != nullptr) sums.differences += SumOfDifferences(luma, row.above + first, count);
  }
}

}  // namespace
}  // namespace fovea
