#pragma once

// Only for kernels; see picture_kernels.h.
#include "picture_vector.h"

namespace fovea::jpeg {
namespace {

/** Bits after the point of constants, and of what lies between the two passes. */
constexpr int kConstantBits = 13;
constexpr int kPassBits = 2;

constexpr std::int32_t Fixed(double value) { return static_cast<std::int32_t>(value * (1 << kConstantBits) + 0.5); }

/** Coefficients of a block from the first on that lie in its first four rows and columns. */
constexpr unsigned kSparse = 10;

template <typename Vector>
FOVEA_INLINE void Descale(Vector& value, int shift) {
  value = (value + (1 << (shift - 1))) >> shift;
}

/** One pass makes `kOut` values of eight coefficients in place, in each lane. With 8 the values are those of libjpeg's
 * `jpeg_idct_islow`; with fewer, each is the mean of neighbouring ones of the eight. The last four coefficients are 0 where
 * `kIn` is 4.
 * @source C. Loeffler, A. Ligtenberg, G. Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications" (1989); the
 *   numbers of libjpeg-turbo's jidctint.c and jidctred.c */
template <int kIn, int kOut, typename Vector>
FOVEA_INLINE void Pass(Vector* v, int shift) {
  const Vector none{};
  const Vector v4 = kIn == 8 ? v[4] : none;
  const Vector v5 = kIn == 8 ? v[5] : none;
  const Vector v6 = kIn == 8 ? v[6] : none;
  const Vector v7 = kIn == 8 ? v[7] : none;
  if constexpr (kOut == 8) {
    const Vector both = (v[2] + v6) * Fixed(0.541196100);
    const Vector low = both - v6 * Fixed(1.847759065);
    const Vector high = both + v[2] * Fixed(0.765366865);
    const Vector sum = (v[0] + v4) * (1 << kConstantBits);
    const Vector difference = (v[0] - v4) * (1 << kConstantBits);
    const Vector even[4] = {sum + high, difference + low, difference - low, sum - high};
    const Vector all = (v7 + v[3] + v5 + v[1]) * Fixed(1.175875602);
    const Vector z1 = (v7 + v[1]) * -Fixed(0.899976223);
    const Vector z2 = (v5 + v[3]) * -Fixed(2.562915447);
    const Vector z3 = (v7 + v[3]) * -Fixed(1.961570560) + all;
    const Vector z4 = (v5 + v[1]) * -Fixed(0.390180644) + all;
    const Vector odd[4] = {v[1] * Fixed(1.501321110) + z1 + z4, v[3] * Fixed(3.072711026) + z2 + z3,
                           v5 * Fixed(2.053119869) + z2 + z4, v7 * Fixed(0.298631336) + z1 + z3};
    for (int index = 0; index < 4; ++index) {
      v[index] = even[index] + odd[index];
      v[7 - index] = even[index] - odd[index];
    }
  } else if constexpr (kOut == 4) {
    const Vector mean = v[0] * (1 << (kConstantBits + 1));
    const Vector even = v[2] * Fixed(1.847759065) - v6 * Fixed(0.765366865);
    const Vector outer = v[1] * Fixed(2.562915447) + v[3] * Fixed(0.899976223) - v5 * Fixed(0.601344887) - v7 * Fixed(0.509795579);
    const Vector inner = v[1] * Fixed(1.061594337) - v[3] * Fixed(2.172734803) + v5 * Fixed(1.451774981) - v7 * Fixed(0.211164243);
    v[0] = mean + even + outer;
    v[3] = mean + even - outer;
    v[1] = mean - even + inner;
    v[2] = mean - even - inner;
  } else {
    const Vector mean = v[0] * (1 << (kConstantBits + 2));
    const Vector odd = v[1] * Fixed(3.624509785) - v[3] * Fixed(1.272758580) + v5 * Fixed(0.850430095) - v7 * Fixed(0.720959822);
    v[0] = mean + odd;
    v[1] = mean - odd;
  }
  for (int index = 0; index < kOut; ++index) Descale(v[index], shift + (kOut == 8 ? 0 : kOut == 4 ? 1 : 2));
}

/** The second pass: `columns` are vectors of rows. */
template <int kIn, int kWidth, typename Vector>
FOVEA_INLINE void PassAcross(Vector* columns) {
  Pass<kIn, kWidth>(columns, kConstantBits + kPassBits + 3);
  for (int column = 0; column < kWidth; ++column) columns[column] = columns[column] + 128;
}

/** Writes the first `kWidth` of four bytes a row. */
template <int kWidth>
FOVEA_INLINE void WriteRows(const std::uint8_t* bytes, int rows, std::uint8_t* out, std::ptrdiff_t stride) {
  for (int row = 0; row < rows; ++row) std::memcpy(out + row * stride, bytes + 4 * row, kWidth);
}

/** Blocks of eight rows. */
template <int kIn, int kWidth>
FOVEA_INLINE void FinishTall(Int8* columns, std::uint8_t* out, std::ptrdiff_t stride) {
  PassAcross<kIn, kWidth>(columns);
  std::uint8_t bytes[64];
  for (int part = 0; part < (kWidth + 3) / 4; ++part) {
    TransposeFour(columns + 4 * part);
    PackFour(columns + 4 * part, bytes + 32 * part);
    WriteRows<(kWidth < 4 ? kWidth : 4)>(bytes + 32 * part, 8, out + 4 * part, stride);
  }
}

/** Blocks of two or four rows. */
template <int kIn, int kWidth>
FOVEA_INLINE void FinishFlat(Int4* columns, int height, std::uint8_t* out, std::ptrdiff_t stride) {
  PassAcross<kIn, kWidth>(columns);
  std::uint8_t bytes[16];
  for (int part = 0; part < (kWidth + 3) / 4; ++part) {
    TransposeFour(columns + 4 * part);
    PackFour(columns + 4 * part, bytes);
    WriteRows<(kWidth < 4 ? kWidth : 4)>(bytes, height, out + 4 * part, stride);
  }
}

template <int kWidth, int kHeight>
FOVEA_INLINE void TransformDense(const std::int16_t* block, std::uint8_t* out, std::ptrdiff_t stride) {
  Int8 rows[8];
  for (int row = 0; row < 8; ++row) Load(block + 8 * row, rows[row]);
  Pass<8, kHeight>(rows, kConstantBits - kPassBits);
  if constexpr (kHeight == 8) {
    TransposeFour(rows);
    TransposeFour(rows + 4);
    SwapCorners(rows);
    FinishTall<8, kWidth>(rows, out, stride);
  } else {
    for (int row = kHeight; row < 4; ++row) rows[row] = Int8{};
    TransposeFour(rows);
    Int4 columns[8];
    for (int row = 0; row < 4; ++row) Part(rows[row], columns[row], columns[row + 4]);
    FinishFlat<8, kWidth>(columns, kHeight, out, stride);
  }
}

/** Of a block that has only the first `kSparse` coefficients. */
template <int kWidth, int kHeight>
FOVEA_INLINE void TransformSparse(const std::int16_t* block, std::uint8_t* out, std::ptrdiff_t stride) {
  Int4 rows[8];
  for (int row = 0; row < 4; ++row) Load(block + 8 * row, rows[row]);
  Pass<4, kHeight>(rows, kConstantBits - kPassBits);
  if constexpr (kHeight == 8) {
    Int8 columns[8];
    for (int row = 0; row < 4; ++row) Join(rows[row], rows[row + 4], columns[row]);
    TransposeFour(columns);
    FinishTall<4, kWidth>(columns, out, stride);
  } else {
    for (int row = kHeight; row < 4; ++row) rows[row] = Int4{};
    TransposeFour(rows);
    FinishFlat<4, kWidth>(rows, kHeight, out, stride);
  }
}

/** @param block int16 `[8, 8]`, dequantized
 * @param coefficients number of leading coefficients, in the order of the file; all others are 0 */
template <int kWidth, int kHeight>
FOVEA_INLINE void Transform(const std::int16_t* block, unsigned coefficients, std::uint8_t* out, std::ptrdiff_t stride) {
  if (coefficients <= kSparse) return TransformSparse<kWidth, kHeight>(block, out, stride);
  TransformDense<kWidth, kHeight>(block, out, stride);
}

/** A block of nothing but its mean. */
FOVEA_INLINE void Fill(std::int16_t dc, int width, int height, std::uint8_t* out, std::ptrdiff_t stride) {
  const int level = ((dc + 4) >> 3) + 128;
  const int byte = level < 0 ? 0 : level > 255 ? 255 : level;
  const std::uint64_t bytes = static_cast<std::uint64_t>(byte) * 0x0101010101010101;
  for (int row = 0; row < height; ++row)
    if (width == 8) std::memcpy(out + row * stride, &bytes, 8);
    else if (width == 4) std::memcpy(out + row * stride, &bytes, 4);
    else std::memcpy(out + row * stride, &bytes, 2);
}

}  // namespace
}  // namespace fovea::jpeg
