#include "winograd_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "bfloat16.h"

namespace fovea {
namespace {

using winograd::BytesOf;
using winograd::ChannelAt;
using winograd::kBiasPosition;
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

std::size_t Product(std::int64_t a, std::int64_t b, std::int64_t c) { return static_cast<std::size_t>(a * b * c); }

template <typename T>
T* As(const Arena& arena) {
  return reinterpret_cast<T*>(arena.data());
}

}  // namespace

/** The layout that the kernel reads: four consecutive bytes belong to one out channel. */
struct WinogradFilter::Layout {
  std::int64_t in;
  std::int64_t together;
  std::int64_t block;

  std::size_t OfWeight(std::int64_t position, std::int64_t place, std::int64_t out) const {
    const std::int64_t step = (out / block * kPositions + position) * (in / together) + place / together;
    return static_cast<std::size_t>((step * block + out % block) * together + place % together);
  }
  std::size_t OfSum(std::int64_t position, std::int64_t out) const {
    return static_cast<std::size_t>((out / block * kPositions + position) * block + out % block);
  }
};

/** The weights and bias of one sum. */
struct WinogradFilter::Column {
  std::int64_t position;
  std::int64_t out;
  /** Indexed by place in the transformed input. */
  const std::vector<double>& weights;
  double bias;
};

WinogradFilter::WinogradFilter(const Step& step, const winograd::TilesKernel& kernel, const WinogradScales& scales)
    : weights_(Product(kPositions, step.weights_shape[2], step.weights_shape[3] * BytesOf(kernel.numbers))),
      start_(Product(kPositions, step.weights_shape[3], kWeightBytes)),
      sum_scales_(Product(kPositions, step.weights_shape[3], kWeightBytes)) {
  const std::int64_t in = step.weights_shape[2];
  const Layout layout{in, kWeightBytes / BytesOf(kernel.numbers), kernel.block};
  std::vector<double> weights(static_cast<std::size_t>(in));
  std::vector<std::array<double, kPositions>> all(weights.size());
  for (std::int64_t out = 0; out < step.weights_shape[3]; ++out) {
    for (std::int64_t place = 0; place < in; ++place)
      all[static_cast<std::size_t>(place)] = Transformed(step, ChannelAt(kernel.numbers, place, kernel.block), out);
    for (std::int64_t position = 0; position < kPositions; ++position) {
      const auto index = static_cast<std::size_t>(position);
      std::transform(all.begin(), all.end(), weights.begin(), [&](const auto& one) { return one[index]; });
      const double bias = position == kBiasPosition ? static_cast<double>(step.bias[static_cast<std::size_t>(out)]) : 0;
      const Column column{position, out, weights, bias};
      if (kernel.numbers == winograd::Numbers::kUint8)
        SetInt8(layout, column, scales);
      else
        SetFloat(layout, column, kernel.numbers == winograd::Numbers::kBfloat16);
    }
  }
}

void WinogradFilter::SetFloat(const Layout& layout, const Column& column, bool is_bfloat16) {
  for (std::size_t place = 0; place < column.weights.size(); ++place) {
    const auto weight = static_cast<float>(column.weights[place]);
    const std::size_t at = layout.OfWeight(column.position, static_cast<std::int64_t>(place), column.out);
    if (is_bfloat16)
      As<std::uint16_t>(weights_)[at] = ToBfloat16(weight);
    else
      As<float>(weights_)[at] = weight;
  }
  As<float>(start_)[layout.OfSum(column.position, column.out)] = static_cast<float>(column.bias);
}

void WinogradFilter::SetInt8(const Layout& layout, const Column& column, const WinogradScales& scales) {
  double largest = 0;
  for (const double weight : column.weights) largest = std::max(largest, std::abs(weight));
  const double scale = largest > 0 ? largest / kLargestS8 : 1;
  double total = 0;
  for (std::size_t place = 0; place < column.weights.size(); ++place) {
    const double weight = std::nearbyint(column.weights[place] / scale);
    const std::size_t at = layout.OfWeight(column.position, static_cast<std::int64_t>(place), column.out);
    As<std::int8_t>(weights_)[at] = static_cast<std::int8_t>(weight);
    total += weight;
  }
  // The transformed input stores x + ZeroOf(position), which adds `excess` to each sum.
  const double excess = winograd::ZeroOf(column.position) * total;
  const double unit = scale * winograd::kStep * static_cast<double>(scales.input);
  const double bias = std::clamp(column.bias / unit, -kLargestStart, kLargestStart);
  const std::size_t sum = layout.OfSum(column.position, column.out);
  As<std::int32_t>(start_)[sum] = static_cast<std::int32_t>(std::nearbyint(bias - excess));
  As<float>(sum_scales_)[sum] = static_cast<float>(unit / static_cast<double>(scales.output));
}

}  // namespace fovea
