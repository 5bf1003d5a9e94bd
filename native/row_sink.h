#pragma once

#include <cstdint>

namespace fovea {

/** Pixels from the first to before the end. */
struct Span {
  std::int64_t first;
  std::int64_t end;
};

/** Takes the rows of a picture, topmost first. */
class RowSink {
 public:
  virtual ~RowSink() = default;
  /** @param pixels uint8 `[width, kLanes]`: red, green, blue and one value without meaning; or four times grey.
   *   `kPixelPadding` pixels follow. Only read. */
  virtual void Take(std::int64_t row, const std::uint8_t* pixels) = 0;
};

}  // namespace fovea
