#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/** Size and channels of the pixels that a model takes; 8 bits per channel. */
struct PictureForm {
  std::uint32_t width;
  std::uint32_t height;
  /** 1 (grey) or 3 (red, green, blue) */
  std::uint32_t channels;

  std::size_t RowBytes() const { return std::size_t{width} * channels; }
  std::size_t Bytes() const { return RowBytes() * height; }
};

}  // namespace fovea
