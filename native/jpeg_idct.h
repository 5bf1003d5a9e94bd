#pragma once

// Only for kernels; see picture_kernels.h.
#include "picture_vector.h"

namespace fovea::jpeg {
namespace {

/** Bits after the point of constants, and of what lies between the two passes. */
constexpr int kConstantBits = 13;
constexpr int kPassBits = 2;

constexpr std::int32_t Fixed(double value) { return static_cast<std::int32_t>(value * (1 << kConstantBits) + 0.5); }

/** One pass makes `kOut` values of eight coefficients in place, in each of eight lanes. With 8 the values are those of libjpeg's
 * `jpeg_idct_islow`; with fewer, each is the mean of neighbouring ones of the eight.
 * @source C. Loeffler, A. Ligtenberg, G. Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications" (1989); the
 *   numbers of libjpeg-turbo's jidctint.c and jidctred.c */
template <int kOut>
FOVEA_INLINE void Pass(Int8* v, int shift);

FOVEA_INLINE void Descale(Int8& value, int shift) { value = (value + (1 << (shift - 1))) >> shift; }

template <>
FOVEA_INLINE void Pass<8>(Int8* v, int shift) {
  const Int8 both = (v[2] + v[6]) * Fixed(0.541196100);
  const Int8 low = both - v[6] * Fixed(1.847759065);
  const Int8 high = both + v[2] * Fixed(0.765366865);
  const Int8 sum = (v[0] + v[4]) * (1 << kConstantBits);
  const Int8 difference = (v[0] - v[4]) * (1 << kConstantBits);
  const Int8 even[4] = {sum + high, difference + low, difference - low, sum - high};

  const Int8 all = (v[7] + v[3] + v[5] + v[1]) * Fixed(1.175875602);
  const Int8 z1 = (v[7] + v[1]) * -Fixed(0.899976223);
  const Int8 z2 = (v[5] + v[3]) * -Fixed(2.562915447);
  const Int8 z3 = (v[7] + v[3]) * -Fixed(1.961570560) + all;
  const Int8 z4 = (v[5] + v[1]) * -Fixed(0.390180644) + all;
  const Int8 odd[4] = {v[1] * Fixed(1.501321110) + z1 + z4, v[3] * Fixed(3.072711026) + z2 + z3,
                       v[5] * Fixed(2.053119869) + z2 + z4, v[7] * Fixed(0.298631336) + z1 + z3};
  for (int index = 0; index < 4; ++index) {
    v[index] = even[index] + odd[index];
    v[7 - index] = even[index] - odd[index];
  }
  for (int index = 0; index < 8; ++index) Descale(v[index], shift);
}

template <>
FOVEA_INLINE void Pass<4>(Int8* v, int shift) {
  const Int8 mean = v[0] * (1 << (kConstantBits + 1));
  const Int8 even = v[2] * Fixed(1.847759065) - v[6] * Fixed(0.765366865);
  const Int8 outer = v[1] * Fixed(2.562915447) + v[3] * Fixed(0.899976223) - v[5] * Fixed(0.601344887) - v[7] * Fixed(0.509795579);
  const Int8 inner = v[1] * Fixed(1.061594337) - v[3] * Fixed(2.172734803) + v[5] * Fixed(1.451774981) - v[7] * Fixed(0.211164243);
  v[0] = mean + even + outer;
  v[3] = mean + even - outer;
  v[1] = mean - even + inner;
  v[2] = mean - even - inner;
  for (int index = 0; index < 4; ++index) Descale(v[index], shift + 1);
}

template <>
FOVEA_INLINE void Pass<2>(Int8* v, int shift) {
  const Int8 mean = v[0] * (1 << (kConstantBits + 2));
  const Int8 odd = v[1] * Fixed(3.624509785) - v[3] * Fixed(1.272758580) + v[5] * Fixed(0.850430095) - v[7] * Fixed(0.720959822);
  v[0] = mean + odd;
  v[1] = mean - odd;
  for (int index = 0; index < 2; ++index) Descale(v[index], shift + 2);
}

/** @param block int16 `[8, 8]`, dequantized */
template <int kWidth, int kHeight>
FOVEA_INLINE void Transform(const std::int16_t* block, std::uint8_t* out, std::ptrdiff_t stride) {
  Int8 v[8];
  for (int row = 0; row < 8; ++row) Load(block + 8 * row, v[row]);
  Pass<kHeight>(v, kConstantBits - kPassBits);
  for (int row = kHeight; row < 8; ++row) v[row] = Int8{};
  Transpose(v);
  Pass<kWidth>(v, kConstantBits + kPassBits + 3);
  for (int column = 0; column < kWidth; ++column) v[column] = v[column] + 128;
  for (int column = kWidth; column < 8; ++column) v[column] = Int8{};
  Transpose(v);
  Store<kWidth, kHeight>(v, out, stride);
}

/** A block of nothing but its mean. */
FOVEA_INLINE void Fill(std::int16_t dc, int width, int height, std::uint8_t* out, std::ptrdiff_t stride) {
  const int level = ((dc + 4) >> 3) + 128;
  const int byte = level < 0 ? 0 : level > 255 ? 255 : level;
  for (int row = 0; row < height; ++row)
    if (width == 8) std::memset(out + row * stride, byte, 8);
    else for (int column = 0; column < width; ++column) out[row * stride + column] = static_cast<std::uint8_t>(byte);
}

}  // namespace
}  // namespace fovea::jpeg
