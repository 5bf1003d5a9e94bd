#include "jpeg.h"

#include <algorithm>
#include <array>
#include <vector>

#include "jpeg_scan.h"

namespace fovea::jpeg {
namespace {

constexpr int kBlockSide = 8;
/** Rows and columns around the wanted ones that count for the colours of these. */
constexpr std::int64_t kMargin = 2;
/** Rows of MCUs that a plane holds: the colours of a row's last pixels need the next one. */
constexpr int kHeldMcuRows = 2;

std::int64_t CeilDivide(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

/** The samples of one component, as many rows as are needed at a time. */
struct Plane {
  std::vector<std::uint8_t> samples;
  std::int64_t stride = 0;
  int mcu_rows = 0;
  /** Of the whole picture. */
  std::int64_t width = 0;
  std::int64_t height = 0;

  std::uint8_t* Row(std::int64_t row) { return samples.data() + row % (kHeldMcuRows * mcu_rows) * stride; }
};

class Decoder {
 public:
  Decoder(const File& file, const Decoding& how, const PictureKernels& kernels, RowSink& sink)
      : file_(file), how_(how), kernels_(kernels), sink_(sink), scan_(file) {
    const FileComponent& luma = file.components[0];
    const int block = kBlockSide / how.shrink;
    mcu_width_ = luma.across * block;
    mcu_height_ = luma.down * block;
    width_ = CeilDivide(file.width, how.shrink);
    height_ = CeilDivide(file.height, how.shrink);
    mcus_across_ = static_cast<int>(CeilDivide(width_, mcu_width_));
    mcus_down_ = static_cast<int>(CeilDivide(height_, mcu_height_));
    row_.component_count = file.component_count;
    for (int index = 0; index < file.component_count; ++index) PreparePlane(index, block);
    first_needed_ = static_cast<int>(std::max<std::int64_t>(0, how.columns.first - kMargin) / mcu_width_);
    end_needed_ = static_cast<int>(std::min<std::int64_t>(mcus_across_, CeilDivide(how.columns.end + kMargin, mcu_width_)));
    PrepareColors();
  }

  Outcome Run() {
    if (!scan_.Next(IsLastPiece(), row_.reader)) return Outcome::kNotPlain;
    for (int mcu_row = 0; mcu_row < mcus_down_; ++mcu_row) {
      if (std::chrono::steady_clock::now() > how_.deadline) return Outcome::kLate;
      if (!DecodeRow(mcu_row)) return Outcome::kNotPlain;
      const bool is_last = mcu_row + 1 == mcus_down_;
      // The last row of pixels needs the colours of the next MCUs.
      EmitTo(is_last ? height_ : std::int64_t{mcu_row + 1} * mcu_height_ - (color_.is_halved_down ? 1 : 0));
    }
    return Scan::IsUsedUp(row_.reader) ? Outcome::kDecoded : Outcome::kNotPlain;
  }

 private:
  void PreparePlane(int index, int block) {
    const FileComponent& luma = file_.components[0];
    const FileComponent& from = file_.components[static_cast<std::size_t>(index)];
    Component& component = row_.components[index];
    component.dc = &file_.dc[from.dc];
    component.ac = &file_.ac[from.ac];
    component.quantization = file_.quantization[from.quantization].data();
    component.across = from.across;
    component.down = from.down;
    // A shrunk picture has its colours in full size, as far as a block holds so many.
    component.block_width = std::min(kBlockSide, block * luma.across / from.across);
    component.block_height = std::min(kBlockSide, block * luma.down / from.down);
    component.prediction = 0;
    Plane& plane = planes_[static_cast<std::size_t>(index)];
    plane.mcu_rows = from.down * component.block_height;
    plane.stride = std::int64_t{mcus_across_} * from.across * component.block_width + kRowPadding;
    plane.width = CeilDivide(width_ * from.across * component.block_width, mcu_width_);
    plane.height = CeilDivide(height_ * from.down * component.block_height, mcu_height_);
    plane.samples.resize(static_cast<std::size_t>(kHeldMcuRows * plane.mcu_rows * plane.stride));
    component.stride = plane.stride;
  }

  void PrepareColors() {
    const std::int64_t left = std::int64_t{first_needed_} * mcu_width_;
    color_ = {};
    color_.width = static_cast<int>(std::min(width_, std::int64_t{end_needed_} * mcu_width_) - left);
    pixels_.resize(static_cast<std::size_t>(kLanes * (width_ + kPixelPadding + kRowPadding)));
    if (file_.component_count == 1) return;
    const Component& component = row_.components[1];
    color_.is_halved_across = component.block_width < mcu_width_;
    color_.is_halved_down = component.block_height < mcu_height_;
    color_left_ = left * component.block_width / mcu_width_;
    color_.color_width = static_cast<int>(std::min(planes_[1].width, std::int64_t{end_needed_} * component.block_width) - color_left_);
    const auto room = static_cast<std::size_t>(2 * color_.color_width + kRowPadding);
    mixed_.resize(room);
    for (auto& upsampled : upsampled_) upsampled.resize(room);
    color_.mixed = mixed_.data();
    color_.upsampled[0] = upsampled_[0].data();
    color_.upsampled[1] = upsampled_[1].data();
  }

  std::int64_t McusLeft() const { return std::int64_t{mcus_across_} * mcus_down_ - decoded_; }
  bool IsLastPiece() const { return file_.restart_interval == 0 || McusLeft() <= file_.restart_interval; }

  bool DecodeRow(int mcu_row) {
    const std::int64_t top = std::int64_t{mcu_row} * mcu_height_;
    const bool is_needed = top < how_.rows.end + kMargin && top + mcu_height_ > how_.rows.first - kMargin;
    row_.first_needed = is_needed ? first_needed_ : 0;
    row_.end_needed = is_needed ? end_needed_ : 0;
    for (int index = 0; index < row_.component_count; ++index) {
      Plane& plane = planes_[static_cast<std::size_t>(index)];
      row_.components[index].pixels = plane.Row(std::int64_t{mcu_row} * plane.mcu_rows);
    }
    for (int column = 0; column < mcus_across_;) {
      if (in_piece_ == file_.restart_interval && in_piece_ != 0 && !Restart()) return false;
      int count = mcus_across_ - column;
      if (file_.restart_interval != 0) count = std::min(count, file_.restart_interval - in_piece_);
      if (!kernels_.decode(row_, column, count)) return false;
      column += count;
      in_piece_ += count;
      decoded_ += count;
    }
    return true;
  }

  bool Restart() {
    if (!Scan::IsUsedUp(row_.reader) || !scan_.Next(IsLastPiece(), row_.reader)) return false;
    for (Component& component : row_.components) component.prediction = 0;
    in_piece_ = 0;
    return true;
  }

  void EmitTo(std::int64_t end) {
    for (end = std::min(end, how_.rows.end); next_row_ < end; ++next_row_)
      if (next_row_ >= how_.rows.first) Emit(next_row_);
  }

  void Emit(std::int64_t row) {
    const std::int64_t left = std::int64_t{first_needed_} * mcu_width_;
    color_.luma = planes_[0].Row(row) + left;
    if (file_.component_count > 1) PointToColors(row);
    kernels_.color(color_, pixels_.data() + kLanes * left);
    sink_.Take(row, pixels_.data());
  }

  /** The row of colours that is nearest, and its neighbour on the other side; at the edges it is its own neighbour. */
  void PointToColors(std::int64_t row) {
    const std::int64_t near = color_.is_halved_down ? row / 2 : row;
    color_.is_upper = row % 2 == 0;
    for (std::size_t which = 0; which < 2; ++which) {
      Plane& plane = planes_[1 + which];
      const std::int64_t far = std::clamp<std::int64_t>(near + (color_.is_upper ? -1 : 1), 0, plane.height - 1);
      color_.near[which] = plane.Row(near) + color_left_;
      color_.far[which] = plane.Row(far) + color_left_;
    }
  }

  const File& file_;
  const Decoding& how_;
  const PictureKernels& kernels_;
  RowSink& sink_;
  Scan scan_;
  McuRow row_{};
  std::array<Plane, kMostComponents> planes_;
  ColorRow color_{};
  std::int64_t color_left_ = 0;
  std::vector<std::int16_t> mixed_;
  std::array<std::vector<std::uint8_t>, 2> upsampled_;
  std::vector<std::uint8_t> pixels_;
  int mcu_width_ = 0;
  int mcu_height_ = 0;
  std::int64_t width_ = 0;
  std::int64_t height_ = 0;
  int mcus_across_ = 0;
  int mcus_down_ = 0;
  int first_needed_ = 0;
  int end_needed_ = 0;
  int in_piece_ = 0;
  std::int64_t decoded_ = 0;
  std::int64_t next_row_ = 0;
};

}  // namespace

Outcome Decode(const File& file, const Decoding& how, const PictureKernels& kernels, RowSink& sink) {
  return Decoder(file, how, kernels, sink).Run();
}

}  // namespace fovea::jpeg
