#include "types.h"

#include <cmath>
#include <cstring>

namespace fovea::cuda {

std::uint16_t ToBfloat16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16U) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

std::uint16_t ToFloat16(float value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000U : 0U);
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00U);
  // 65520 is halfway between the largest float16 and the next power of two.
  if (magnitude >= 65520.0F) return static_cast<std::uint16_t>(sign | 0x7C00U);
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  // float16 has 11 significant bits, and 2^-24 is its smallest step.
  const int step = exponent - 11 < -24 ? -24 : exponent - 11;
  const auto count = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, -step)));
  const std::uint32_t steps = static_cast<std::uint32_t>(step + 24) * 1024U + count;
  return static_cast<std::uint16_t>(sign | (magnitude == 0 ? 0U : steps));
}

}  // namespace fovea::cuda
