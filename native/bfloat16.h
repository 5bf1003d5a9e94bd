#pragma once

#include <cstdint>
#include <cstring>

namespace fovea {

/** Rounds to nearest, ties to even. */
inline std::uint16_t ToBfloat16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

}  // namespace fovea
