#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::cuda {

/** The type of a stored value. Sums are always float32. */
enum class Type { kFloat32, kFloat16, kBfloat16 };

inline std::size_t BytesOf(Type type) { return type == Type::kFloat32 ? 4 : 2; }

/** Rounds to nearest, ties to even; numbers beyond the largest float16 become infinite. */
std::uint16_t ToFloat16(float value);
std::uint16_t ToBfloat16(float value);

}  // namespace fovea::cuda
