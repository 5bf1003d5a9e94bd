#include "jpeg_blocks.h"
#include "jpeg_color.h"
#include "picture_kernels.h"
#include "resample_passes.h"
#include "statistics_passes.h"

namespace fovea {

const PictureKernels& BaselineKernels() {
  static constexpr PictureKernels kernels{jpeg::Decode, jpeg::Color, AcrossFixed, AcrossFloat, DownFixed, DownFloat, MeasureRow};
  return kernels;
}

}  // namespace fovea
