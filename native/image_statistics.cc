#include "image_statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fovea {

ImageStatistics Measure(const std::uint8_t* pixels, const PictureForm& form, const PictureKernels& kernels) {
  const auto width = static_cast<int>(form.width);
  std::vector<std::int32_t> lumas(2 * form.width);
  std::int32_t* luma = lumas.data();
  std::int32_t* above = luma + width;
  StatisticsSums sums;
  for (std::uint32_t y = 0; y < form.height; ++y, std::swap(luma, above))
    kernels.measure({pixels + y * form.RowBytes(), width, static_cast<int>(form.channels), luma, y == 0 ? nullptr : above}, sums);
  const double count = static_cast<double>(form.width) * form.height;
  const double brightness = static_cast<double>(sums.luma) / count / kWhite;
  const double square = static_cast<double>(sums.squares_of_luma) / count / kWhite / kWhite;
  const double pairs = 2 * count - form.width - form.height;
  return {brightness, 2 * std::sqrt(std::max(0.0, square - brightness * brightness)),
          static_cast<double>(sums.saturation) / count / kPure,
          pairs == 0 ? 0 : static_cast<double>(sums.differences) / pairs / kWhite};
}

}  // namespace fovea
