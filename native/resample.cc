#include "resample.h"

#include <vector>

#include "row_resampler.h"
#include "widen_row.h"

namespace fovea {
namespace {

constexpr std::int64_t kLongestSide = 1 << 24;

bool IsInside(std::int64_t start, std::int64_t length, std::int64_t whole) {
  return start >= 0 && length >= 1 && whole <= kLongestSide && start <= whole - length;
}

}  // namespace

bool Resampling::IsSound() const {
  return (channels == 1 || channels == 3) && (channels == 3 || !to_grey) && width <= kLongestSide &&
         height <= kLongestSide && IsInside(box_left, box_width, width) && IsInside(box_top, box_height, height) &&
         IsInside(left, out_width, full_width) && IsInside(top, out_height, full_height);
}

void Resample(const Resampling& how, const std::uint8_t* in, std::uint8_t* out) {
  const std::int64_t channels = how.OutChannels();
  const Target target{out, channels, channels * how.out_width, channels};
  const auto resampler = MakeRowResampler(how, 1, BestKernels(), target);
  const Span columns = resampler->Columns();
  std::vector<std::uint8_t> row(static_cast<std::size_t>(kLanes * (columns.end + kPixelPadding)));
  for (std::int64_t y = resampler->Rows().first; y < resampler->Rows().end; ++y) {
    WidenRow(in + y * how.width * how.channels, how.channels, columns, row.data());
    resampler->Take(y, row.data());
  }
}

}  // namespace fovea
