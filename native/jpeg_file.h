#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "jpeg_kernels.h"

namespace fovea::jpeg {

struct FileComponent {
  std::uint8_t id = 0;
  std::uint8_t across = 0;
  std::uint8_t down = 0;
  std::uint8_t quantization = 0;
  std::uint8_t dc = 0;
  std::uint8_t ac = 0;
};

/** The header of a plain file: 8 bits, one sequential scan with Huffman codes, grey or YCbCr, colours of full or half size. */
struct File {
  int width = 0;
  int height = 0;
  int component_count = 0;
  std::array<FileComponent, kMostComponents> components;
  std::array<std::array<std::uint16_t, kQuantizers>, 4> quantization;
  std::array<HuffmanTable, 4> dc;
  std::array<HuffmanTable, 4> ac;
  /** MCUs between two restart markers; 0 for none. */
  int restart_interval = 0;
  /** Whether there are segments of applications beside JFIF: EXIF may rotate the picture, a profile or Adobe's changes colours. */
  bool has_application_data = false;
  /** The coded data, up to the end of the file. */
  const std::uint8_t* scan = nullptr;
  const std::uint8_t* end = nullptr;
};

/**
 * Reads the segments before the coded data. EXIF and colour profiles are not looked at.
 * @returns false for every other file, and for every damaged one
 * @source ITU-T T.81, annex B; T.871, 10 (JFIF)
 */
bool ReadFile(const std::uint8_t* bytes, std::size_t size, File& file);

}  // namespace fovea::jpeg
