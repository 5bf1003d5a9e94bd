#include "row_resampler.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "luma.h"
#include "resample_kernel.h"

namespace fovea {
namespace {

/** The pixels of a direction that are stretched, and how. */
struct Side {
  Axis axis;
  /** The first pixel of the rows that belongs to them. */
  std::int64_t first;
};

/** Where shrunk pixels lie partly in the box, they count as if they did with this part of them. */
Side MakeSide(std::int64_t box_start, std::int64_t box_length, Axis axis, int shrink) {
  const double start = static_cast<double>(box_start) / shrink;
  const double end = static_cast<double>(box_start + box_length) / shrink;
  const auto first = static_cast<std::int64_t>(std::floor(start));
  axis.in = static_cast<std::int64_t>(std::ceil(end)) - first;
  axis.size = end - start;
  axis.offset = start - static_cast<double>(first);
  return {axis, first};
}

Side Across(const Resampling& how, int shrink) {
  return MakeSide(how.box_left, how.box_width,
                  {0, 0, 0, how.full_width, how.left, how.out_width, how.antialias, how.align_corners}, shrink);
}

Side Down(const Resampling& how, int shrink) {
  return MakeSide(how.box_top, how.box_height,
                  {0, 0, 0, how.full_height, how.top, how.out_height, how.antialias, how.align_corners}, shrink);
}

void WriteRow(const Target& target, std::int64_t row, const std::uint8_t* pixels, std::int64_t count) {
  std::uint8_t* to = target.pixels + row * target.down;
  if (target.channels == 1) {
    for (std::int64_t at = 0; at < count; ++at, to += target.across) *to = pixels[kLanes * at];
    return;
  }
  for (std::int64_t at = 0; at < count; ++at, to += target.across, pixels += kLanes) {
    to[0] = pixels[0];
    to[1] = pixels[1];
    to[2] = pixels[2];
  }
}

class NearestResampler final : public RowResampler {
 public:
  NearestResampler(const Resampling& how, int shrink, const Target& target)
      : across_(Across(how, shrink)), down_(Down(how, shrink)), target_(target), columns_(NearestPlaces(across_.axis)),
        rows_(NearestPlaces(down_.axis)), result_(columns_.size() * kLanes) {}

  Span Rows() const override { return {down_.first + rows_.front(), down_.first + rows_.back() + 1}; }
  Span Columns() const override { return {across_.first + columns_.front(), across_.first + columns_.back() + 1}; }

  void Take(std::int64_t row, const std::uint8_t* pixels) override {
    if (next_ == rows_.size() || rows_[next_] != row - down_.first) return;
    std::uint8_t* out = result_.data();
    for (const std::int64_t column : columns_)
      out = std::copy_n(pixels + kLanes * (across_.first + column), kLanes, out);
    for (; next_ < rows_.size() && rows_[next_] == row - down_.first; ++next_)
      WriteRow(target_, static_cast<std::int64_t>(next_), result_.data(), static_cast<std::int64_t>(columns_.size()));
  }

 private:
  Side across_;
  Side down_;
  Target target_;
  std::vector<std::int64_t> columns_;
  std::vector<std::int64_t> rows_;
  std::vector<std::uint8_t> result_;
  std::size_t next_ = 0;
};

/** Across, then down, as Pillow does. Numbers are int32 in fixed point, or float. */
template <typename Number>
class PassResampler final : public RowResampler {
  using Between = typename Windows<Number>::Between;

 public:
  PassResampler(const Resampling& how, int shrink, const PictureKernels& kernels, const Target& target)
      : PassResampler(Across(how, shrink), Down(how, shrink), how, kernels, target) {}

  Span Rows() const override { return {first_row_ + down_.First(), first_row_ + down_.End()}; }
  Span Columns() const override { return columns_; }

  void Take(std::int64_t row, const std::uint8_t* pixels) override {
    const std::int64_t source = row - first_row_;
    if (next_ == down_.size() || source < down_[next_].first) return;
    Narrow(pixels, Held(source));
    for (; next_ < down_.size(); ++next_) {
      const Window<Number> window = down_[next_];
      if (window.first + window.count > source + 1) return;
      WriteWindow(window);
    }
  }

 private:
  PassResampler(const Side& across, const Side& down, const Resampling& how, const PictureKernels& kernels,
                const Target& target)
      : kernels_(kernels), target_(target), down_(down.axis, how.interpolation), first_row_(down.first),
        count_(how.out_width), values_((kLanes * how.out_width + 7) / 8 * 8) {
    const Windows<Number> windows(across.axis, how.interpolation);
    columns_ = {across.first + windows.First(), across.first + windows.End()};
    pairs_ = (LongestOf(windows) + 1) / 2;
    for (std::size_t index = 0; index < windows.size(); ++index) AddTaps(windows[index], across);
    // Kernels compute two pixels at a time.
    if (windows.size() % 2 == 1) AddTaps(windows[windows.size() - 1], across);
    held_rows_ = LongestOf(down_);
    held_.resize(static_cast<std::size_t>(held_rows_ * values_));
    in_window_.resize(static_cast<std::size_t>(held_rows_));
    result_.resize(static_cast<std::size_t>(values_));
  }

