#include "photo.h"

#include <algorithm>

#include "orientation.h"
#include "png.h"

namespace fovea {
namespace {

/** The shrunk picture stays this many times larger than the result, so that photographs differ by half a level in the mean
 * (`photo-decoder.test.ts`). Pillow's draft mode allows 1: two levels. */
constexpr double kLeastRatio = 2.75;
constexpr int kLargestShrink = 4;

/** Red, green and blue of 8 bits. */
jpeg::Outcome DecodePngPhoto(const Photo& photo, const PictureKernels& kernels) {
  const PictureForm form{static_cast<std::uint32_t>(photo.how.width), static_cast<std::uint32_t>(photo.how.height), 3};
  const auto resampler = MakeRowResampler(photo.how, 1, kernels, photo.target);
  const PngPart part{resampler->Rows(), resampler->Columns()};
  const bool is_decoded = DecodePngRows(photo.bytes, photo.size, form, part, *resampler);
  return is_decoded ? jpeg::Outcome::kDecoded : jpeg::Outcome::kNotPlain;
}

}  // namespace

int ShrinkFor(const Resampling& how) {
  // Without antialias single pixels make the result.
  if (!how.antialias || how.interpolation == Interpolation::kNearest) return 1;
  const double ratio = std::min(static_cast<double>(how.box_width) / static_cast<double>(how.full_width),
                                static_cast<double>(how.box_height) / static_cast<double>(how.full_height));
  int shrink = kLargestShrink;
  while (shrink > 1 && ratio < kLeastRatio * shrink) shrink /= 2;
  return shrink;
}

jpeg::Outcome DecodePhoto(const Photo& photo, const PictureKernels& kernels) {
  if (photo.is_png) return DecodePngPhoto(photo, kernels);
  jpeg::File file;
  const Orientation orientation(photo.orientation);
  const Resampling how = orientation.Stored(photo.how);
  if (!jpeg::ReadFile(photo.bytes, photo.size, file) || file.width != how.width || file.height != how.height)
    return jpeg::Outcome::kNotPlain;
  const int shrink = ShrinkFor(how);
  const auto resampler = MakeRowResampler(how, shrink, kernels, orientation.Upright(photo.target, photo.how));
  return jpeg::Decode(file, {shrink, resampler->Rows(), resampler->Columns(), photo.deadline}, kernels, *resampler);
}

}  // namespace fovea
