#pragma once

#include <cstdint>
#include <vector>

#include "jpeg_file.h"

namespace fovea::jpeg {

/** The coded data of a file, from one restart marker to the next. */
class Scan {
 public:
  explicit Scan(const File& file) : at_(file.scan), end_(file.end) {}

  /** Makes the next piece ready. False when no marker ends it, or one that has no place there. */
  bool Next(bool is_last, BitReader& reader);
  /** Whether the piece was read to its end. */
  static bool IsUsedUp(const BitReader& reader);

 private:
  std::uint8_t RemoveStuffing();

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  /** The piece without stuffed bytes, then `kPadding` zeros. */
  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;
  int restarts_ = 0;
};

}  // namespace fovea::jpeg
