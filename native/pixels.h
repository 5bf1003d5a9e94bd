#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "program.h"

namespace fovea {

/** What each of the 256 pixels becomes in the type that the first step reads: scaling costs one look-up a pixel. */
class PixelTable {
 public:
  /** @param input whose type and scale decide */
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
