#include "resample.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "luma.h"
#include "resample_kernel.h"

namespace fovea {
namespace {

constexpr std::int64_t kLongestSide = 1 << 24;

bool IsInside(std::int64_t start, std::int64_t length, std::int64_t whole) {
  return start >= 0 && length >= 1 && whole <= kLongestSide && start <= whole - length;
}

/** Picks whole pixels. The places add up in steps, because Pillow's do: their rounding decides ties. */
std::vector<std::int64_t> NearestPlaces(const Axis& axis) {
  std::vector<std::int64_t> places;
  const double step = axis.Step();
  double at = axis.align_corners ? 0.5 : step * 0.5;
  for (std::int64_t index = 0; index < axis.start + axis.count; ++index, at += step)
    if (index >= axis.start) places.push_back(std::clamp<std::int64_t>(static_cast<std::int64_t>(at), 0, axis.in - 1));
  return places;
}

struct Picture {
  const std::uint8_t* pixels;
  /** Values from one row to the next. */
  std::int64_t stride;
  std::int64_t channels;

  const std::uint8_t* Row(std::int64_t row) const { return pixels + row * stride; }
};

void PickNearest(const Axis& across, const Axis& down, const Picture& in, std::uint8_t* out) {
  const std::vector<std::int64_t> columns = NearestPlaces(across);
  for (const std::int64_t row : NearestPlaces(down)) {
    const std::uint8_t* from = in.Row(row);
    for (const std::int64_t column : columns) {
      const std::uint8_t* pixel = from + column * in.channels;
      out = std::copy(pixel, pixel + in.channels, out);
    }
  }
}

/** One row of the picture, narrowed or widened. */
template <typename Number, int kChannels>
void ResampleRow(const Windows<Number>& windows, const std::uint8_t* in, typename Windows<Number>::Between* out) {
  for (std::size_t index = 0; index < windows.size(); ++index) {
    const Window<Number> window = windows[index];
    const std::uint8_t* from = in + window.first * kChannels;
    Number sums[kChannels];
    for (Number& sum : sums) sum = Windows<Number>::kHalf;
    for (std::int64_t tap = 0; tap < window.count; ++tap)
      for (int channel = 0; channel < kChannels; ++channel)
        sums[channel] += static_cast<Number>(from[tap * kChannels + channel]) * window.weights[tap];
    for (int channel = 0; channel < kChannels; ++channel)
      out[index * kChannels + channel] = Windows<Number>::ToBetween(sums[channel]);
  }
}

/** One row of the result, of the rows of the picture that its window covers. */
template <typename Number>
void ResampleColumn(const Window<Number>& window, const typename Windows<Number>::Between* in, std::int64_t values,
                    std::vector<Number>& sums, std::uint8_t* out) {
  std::fill(sums.begin(), sums.end(), Windows<Number>::kHalf);
  Number* const to = sums.data();
  for (std::int64_t tap = 0; tap < window.count; ++tap) {
    const Number weight = window.weights[tap];
    const auto* const from = in + tap * values;
    for (std::int64_t index = 0; index < values; ++index) to[index] += static_cast<Number>(from[index]) * weight;
  }
  for (std::int64_t index = 0; index < values; ++index) out[index] = Windows<Number>::Byte(to[index]);
}

/** Across, then down, as Pillow does; a pass that changes nothing is left out. */
template <typename Number, int kChannels>
void ResampleBy(const Axis& across, const Axis& down, Interpolation interpolation, const Picture& in,
                std::uint8_t* out) {
  using Between = typename Windows<Number>::Between;
  const Windows<Number> columns(across, interpolation);
  const Windows<Number> rows(down, interpolation);
  const std::int64_t values = across.count * kChannels;
  const std::int64_t first = rows.First();
  std::vector<Between> between(static_cast<std::size_t>((rows.End() - first) * values));
  for (std::int64_t row = first; row < rows.End(); ++row) {
    Between* const to = between.data() + (row - first) * values;
    if (across.IsIdentity()) {
      std::copy_n(in.Row(row) + across.start * kChannels, values, to);
    } else {
      ResampleRow<Number, kChannels>(columns, in.Row(row), to);
    }
  }
  std::vector<Number> sums(static_cast<std::size_t>(values));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const Window<Number> window = rows[row];
    const Between* const from = between.data() + (window.first - first) * values;
    std::uint8_t* const to = out + static_cast<std::int64_t>(row) * values;
    if (down.IsIdentity() && std::is_same_v<Between, std::uint8_t>) {
      std::copy_n(between.data() + (down.start + static_cast<std::int64_t>(row) - first) * values, values, to);
    } else {
      ResampleColumn<Number>(window, from, values, sums, to);
    }
  }
}

template <typename Number>
void ResampleIn(const Resampling& how, const Picture& in, std::uint8_t* out) {
  const Axis across{how.box_width, how.full_width, how.left, how.out_width, how.antialias, how.align_corners};
  const Axis down{how.box_height, how.full_height, how.top, how.out_height, how.antialias, how.align_corners};
  if (how.interpolation == Interpolation::kNearest) return PickNearest(across, down, in, out);
  if (in.channels == 1) return ResampleBy<Number, 1>(across, down, how.interpolation, in, out);
  ResampleBy<Number, 3>(across, down, how.interpolation, in, out);
}

}  // namespace

bool Resampling::IsSound() const {
  return (channels == 1 || channels == 3) && (channels == 3 || !to_grey) && width <= kLongestSide &&
         height <= kLongestSide && IsInside(box_left, box_width, width) && IsInside(box_top, box_height, height) &&
         IsInside(left, out_width, full_width) && IsInside(top, out_height, full_height);
}

void Resample(const Resampling& how, const std::uint8_t* in, std::uint8_t* out) {
  std::vector<std::uint8_t> grey;
  Picture box{in, how.width * how.channels, how.channels};
  if (how.to_grey) {
    grey = Luma(in, how.width * how.height);
    box = {grey.data(), how.width, 1};
  }
  box.pixels += how.box_top * box.stride + how.box_left * box.channels;
  if (how.antialias) return ResampleIn<std::int32_t>(how, box, out);
  ResampleIn<float>(how, box, out);
}

}  // namespace fovea
