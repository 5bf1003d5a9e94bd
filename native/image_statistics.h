#pragma once

#include "picture_form.h"
#include "picture_kernels.h"

namespace fovea {

/** As `src/serving/decoding/statistics.ts` defines them. */
struct ImageStatistics {
  double brightness;
  double contrast;
  double saturation;
  double sharpness;
};

/** @param pixels uint8 `[height, width, channels]` */
ImageStatistics Measure(const std::uint8_t* pixels, const PictureForm& form, const PictureKernels& kernels);

}  // namespace fovea
