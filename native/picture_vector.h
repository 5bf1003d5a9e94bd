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
using Int4 = std::int32_t __attribute__((vector_size(16)));
using Short16 = std::int16_t __attribute__((vector_size(32)));
using Byte16 = std::uint8_t __attribute__((vector_size(16)));
using Byte8 = std::uint8_t __attribute__((vector_size(8)));

FOVEA_INLINE void Load(const std::int16_t* from, Int4& to) {
#ifdef FOVEA_AVX2
  // GCC converts a vector of eight bytes value by value.
  to = reinterpret_cast<Int4>(_mm_cvtepi16_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
#else
  to = Int4{from[0], from[1], from[2], from[3]};
#endif
}

FOVEA_INLINE void Load(const std::int16_t* from, Int8& to) {
  Short8 values;
  std::memcpy(&values, from, sizeof values);
  to = __builtin_convertvector(values, Int8);
}

FOVEA_INLINE void Load(const std::uint8_t* from, Int8& to) {
#ifdef FOVEA_AVX2
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

/** Transposes 4 × 4 values, in both halves of the vectors alike. */
FOVEA_INLINE void TransposeFour(Int8* rows) {
  const auto row0 = reinterpret_cast<__m256i>(rows[0]);
  const auto row1 = reinterpret_cast<__m256i>(rows[1]);
  const auto row2 = reinterpret_cast<__m256i>(rows[2]);
  const auto row3 = reinterpret_cast<__m256i>(rows[3]);
  const __m256i low01 = _mm256_unpacklo_epi32(row0, row1);
  const __m256i high01 = _mm256_unpackhi_epi32(row0, row1);
  const __m256i low23 = _mm256_unpacklo_epi32(row2, row3);
  const __m256i high23 = _mm256_unpackhi_epi32(row2, row3);
  rows[0] = reinterpret_cast<Int8>(_mm256_unpacklo_epi64(low01, low23));
  rows[1] = reinterpret_cast<Int8>(_mm256_unpackhi_epi64(low01, low23));
  rows[2] = reinterpret_cast<Int8>(_mm256_unpacklo_epi64(high01, high23));
  rows[3] = reinterpret_cast<Int8>(_mm256_unpackhi_epi64(high01, high23));
}

FOVEA_INLINE void TransposeFour(Int4* rows) {
  const auto row0 = reinterpret_cast<__m128i>(rows[0]);
  const auto row1 = reinterpret_cast<__m128i>(rows[1]);
  const auto row2 = reinterpret_cast<__m128i>(rows[2]);
  const auto row3 = reinterpret_cast<__m128i>(rows[3]);
  const __m128i low01 = _mm_unpacklo_epi32(row0, row1);
  const __m128i high01 = _mm_unpackhi_epi32(row0, row1);
  const __m128i low23 = _mm_unpacklo_epi32(row2, row3);
  const __m128i high23 = _mm_unpackhi_epi32(row2, row3);
  rows[0] = reinterpret_cast<Int4>(_mm_unpacklo_epi64(low01, low23));
  rows[1] = reinterpret_cast<Int4>(_mm_unpackhi_epi64(low01, low23));
  rows[2] = reinterpret_cast<Int4>(_mm_unpacklo_epi64(high01, high23));
  rows[3] = reinterpret_cast<Int4>(_mm_unpackhi_epi64(high01, high23));
}

FOVEA_INLINE void Join(const Int4& low, const Int4& high, Int8& both) {
  both = reinterpret_cast<Int8>(_mm256_set_m128i(reinterpret_cast<__m128i>(high), reinterpret_cast<__m128i>(low)));
}

FOVEA_INLINE void Part(const Int8& both, Int4& low, Int4& high) {
  low = reinterpret_cast<Int4>(_mm256_castsi256_si128(reinterpret_cast<__m256i>(both)));
  high = reinterpret_cast<Int4>(_mm256_extracti128_si256(reinterpret_cast<__m256i>(both), 1));
}

/** Transposes 8 × 8 values whose four 4 × 4 parts were transposed. */
FOVEA_INLINE void SwapCorners(Int8* rows) {
  for (int row = 0; row < 4; ++row) {
    const auto upper = reinterpret_cast<__m256i>(rows[row]);
    const auto lower = reinterpret_cast<__m256i>(rows[row + 4]);
    rows[row] = reinterpret_cast<Int8>(_mm256_permute2x128_si256(upper, lower, 0x20));
    rows[row + 4] = reinterpret_cast<Int8>(_mm256_permute2x128_si256(upper, lower, 0x31));
  }
}

/** Limits four rows to bytes: those of the first halves, then those of the second halves. */
FOVEA_INLINE void PackFour(const Int8* rows, std::uint8_t* bytes) {
  const __m256i upper = _mm256_packs_epi32(reinterpret_cast<__m256i>(rows[0]), reinterpret_cast<__m256i>(rows[1]));
  const __m256i lower = _mm256_packs_epi32(reinterpret_cast<__m256i>(rows[2]), reinterpret_cast<__m256i>(rows[3]));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(bytes), _mm256_packus_epi16(upper, lower));
}

FOVEA_INLINE void PackFour(const Int4* rows, std::uint8_t* bytes) {
  const __m128i upper = _mm_packs_epi32(reinterpret_cast<__m128i>(rows[0]), reinterpret_cast<__m128i>(rows[1]));
  const __m128i lower = _mm_packs_epi32(reinterpret_cast<__m128i>(rows[2]), reinterpret_cast<__m128i>(rows[3]));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), _mm_packus_epi16(upper, lower));
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

template <typename Vector>
FOVEA_INLINE void TransposeFour(Vector* rows) {
  for (unsigned half = 0; half < sizeof(Vector) / sizeof(Int4); ++half)
    for (unsigned row = 0; row < 4; ++row)
      for (unsigned column = 0; column < row; ++column) {
        const std::int32_t value = rows[row][4 * half + column];
        rows[row][4 * half + column] = rows[column][4 * half + row];
        rows[column][4 * half + row] = value;
      }
}

FOVEA_INLINE void Join(const Int4& low, const Int4& high, Int8& both) {
  const Int4 parts[2] = {low, high};
  std::memcpy(&both, parts, sizeof both);
}

FOVEA_INLINE void Part(const Int8& both, Int4& low, Int4& high) {
  Int4 parts[2];
  std::memcpy(parts, &both, sizeof parts);
  low = parts[0];
  high = parts[1];
}

FOVEA_INLINE void SwapCorners(Int8* rows) {
  for (int row = 0; row < 4; ++row) {
    Int4 parts[4];
    Part(rows[row], parts[0], parts[1]);
    Part(rows[row + 4], parts[2], parts[3]);
    Join(parts[0], parts[2], rows[row]);
    Join(parts[1], parts[3], rows[row + 4]);
  }
}

template <typename Vector>
FOVEA_INLINE void PackFour(const Vector* rows, std::uint8_t* bytes) {
  for (unsigned half = 0; half < sizeof(Vector) / sizeof(Int4); ++half)
    for (unsigned row = 0; row < 4; ++row)
      for (unsigned column = 0; column < 4; ++column) {
        const std::int32_t value = rows[row][4 * half + column];
        *bytes++ = static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
      }
}

#endif

}  // namespace
}  // namespace fovea
