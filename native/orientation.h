#pragma once

#include <cstdint>

#include "resample.h"
#include "row_resampler.h"

namespace fovea {

/** How a stored picture becomes upright: as EXIF numbers it, 1 to 8.
 * @source CIPA DC-008 (Exif), 4.6.4, tag 0x0112 */
class Orientation {
 public:
  explicit Orientation(int exif) : exif_(exif) {}

  /** The same resampling of the stored picture. */
  Resampling Stored(const Resampling& upright) const;
  /** Where pixels of the stored picture's result are written, so that the result is upright. */
  Target Upright(const Target& target, const Resampling& upright) const;

 private:
  bool SwapsSides() const { return exif_ >= 5; }
  bool MirrorsAcross() const { return exif_ == 2 || exif_ == 3 || exif_ == 6 || exif_ == 7; }
  bool MirrorsDown() const { return exif_ == 3 || exif_ == 4 || exif_ == 7 || exif_ == 8; }

  int exif_;
};

}  // namespace fovea