  static std::int64_t LongestOf(const Windows<Number>& windows) {
    std::int64_t longest = 1;
    for (std::size_t index = 0; index < windows.size(); ++index) longest = std::max(longest, windows[index].count);
    return longest;
  }

  /** Shorter windows get taps of weight 0, to the left where nothing is to the right. */
  void AddTaps(const Window<Number>& window, const Side& across) {
    const std::int64_t first = std::max<std::int64_t>(0, std::min(window.first, across.axis.in - 2 * pairs_));
    first_.push_back(static_cast<std::int32_t>(across.first + first));
    for (std::int64_t at = first; at < first + 2 * pairs_; ++at) {
      const std::int64_t tap = at - window.first;
      taps_.insert(taps_.end(), kLanes, tap >= 0 && tap < window.count ? window.weights[tap] : Number{0});
    }
  }

  Between* Held(std::int64_t source) { return held_.data() + source % held_rows_ * values_; }

  void Narrow(const std::uint8_t* pixels, Between* out) {
    const Taps<Number> taps{static_cast<int>(count_), static_cast<int>(pairs_), first_.data(), taps_.data()};
    if constexpr (Windows<Number>::kIsFixed) kernels_.across_fixed(taps, pixels, out);
    else kernels_.across_float(taps, pixels, out);
  }

  void WriteWindow(const Window<Number>& window) {
    for (std::int64_t tap = 0; tap < window.count; ++tap)
      in_window_[static_cast<std::size_t>(tap)] = Held(window.first + tap);
    const Column<Number, Between> column{static_cast<int>(window.count), window.weights, in_window_.data(),
                                         static_cast<int>(values_)};
    if constexpr (Windows<Number>::kIsFixed) kernels_.down_fixed(column, result_.data());
    else kernels_.down_float(column, result_.data());
    WriteRow(target_, static_cast<std::int64_t>(next_), result_.data(), count_);
  }

  const PictureKernels& kernels_;
  Target target_;
  Windows<Number> down_;
  std::int64_t first_row_;
  /** Pixels of a row of the result, and its values in whole vectors. */
  std::int64_t count_;
  std::int64_t values_;
  Span columns_{};
  std::vector<std::int32_t> first_;
  std::int64_t pairs_ = 0;
  std::vector<Number> taps_;
  /** Rows that were resampled across, by their number modulo `held_rows_`. */
  std::int64_t held_rows_ = 1;
  std::vector<Between> held_;
  std::vector<const Between*> in_window_;
  std::vector<std::uint8_t> result_;
  /** The next row of the result. */
  std::size_t next_ = 0;
};

/** Makes rows grey before they are resampled. */
class GreyResampler final : public RowResampler {
 public:
  explicit GreyResampler(std::unique_ptr<RowResampler> resampler)
      : resampler_(std::move(resampler)),
        row_(static_cast<std::size_t>(kLanes * (resampler_->Columns().end + kPixelPadding))) {}

  Span Rows() const override { return resampler_->Rows(); }
  Span Columns() const override { return resampler_->Columns(); }

  void Take(std::int64_t row, const std::uint8_t* pixels) override {
    const auto [first, end] = Columns();
    for (std::int64_t at = first; at < end; ++at) {
      const std::uint8_t luma = Luma(pixels + kLanes * at);
      for (int lane = 0; lane < kLanes; ++lane) row_[static_cast<std::size_t>(kLanes * at + lane)] = luma;
    }
    resampler_->Take(row, row_.data());
  }

 private:
  std::unique_ptr<RowResampler> resampler_;
  std::vector<std::uint8_t> row_;
};

std::unique_ptr<RowResampler> MakeColored(const Resampling& how, int shrink, const PictureKernels& kernels, const Target& target) {
  if (how.interpolation == Interpolation::kNearest) return std::make_unique<NearestResampler>(how, shrink, target);
  if (how.antialias) return std::make_unique<PassResampler<std::int32_t>>(how, shrink, kernels, target);
  return std::make_unique<PassResampler<float>>(how, shrink, kernels, target);
}

}  // namespace

std::unique_ptr<RowResampler> MakeRowResampler(const Resampling& how, int shrink, const PictureKernels& kernels,
                                               const Target& target) {
  auto resampler = MakeColored(how, shrink, kernels, target);
  return how.to_grey ? std::make_unique<GreyResampler>(std::move(resampler)) : std::move(resampler);
}

}  // namespace fovea
