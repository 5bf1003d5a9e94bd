#ifdef __x86_64__
#pragma GCC target("avx2,bmi,bmi2")
// GCC 12 does not define __AVX2__ for the pragma.
#define FOVEA_AVX2
#endif

#include "jpeg_blocks.h"
#include "jpeg_color.h"
#include "picture_kernels.h"
#include "resample_passes.h"
#include "statistics_passes.h"

namespace fovea {

const PictureKernels& Avx2Kernels() {
  static constexpr PictureKernels kernels{jpeg::Decode, jpeg::Color, AcrossFixed, AcrossFloat, DownFixed, DownFloat, MeasureRow};
  return kernels;
}

}  // namespace fovea
