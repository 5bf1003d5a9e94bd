#include "winograd_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "bfloat16.h"

namespace fovea {
namespace {

using winograd::kBlock;
using winograd::kPositions;

constexpr double kLargestS8 = 127;
constexpr double kLargestStart = 1 << 30;
constexpr std::int64_t kWeightBytes = 4;

/** `G g Gᵀ` for one in and one out channel, by position. */
std::array<double, kPositions> Transformed(const Step& step, std::int64_t in, std::int64_t out) {
  const auto weight = [&](std::int64_t y, std::int64_t x) -> double {
    const std::int64_t pixel = (3 * y + x) * step.weights_shape[2] + in;
    return step.weights[static_cast<std::size_t>(pixel * step.weights_shape[3] + out)];
  };
  const auto expand = [](double a, double b, double c) -> std::array<double, 4> {
    return {a, (a + b + c) / 2, (a - b + c) / 2, c};
  };
  std::array<std::array<double, 4>, 3> columns;
  for (std::int64_t x = 0; x < 3; ++x)
    columns[static_cast<std::size_t>(x)] = expand(weight(0, x), weight(1, x), weight(2, x));
  std::array<double, kPositions> result;
  for (std::size_t y = 0; y < 4; ++y) {
    const auto row = expand(columns[0][y], columns[1][y], columns[2][y]);
    std::copy(row.begin(), row.end(), result.begin() + 4 * static_cast<std::ptrdiff_t>(y));
  }
  return result;
}

/** Walks through what the kernel reads: four bytes of an out channel's weights lie together. */
struct Layout {
  std::int64_t in;
  std::int64_t numbers_together;

  std::size_t OfWeight(std::int64_t position, std::int64_t place, std::int64_t out) const {
    const std::int64_t step = (out / kBlock * kPositions + position) * (in / numbers_together) + place / numbers_together;
    return static_cast<std::size_t>((step * kBlock + out % kBlock) * numbers_together + place % numbers_together);
  }
  static std::size_t OfSum(std::int64_t position, std::int64_t out) {
    return static_cast<std::size_t>((out / kBlock * kPositions + position) * kBlock + out % kBlock);
  }
};

std::int64_t BytesOf(Precision precision) {
  return precision == Precision::kFloat32 ? 4 : precision == Precision::kBfloat16 ? 2 : 1;
}

}  // namespace

winograd::Numbers NumbersOf(Precision precision) {
  switch (precision) {
    case Precision::kBfloat16:
      return winograd::Numbers::kBfloat16;
    case Precision::kInt8:
      return winograd::Numbers::kUint8;
    default:
      return winograd::Numbers::kFloat32;
  }
}

WinogradFilter::WinogradFilter(const Step& step, Precision precision, const WinogradScales& scales)
    : weights_(static_cast<std::size_t>(kPositions * step.weights_shape[2] * step.weights_shape[3] * BytesOf(precision))),
      start_(static_cast<std::size_t>(kPositions * step.weights_shape[3]) * sizeof(float)),
      sum_scales_(static_cast<std::size_t>(kPositions * step.weights_shape[3]) * sizeof(float)) {
  const std::int64_t in = step.weights_shape[2];
  const Layout layout{in, kWeightBytes / BytesOf(precision)};
  std::vector<std::array<double, kPositions>> column(static_cast<std::size_t>(in));
  for (std::int64_t out = 0; out < step.weights_shape[3]; ++out) {
    for (std::int64_t place = 0; place < in; ++place)
      column[static_cast<std::size_t>(place)] =
          Transformed(step, winograd::ChannelAt(NumbersOf(precision), place), out);
    const double bias = step.bias[static_cast<std::size_t>(out)];
    for (std::int64_t position = 0; position < kPositions; ++position) {
      const auto index = static_cast<std::size_t>(position);
      const double first = position == winograd::kBiasPosition ? bias : 0;
      const std::size_t sum = Layout::OfSum(position, out);
      if (precision != Precision::kInt8) {
        reinterpret_cast<float*>(start_.data())[sum] = static_cast<float>(first);
        for (std::int64_t place = 0; place < in; ++place) {
          const auto weight = static_cast<float>(column[static_cast<std::size_t>(place)][index]);
          const std::size_t at = layout.OfWeight(position, place, out);
          if (precision == Precision::kBfloat16)
            reinterpret_cast<std::uint16_t*>(weights_.data())[at] = ToBfloat16(weight);
          else
            reinterpret_cast<float*>(weights_.data())[at] = weight;
        }
        continue;
      }
      double largest = 0;
      for (const auto& weights : column) largest = std::max(largest, std::abs(weights[index]));
      const double scale = largest > 0 ? largest / kLargestS8 : 1;
      double total = 0;
      for (std::int64_t place = 0; place < in; ++place) {
        const double weight = std::nearbyint(column[static_cast<std::size_t>(place)][index] / scale);
        reinterpret_cast<std::int8_t*>(weights_.data())[layout.OfWeight(position, place, out)] =
            static_cast<std::int8_t>(weight);
        total += weight;
      }
      const double unit = scale * winograd::kStep * static_cast<double>(scales.input);
      const double start = std::clamp(first / unit, -kLargestStart, kLargestStart) - winograd::ZeroOf(position) * total;
      reinterpret_cast<std::int32_t*>(start_.data())[sum] = static_cast<std::int32_t>(std::nearbyint(start));
      reinterpret_cast<float*>(sum_scales_.data())[sum] = static_cast<float>(unit / static_cast<double>(scales.output));
    }
  }
}

}  // namespace fovea
