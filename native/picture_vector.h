#pragma once

// Only for kernels; see picture_kernels.h.
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef FOVEA_AVX2
#include <immintrin.h>
#endif

#define FOVEA_INLINE inline __attribute__((always_inline))

namespace fovea {
namespace {

using Int8 = std::int32_t __attribute__((vector_size(32)));
using Short8 = std::int16_t __attribute__((vector_size(16)));
using Short16 = std::int16_t __attribute__((vector_size(32)));
using Byte16 = std::uint8_t __attribute__((vector_size(16)));
using Byte8 = std::uint8_t __attribute__((vector_size(8)));

FOVEA_INLINE void Load(const std::int16_t* from, Int8& to) {
  Short8 values;
  std::memcpy(&values, from, sizeof values);
  to = __builtin_convertvector(values, Int8);
}

FOVEA_INLINE void Load(const std::uint8_t* from, Int8& to) {
#ifdef FOVEA_AVX2
  // GCC converts a vector of eight bytes one by one.
  to = reinterpret_cast<Int8>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
#else
  Byte8 values;
  std::memcpy(&values, from, sizeof values);
  to = __builtin_convertvector(values, Int8);
#endif
}

FOVEA_INLINE void Load(const std::uint8_t* from, Short16& to) {
  Byte16 values;
  std::memcpy(&values, from, sizeof values);
  to = __builtin_convertvector(values, Short16);
}

FOVEA_INLINE void Load(const std::int16_t* from, Short16& to) { std::memcpy(&to, from, sizeof to); }

FOVEA_INLINE void Clamp(Int8& values) {
  values = values < 0 ? Int8{} : values;
  values = values > 255 ? Int8{} + 255 : values;
}

#ifdef FOVEA_AVX2

/** The halves of each vector added up: those of `left` first. */
FOVEA_INLINE void AddHalves(const Int8& left, const Int8& right, Int8& out) {
  const auto a = reinterpret_cast<__m256i>(left);
  const auto b = reinterpret_cast<__m256i>(right);
  out = reinterpret_cast<Int8>(_mm256_permute2x128_si256(a, b, 0x20)) + reinterpret_cast<Int8>(_mm256_permute2x128_si256(a, b, 0x31));
}

/** Limits values to bytes. */
FOVEA_INLINE void StoreBytes(const Int8& values, std::uint8_t* out) {
  const __m256i words = _mm256_packs_epi32(reinterpret_cast<__m256i>(values), reinterpret_cast<__m256i>(values));
  const __m256i bytes = _mm256_packus_epi16(words, words);
  const __m128i both = _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), both);
}

FOVEA_INLINE void Transpose(Int8* rows) {
  __m256i in[8], half[8];
  for (int row = 0; row < 8; ++row) in[row] = reinterpret_cast<__m256i>(rows[row]);
  for (int pair = 0; pair < 4; ++pair) {
    half[2 * pair] = _mm256_unpacklo_epi32(in[2 * pair], in[2 * pair + 1]);
    half[2 * pair + 1] = _mm256_unpackhi_epi32(in[2 * pair], in[2 * pair + 1]);
  }
  for (int four = 0; four < 2; ++four) {
    const __m256i* from = half + 4 * four;
    in[4 * four] = _mm256_unpacklo_epi64(from[0], from[2]);
    in[4 * four + 1] = _mm256_unpackhi_epi64(from[0], from[2]);
    in[4 * four + 2] = _mm256_unpacklo_epi64(from[1], from[3]);
    in[4 * four + 3] = _mm256_unpackhi_epi64(from[1], from[3]);
  }
  for (int row = 0; row < 4; ++row) {
    rows[row] = reinterpret_cast<Int8>(_mm256_permute2x128_si256(in[row], in[row + 4], 0x20));
    rows[row + 4] = reinterpret_cast<Int8>(_mm256_permute2x128_si256(in[row], in[row + 4], 0x31));
  }
}

/** Limits four rows of eight values to bytes and writes the first `kWidth` of each. */
template <int kWidth>
FOVEA_INLINE void StoreFour(const Int8* rows, int count, std::uint8_t* out, std::ptrdiff_t stride) {
  const __m256i upper = _mm256_packs_epi32(reinterpret_cast<__m256i>(rows[0]), reinterpret_cast<__m256i>(rows[1]));
  const __m256i lower = _mm256_packs_epi32(reinterpret_cast<__m256i>(rows[2]), reinterpret_cast<__m256i>(rows[3]));
  const __m256i mixed = _mm256_packus_epi16(upper, lower);
  alignas(32) std::uint8_t bytes[32];
  _mm256_store_si256(reinterpret_cast<__m256i*>(bytes),
                     _mm256_permutevar8x32_epi32(mixed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
  for (int row = 0; row < count; ++row) std::memcpy(out + row * stride, bytes + 8 * row, kWidth);
}

template <int kWidth, int kHeight>
FOVEA_INLINE void Store(Int8* rows, std::uint8_t* out, std::ptrdiff_t stride) {
  StoreFour<kWidth>(rows, kHeight < 4 ? kHeight : 4, out, stride);
  if constexpr (kHeight == 8) StoreFour<kWidth>(rows + 4, 4, out + 4 * stride, stride);
}

#else

FOVEA_INLINE void AddHalves(const Int8& left, const Int8& right, Int8& out) {
  for (int lane = 0; lane < 4; ++lane) {
    out[lane] = left[lane] + left[lane + 4];
    out[lane + 4] = right[lane] + right[lane + 4];
  }
}

FOVEA_INLINE void StoreBytes(const Int8& values, std::uint8_t* out) {
  Int8 limited = values;
  Clamp(limited);
  const Byte8 bytes = __builtin_convertvector(limited, Byte8);
  std::memcpy(out, &bytes, sizeof bytes);
}

inline void Transpose(Int8* rows) {
  for (int row = 0; row < 8; ++row)
    for (int column = 0; column < row; ++column) {
      const std::int32_t value = rows[row][column];
      rows[row][column] = rows[column][row];
      rows[column][row] = value;
    }
}

template <int kWidth, int kHeight>
inline void Store(Int8* rows, std::uint8_t* out, std::ptrdiff_t stride) {
  for (int row = 0; row < kHeight; ++row) {
    Clamp(rows[row]);
    const Byte8 bytes = __builtin_convertvector(rows[row], Byte8);
    std::memcpy(out + row * stride, &bytes, kWidth);
  }
}

#endif

}  // namespace
}  // namespace fovea
