#pragma once

#include <cstdint>
#include <vector>

namespace fovea {

/** Grey of red, green and blue in fixed point, as Pillow's `convert('L')` has it.
 * @source ITU-R BT.601; Pillow, src/libImaging/Convert.c: the fixed-point factors */
inline std::vector<std::uint8_t> Luma(const std::uint8_t* pixels, std::int64_t places) {
  std::vector<std::uint8_t> grey(static_cast<std::size_t>(places));
  for (std::size_t place = 0; place < grey.size(); ++place) {
    const std::uint8_t* pixel = pixels + 3 * place;
    grey[place] = static_cast<std::uint8_t>((pixel[0] * 19595u + pixel[1] * 38470u + pixel[2] * 7471u + 0x8000u) >> 16);
  }
  return grey;
}

}  // namespace fovea
