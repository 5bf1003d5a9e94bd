#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

enum class Interpolation { kNearest, kBilinear, kBicubic, kLanczos3 };

/** How a picture becomes one of another size. */
struct Resampling {
  /** Of the picture. */
  std::int64_t width = 0;
  std::int64_t height = 0;
  /** 1 or 3. */
  std::int64_t channels = 0;
  /** Whether three channels become one first, their luma. */
  bool to_grey = false;
  /** The part of the picture that is stretched; pixels outside it count for nothing. */
  std::int64_t box_left = 0;
  std::int64_t box_top = 0;
  std::int64_t box_width = 0;
  std::int64_t box_height = 0;
  /** The size that the part is stretched to. */
  std::int64_t full_width = 0;
  std::int64_t full_height = 0;
  /** The part of that size which is computed. */
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t out_width = 0;
  std::int64_t out_height = 0;
  Interpolation interpolation = Interpolation::kBilinear;
  /** Whether the kernel widens as the picture shrinks. */
  bool antialias = true;
  /** Whether the middles of the corner pixels stay where they are. */
  bool align_corners = false;

  std::int64_t OutChannels() const { return to_grey ? 1 : channels; }
  /** Whether every part lies inside its whole, and nothing is too large for its numbers. */
  bool IsSound() const;
};

/**
 * Resamples a picture of uint8 `[height, width, channels]`.
 *
 * With antialias the pixels are those of Pillow, each pass rounded as Pillow rounds it. Without, they are TensorFlow's, which
 * computes in float32, rounded once to whole levels.
 * @param out uint8 `[out_height, out_width, OutChannels()]`
 * @throws std::bad_alloc
 * @source Pillow, src/libImaging/Resample.c: the kernels, their windows and the fixed-point numbers (algorithm only)
 */
void Resample(const Resampling& how, const std::uint8_t* in, std::uint8_t* out);

}  // namespace fovea
