#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "resample.h"
#include "resample_rows.h"

namespace fovea {

/** One direction of a resampling. */
struct Axis {
  /** Pixels of the source. */
  std::int64_t in;
  /** The length that is stretched, and where it begins; other than `in` and 0 only where the source was shrunk. */
  double size;
  double offset;
  /** Pixels of the whole result. */
  std::int64_t full;
  /** The pixels of the result that are computed. */
  std::int64_t start;
  std::int64_t count;
  bool antialias;
  bool align_corners;

  /** Pixels of the source for one of the result. */
  double Step() const {
    if (align_corners) return full > 1 ? (size - 1) / static_cast<double>(full - 1) : 0;
    return size / static_cast<double>(full);
  }
  /** The middle of a pixel of the result, in pixels of the source; the first one reaches from 0 to 1. */
  double Center(std::int64_t index) const {
    return offset + (align_corners ? static_cast<double>(index) * Step() + 0.5 : (static_cast<double>(index) + 0.5) * Step());
  }
};

/** The half-width of a kernel, in pixels of the source where it is not widened. */
inline double SupportOf(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kBicubic: return 2;
    case Interpolation::kLanczos3: return 3;
    default: return 1;
  }
}

/** @source R. G. Keys, "Cubic convolution interpolation for digital image processing" (1981), with a = -0.5 */
inline double Cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

inline double Sinc(double x) {
  constexpr double pi = 3.14159265358979323846;
  return x == 0 ? 1 : std::sin(x * pi) / (x * pi);
}

inline double KernelAt(Interpolation interpolation, double x) {
  switch (interpolation) {
    case Interpolation::kBicubic: return Cubic(x);
    case Interpolation::kLanczos3: return x >= -3 && x < 3 ? Sinc(x) * Sinc(x / 3) : 0;
    default: return std::max(0.0, 1 - std::abs(x));
  }
}

/** The pixels of the source that one pixel of the result is made of. */
template <typename Number>
struct Window {
  std::int64_t first;
  std::int64_t count;
  const Number* weights;
};

/** Picks whole pixels. The places add up in steps, because Pillow's do: their rounding decides ties. */
inline std::vector<std::int64_t> NearestPlaces(const Axis& axis) {
  std::vector<std::int64_t> places;
  const double step = axis.Step();
  double at = axis.align_corners ? 0.5 : step * 0.5;
  for (std::int64_t index = 0; index < axis.start + axis.count; ++index, at += step)
    if (index >= axis.start) places.push_back(std::clamp<std::int64_t>(static_cast<std::int64_t>(at), 0, axis.in - 1));
  return places;
}

/** The windows of an axis. Numbers are int32 in fixed point, or float. */
template <typename Number>
class Windows {
 public:
  static constexpr bool kIsFixed = std::is_same_v<Number, std::int32_t>;
  /** What lies between the two passes. */
  using Between = std::conditional_t<kIsFixed, std::uint8_t, float>;

  Windows(const Axis& axis, Interpolation interpolation) {
    const double widening = axis.antialias ? std::max(1.0, axis.Step()) : 1;
    const double support = SupportOf(interpolation) * widening;
    // Multiplied, not divided: Pillow's weights, to the last bit.
    const double narrowing = 1 / widening;
    places_.reserve(static_cast<std::size_t>(axis.count));
    for (std::int64_t index = axis.start; index < axis.start + axis.count; ++index) {
      const double center = axis.Center(index);
      const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(center - support + 0.5));
      const auto end = std::min(axis.in, static_cast<std::int64_t>(center + support + 0.5));
      places_.push_back({first, end - first, weights_.size()});
      AddWeights(first, end, [&](double at) { return KernelAt(interpolation, (at - center + 0.5) * narrowing); });
    }
  }

  std::size_t size() const { return places_.size(); }
  Window<Number> operator[](std::size_t index) const {
    const Place& place = places_[index];
    return {place.first, place.count, weights_.data() + place.weights};
  }
  /** The first pixel of the source that any window covers, and the one behind the last. */
  std::int64_t First() const { return places_.front().first; }
  std::int64_t End() const { return places_.back().first + places_.back().count; }

 private:
  struct Place {
    std::int64_t first;
    std::int64_t count;
    std::size_t weights;
  };

  /** They sum to 1, also where the edge of the picture cuts the kernel off. */
  template <typename Kernel>
  void AddWeights(std::int64_t first, std::int64_t end, const Kernel& kernel) {
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t at = first; at < end; ++at) {
      weights.push_back(kernel(static_cast<double>(at)));
      sum += weights.back();
    }
    for (const double weight : weights) weights_.push_back(ToNumber(sum == 0 ? weight : weight / sum));
  }

  static Number ToNumber(double weight) {
    if constexpr (kIsFixed) {
      const double scaled = weight * (1 << kWeightBits);
      return static_cast<Number>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    } else {
      return static_cast<Number>(weight);
    }
  }

  std::vector<Place> places_;
  std::vector<Number> weights_;
};

}  // namespace fovea
