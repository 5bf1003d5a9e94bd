#pragma once

// See picture_kernels.h for what this file may include.
#include <cstdint>

namespace fovea {

/** Luma is 299 red + 587 green + 114 blue, in whole numbers.
 * @source ITU-R BT.601 */
inline constexpr std::int32_t kWhite = 255'000;
/** Saturation of a pure colour; saturations are whole numbers. */
inline constexpr std::int32_t kPure = 1 << 20;

/** A row of a picture and its luma. */
struct StatisticsRow {
  /** uint8 `[width, channels]` */
  const std::uint8_t* pixels;
  int width;
  /** 1 or 3 */
  int channels;
  /** `[width]`, written */
  std::int32_t* luma;
  /** Of the row above; null for the first one. */
  const std::int32_t* above;
};

/** Over all pixels; the differences are those to the left and to the upper neighbour. */
struct StatisticsSums {
  std::int64_t luma = 0;
  std::int64_t squares_of_luma = 0;
  std::int64_t saturation = 0;
  std::int64_t differences = 0;
};

}  // namespace fovea
