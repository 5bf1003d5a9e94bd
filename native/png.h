#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/** What a file must be for `DecodePng`: 8 bits a channel. */
struct PngForm {
  std::uint32_t width;
  std::uint32_t height;
  /** 1 (grey) or 3 (red, green, blue) */
  std::uint32_t channels;

  std::size_t RowBytes() const { return std::size_t{width} * channels; }
  std::size_t Bytes() const { return RowBytes() * height; }
};

/**
 * Decodes a whole PNG file that needs nothing but inflating and unfiltering: of just this form, not interlaced, and
 * without palette, transparency, colour profile, EXIF or animation. Damaged files are told, never guessed at.
 * @param pixels uint8 `[height, width, channels]`; undefined where the file is refused
 * @returns false for every other file
 * @source W3C PNG (third edition)
 */
bool DecodePng(const std::uint8_t* file, std::size_t bytes, const PngForm& form, std::uint8_t* pixels);

}  // namespace fovea
