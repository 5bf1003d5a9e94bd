#pragma once

// See picture_kernels.h for what this file may include.
#include <cstddef>
#include <cstdint>

namespace fovea::jpeg {

/** Bits that one lookup decodes. */
inline constexpr int kLookupBits = 10;
inline constexpr int kLongestCode = 16;
/** Position after the last coefficient of a block. */
inline constexpr unsigned kBlockEnd = 64;
/** An end-of-block code advances by this much, beyond the place that any run of zeros can reach. */
inline constexpr unsigned kEndAdvance = 80;
/** Bytes that may be read after the last byte of coded data: the largest MCU, six blocks of 64 symbols of up to 31 bits, and the
 * words around it. */
inline constexpr std::size_t kPadding = 6 * 64 * 4 + 32;
/** Entries of a quantization table: for every place that an advance can reach. */
inline constexpr std::size_t kQuantizers = kBlockEnd + kEndAdvance;

/** What a lookup finds: the bits of code and value together, the coefficients to go forward, the bits of the code, the bits of
 * the value, and whether the code of an end of block follows, whose bits are counted too. Zero: the code is longer. */
struct Symbol {
  static constexpr std::uint32_t Make(unsigned total, unsigned advance, unsigned code, unsigned size, bool ends) {
    return total | advance << 8 | code << 16 | size << 24 | static_cast<unsigned>(ends) << 28;
  }
  static constexpr unsigned Total(std::uint32_t symbol) { return symbol & 0xff; }
  static constexpr unsigned Advance(std::uint32_t symbol) { return symbol >> 8 & 0xff; }
  static constexpr unsigned Code(std::uint32_t symbol) { return symbol >> 16 & 0xff; }
  static constexpr unsigned Size(std::uint32_t symbol) { return symbol >> 24 & 0xf; }
  static constexpr unsigned Ends(std::uint32_t symbol) { return symbol >> 28; }
};

/** @param value of the table of codes: zeros before the coefficient, and the bits of its value
 * @source ITU-T T.81, F.1.2.2 and F.2.2.2; a size of 0 without 15 zeros ends the block, as in libjpeg */
constexpr std::uint32_t MakeSymbol(unsigned value, unsigned code_bits, bool is_dc) {
  const unsigned size = value & 15;
  if (is_dc) return Symbol::Make(code_bits + size, 1, code_bits, size, false);
  const unsigned zeros = value >> 4;
  const unsigned advance = size == 0 && zeros != 15 ? kEndAdvance : zeros + 1;
  return Symbol::Make(code_bits + size, advance, code_bits, size, false);
}

struct HuffmanTable {
  std::uint32_t lookup[1 << kLookupBits];
  /** Indexed by code length: `limit` is the least 16-bit value of longer codes; a code plus `offset` is the index of its symbol. */
  std::uint32_t limit[kLongestCode + 2];
  std::int32_t offset[kLongestCode + 1];
  std::uint8_t counts[kLongestCode];
  std::uint8_t symbols[256];
  /** Whether everything else was made, of the counts and symbols. */
  bool is_made = false;
  bool is_dc;
  bool is_defined;
};

/** Coded data without stuffed bytes, and the place in it. */
struct BitReader {
  const std::uint8_t* start;
  /** `kPadding` bytes follow. */
  const std::uint8_t* end;
  /** The byte whose bits come after `count` bits. */
  const std::uint8_t* next;
  /** The next bits, highest first; at least `count`. */
  std::uint64_t bits;
  unsigned count;

  std::int64_t UsedBits() const { return (next - start) * 8 - static_cast<std::int64_t>(count); }
};

struct Component {
  const HuffmanTable* dc;
  const HuffmanTable* ac;
  /** `[kQuantizers]`, in the order of the file. */
  const std::uint16_t* quantization;
  /** Blocks of an MCU. */
  int across;
  int down;
  /** Pixels that a block becomes: 8, 4 or 2. */
  int block_width;
  int block_height;
  /** Where the first MCU of the row is written. */
  std::uint8_t* pixels;
  std::ptrdiff_t stride;
  /** The last DC coefficient. */
  std::int16_t prediction;
};

inline constexpr int kMostComponents = 3;

/** MCUs of one row. */
struct McuRow {
  BitReader reader;
  Component components[kMostComponents];
  int component_count;
  /** MCUs from `first_needed` to before `end_needed` become pixels. The others are only decoded. */
  int first_needed;
  int end_needed;
};

/** A row of pixels to be made of rows of components, which have `kRowPadding` more bytes. */
struct ColorRow {
  const std::uint8_t* luma;
  /** Rows of Cb and Cr: `near` counts for three quarters, `far` for one quarter. Null for a grey picture. */
  const std::uint8_t* near[2];
  const std::uint8_t* far[2];
  /** Samples of such a row, at least 3. */
  int color_width;
  int width;
  /** Whether a sample of colour serves two pixels across. */
  bool is_halved_across;
  /** Whether it serves two down, and whether this row is the upper one. */
  bool is_halved_down;
  bool is_upper;
  /** Memory for the kernel, each of `2 · color_width + kRowPadding`. */
  std::int16_t* mixed;
  std::uint8_t* upsampled[2];
};

inline constexpr int kRowPadding = 64;

}  // namespace fovea::jpeg
