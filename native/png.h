#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/** The only form that `DecodePng` accepts; 8 bits per channel. */
struct PngForm {
  std::uint32_t width;
  std::uint32_t height;
  /** 1 (grey) or 3 (red, green, blue) */
  std::uint32_t channels;

  std::size_t RowBytes() const { return std::size_t{width} * channels; }
  std::size_t Bytes() const { return RowBytes() * height; }
};

/**
 * Decodes a PNG file that needs only inflating and unfiltering: of exactly this form, not interlaced, and without palette,
 * transparency, colour profile, EXIF or animation.
 * @param pixels uint8 `[height, width, channels]`; undefined when the result is false
 * @returns false for every other file, and for every damaged file
 * @source W3C PNG (third edition)
 */
bool DecodePng(const std::uint8_t* file, std::size_t bytes, const PngForm& form, std::uint8_t* pixels);

}  // namespace fovea
