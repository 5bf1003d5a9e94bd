#pragma once

// Only for kernels; see picture_kernels.h.
#include "jpeg_kernels.h"
#include "picture_vector.h"

namespace fovea::jpeg {
namespace {

constexpr int kColorBits = 16;
constexpr std::int32_t kColorHalf = 1 << (kColorBits - 1);

constexpr std::int32_t ColorFixed(double value) { return static_cast<std::int32_t>(value * (1 << kColorBits) + 0.5); }

/** Eight pixels of red, green, blue and 255.
 * @source ITU-T T.871, 7; the rounding of libjpeg, jdcolor.c */
FOVEA_INLINE void ConvertEight(const std::uint8_t* luma, const Int8& blueness, const Int8& redness, std::uint8_t* out) {
  Int8 y;
  Load(luma, y);
  const Int8 cb = blueness - 128;
  const Int8 cr = redness - 128;
  Int8 red = y + ((cr * ColorFixed(1.40200) + kColorHalf) >> kColorBits);
  Int8 green = y + ((cb * -ColorFixed(0.34414) + cr * -ColorFixed(0.71414) + kColorHalf) >> kColorBits);
  Int8 blue = y + ((cb * ColorFixed(1.77200) + kColorHalf) >> kColorBits);
  Clamp(red);
  Clamp(green);
  Clamp(blue);
  const Int8 pixels = red | green << 8 | blue << 16 | (Int8{} + 255) << 24;
  std::memcpy(out, &pixels, sizeof pixels);
}

/** Samples at a time. */
constexpr int kSamples = 16;

/** libjpeg's "fancy" upsampling: every new sample is three quarters of the near one and a quarter of the next one. Rows are mixed
 * first, without rounding. `kShift` is 2 for one direction and 4 for both.
 * @source libjpeg-turbo, jdsample.c: the rounding (algorithm only) */
template <int kShift>
FOVEA_INLINE void Widen(std::int16_t* from, int count, std::uint8_t* out) {
  constexpr std::int16_t kLow = kShift == 2 ? 1 : 8;
  constexpr std::int16_t kHigh = kShift == 2 ? 2 : 7;
  // The neighbours of the samples at the edges are these samples themselves.
  from[-1] = from[0];
  from[count] = from[count - 1];
  for (int at = 0; at < count; at += kSamples) {
    Short16 here, before, after;
    Load(from + at, here);
    Load(from + at - 1, before);
    Load(from + at + 1, after);
    const Short16 thrice = here * 3;
    const Short16 pairs = ((thrice + before + kLow) >> kShift) | ((thrice + after + kHigh) >> kShift) << 8;
    std::memcpy(out + 2 * at, &pairs, sizeof pairs);
  }
}

FOVEA_INLINE void CopyRow(const ColorRow& row, int which, std::int16_t* copy) {
  for (int at = 0; at < row.color_width; at += kSamples) {
    Short16 samples;
    Load(row.near[which] + at, samples);
    std::memcpy(copy + at, &samples, sizeof samples);
  }
}

/** Three quarters of the near row and one of the far one, times four. */
FOVEA_INLINE void MixRows(const ColorRow& row, int which, std::int16_t* mixed) {
  for (int at = 0; at < row.color_width; at += kSamples) {
    Short16 near, far;
    Load(row.near[which] + at, near);
    Load(row.far[which] + at, far);
    const Short16 sums = near * 3 + far;
    std::memcpy(mixed + at, &sums, sizeof sums);
  }
}

/** One colour's samples for every pixel of the row. */
FOVEA_INLINE const std::uint8_t* Upsample(const ColorRow& row, int which) {
  if (!row.is_halved_across && !row.is_halved_down) return row.near[which];
  std::uint8_t* const out = row.upsampled[which];
  // The edges of `Widen` lie around the row.
  std::int16_t* const mixed = row.mixed + kSamples;
  if (!row.is_halved_down) {
    CopyRow(row, which, mixed);
    Widen<2>(mixed, row.color_width, out);
    return out;
  }
  MixRows(row, which, mixed);
  if (row.is_halved_across) {
    Widen<4>(mixed, row.color_width, out);
    return out;
  }
  const std::int16_t half = row.is_upper ? 1 : 2;
  for (int at = 0; at < row.color_width; ++at) out[at] = static_cast<std::uint8_t>((mixed[at] + half) >> 2);
  return out;
}

void Color(const ColorRow& row, std::uint8_t* out) {
  if (row.near[0] == nullptr) {
    for (int at = 0; at < row.width; ++at) std::memset(out + 4 * at, row.luma[at], 4);
    return;
  }
  const std::uint8_t* const blueness = Upsample(row, 0);
  const std::uint8_t* const redness = Upsample(row, 1);
  for (int at = 0; at < row.width; at += 8) {
    Int8 cb, cr;
    Load(blueness + at, cb);
    Load(redness + at, cr);
    ConvertEight(row.luma + at, cb, cr, out + 4 * at);
  }
}

}  // namespace
}  // namespace fovea::jpeg
