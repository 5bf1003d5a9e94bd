#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "jpeg.h"
#include "resample.h"
#include "row_resampler.h"

namespace fovea {

/** A JPEG or PNG file that becomes a model's input. */
struct Photo {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  bool is_png = false;
  /** As EXIF numbers it, 1 to 8; of a PNG 1. */
  int orientation = 1;
  /** Of the upright picture. */
  Resampling how;
  /** Where the upright result is written. */
  Target target{};
  std::chrono::steady_clock::time_point deadline;
};

/** How many pixels in each direction may become one while the file is decoded. */
int ShrinkFor(const Resampling& how);

/**
 * Decodes and resamples in one pass. The pixels are those of `Resample` on the whole picture; where `ShrinkFor` is over 1, those of
 * a JPEG are some levels apart.
 * @throws std::bad_alloc
 */
jpeg::Outcome DecodePhoto(const Photo& photo, const PictureKernels& kernels);

}  // namespace fovea
