#pragma once

#include <cstdint>

namespace fovea {

/** Grey of red, green and blue in fixed point, as Pillow's `convert('L')` has it.
 * @source ITU-R BT.601; Pillow, src/libImaging/Convert.c: the fixed-point factors */
inline std::uint8_t Luma(const std::uint8_t* pixel) {
  return static_cast<std::uint8_t>((pixel[0] * 19595u + pixel[1] * 38470u + pixel[2] * 7471u + 0x8000u) >> 16);
}

}  // namespace fovea
