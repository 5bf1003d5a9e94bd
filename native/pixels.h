#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "program.h"

namespace fovea {

/** Converts pixels to the type of the first step by a table of 256 entries. */
class PixelTable {
 public:
  /** @param input determines the type and scale */
  PixelTable(const Value& input, double scale, double offset);

  void Convert(const std::uint8_t* pixels, std::size_t count, std::byte* out) const;

 private:
  std::size_t bytes_;
  std::array<float, 256> floats_{};
  std::array<std::uint16_t, 256> bfloats_{};
  std::array<std::uint8_t, 256> bytes_table_{};
  bool is_identity_ = false;
};

}  // namespace fovea
