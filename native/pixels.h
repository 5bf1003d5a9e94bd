#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plan.h"
#include "program.h"

namespace fovea {

/** The values of the 256 levels of one channel, in each type that a first step may read. */
struct PixelTable {
  std::array<float, 256> floats{};
  std::array<std::uint16_t, 256> bfloats{};
  std::array<std::uint8_t, 256> bytes{};
  bool is_identity = true;
};

/** The images of a batch: either pixels, or the numbers that the model sees. The other pointer is null. */
struct Images {
  const std::uint8_t* pixels = nullptr;
  const float* numbers = nullptr;

  /** Without the first `count` values. */
  Images Skip(std::size_t count) const {
    return {pixels == nullptr ? nullptr : pixels + count, numbers == nullptr ? nullptr : numbers + count};
  }
};

/** Converts images to the type of the first step: pixels by tables of 256 entries. */
class PixelConverter {
 public:
  /** For the input of a program.
   * @param pixels how pixels become the numbers of `Images` */
  PixelConverter(const Program& program, const PixelScaling& pixels);

  /** @param count of values: whole pixels */
  void Convert(const Images& images, std::size_t count, std::byte* out) const;

 private:
  void ConvertPixels(const std::uint8_t* pixels, std::size_t count, std::byte* out) const;
  void ConvertNumbers(const float* numbers, std::size_t count, std::byte* out) const;
  void ScaleNumbers(const float* numbers, std::size_t count, std::byte* out) const;

  template <typename T>
  void LookUp(std::array<T, 256> PixelTable::* table, const std::uint8_t* pixels, std::size_t count,
              std::byte* out) const;

  std::size_t bytes_;
  /** Of int8: number = stored number * scale. */
  double scale_;
  bool is_signed_;
  /** One for all channels, or one a channel of the model. */
  std::vector<PixelTable> tables_;
  bool swaps_colors_;
  /** How numbers become the input. */
  PixelScaling numbers_;
  bool scales_numbers_;
};

}  // namespace fovea
