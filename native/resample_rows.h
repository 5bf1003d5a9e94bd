#pragma once

// See picture_kernels.h for what this file may include.
#include <cstdint>

namespace fovea {

/** Values of a pixel while it is resampled: red, green, blue and one that is not used. */
inline constexpr int kLanes = 4;
/** Fixed point: 8 bits of a pixel, and two for what lies beyond black and white. */
inline constexpr int kWeightBits = 32 - 8 - 2;
/** Pixels that may be read after the last one of a row. */
inline constexpr int kPixelPadding = 8;

/** What each pixel of a narrower or wider row is made of: as many taps for each, because then no branch depends on it. */
template <typename Number>
struct Taps {
  /** Pixels of the result. */
  int count;
  int pairs;
  /** `[count]`, rounded up to an even number: the first pixel of each window. */
  const std::int32_t* first;
  /** `[count, pairs, 2, kLanes]`, for as many: each weight four times. */
  const Number* weights;
};

/** What a row of the result is made of. */
template <typename Number, typename Between>
struct Column {
  int taps;
  const Number* weights;
  /** `[taps]`, each of `values`, padded to a multiple of eight. */
  const Between* const* rows;
  int values;
};

}  // namespace fovea
