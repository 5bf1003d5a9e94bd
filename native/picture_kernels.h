#pragma once

// The kernels are compiled twice, for every processor and for AVX2. The files that they include must include no inline code,
// such as std::vector's, because the linker could keep the AVX2 copy of it for the whole addon.
#include "jpeg_kernels.h"
#include "resample_rows.h"
#include "statistics_rows.h"

namespace fovea {

/** What takes most of the time of decoding, resampling and measuring pictures. */
struct PictureKernels {
  /** Decodes `count` MCUs from `column` on.
   * @returns false for damaged data */
  bool (*decode)(jpeg::McuRow& row, int column, int count);
  /** Writes red, green, blue and 255 for each pixel, or four equal values where the picture is grey; up to seven pixels more
   * than the row has. */
  void (*color)(const jpeg::ColorRow& row, std::uint8_t* out);
  void (*across_fixed)(const Taps<std::int32_t>& taps, const std::uint8_t* row, std::uint8_t* out);
  void (*across_float)(const Taps<float>& taps, const std::uint8_t* row, float* out);
  void (*down_fixed)(const Column<std::int32_t, std::uint8_t>& column, std::uint8_t* out);
  void (*down_float)(const Column<float, float>& column, std::uint8_t* out);
  /** Adds a row to the sums. */
  void (*measure)(const StatisticsRow& row, StatisticsSums& sums);
};

const PictureKernels& BaselineKernels();
/** The same as `BaselineKernels` where the compiler has no AVX2. */
const PictureKernels& Avx2Kernels();
/** What this processor can run. */
const PictureKernels& BestKernels();

}  // namespace fovea
