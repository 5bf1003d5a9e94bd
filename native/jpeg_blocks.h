#pragma once

// Only for kernels; see picture_kernels.h.
#include "jpeg_idct.h"
#include "jpeg_kernels.h"

namespace fovea::jpeg {
namespace {

/** Places in a block, in the order of the file. A run of zeros beyond the block ends at its last place, as in libjpeg; what ends
 * a block is written after it.
 * @source ITU-T T.81, figure A.6 */
constexpr std::uint8_t kPlaces[kBlockEnd + kEndAdvance] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45,
    38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    63, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
};

/** One place more than a block, for what ends it. */
struct Block {
  alignas(32) std::int16_t values[kBlockEnd + 16];
};


/** The next eight bytes, highest first. */
FOVEA_INLINE std::uint64_t Word(const std::uint8_t* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return __builtin_bswap64(word);
}

/** Fills `bits`: at least 56 of them are there. */
FOVEA_INLINE void Refill(BitReader& in) {
  in.bits |= Word(in.next) >> in.count;
  in.next += (63 - in.count) >> 3;
  in.count |= 56;
}

/** Takes a symbol's bits away. Refills at the same time, because then the load does not delay the next lookup; before it, at least
 * 25 bits are there, and no lookup takes more. */
FOVEA_INLINE void Skip(BitReader& in, unsigned total) {
  in.bits |= Word(in.next) >> in.count;
  in.next += (63 - in.count) >> 3;
  in.count |= 56;
  in.bits <<= total;
  in.count -= total;
}

/** Gives back the last bits that were taken. */
FOVEA_INLINE void GiveBack(BitReader& in, unsigned total) {
  const std::int64_t at = in.UsedBits() - static_cast<std::int64_t>(total);
  const auto rest = static_cast<unsigned>(at & 7);
  const std::uint8_t* byte = in.start + (at >> 3);
  in.bits = Word(byte) << rest;
  in.next = byte + 7;
  in.count = 56 - rest;
}

/** A code longer than a lookup. @returns 0 where there is none */
inline __attribute__((noinline)) std::uint32_t LongSymbol(std::uint64_t bits, const HuffmanTable& table) {
  const auto top = static_cast<std::uint32_t>(bits >> 48);
  unsigned length = kLookupBits + 1;
  while (top >= table.limit[length]) ++length;
  if (length > kLongestCode) return 0;
  const auto code = static_cast<std::int32_t>(top >> (kLongestCode - length));
  return MakeSymbol(table.symbols[(code + table.offset[length]) & 0xff], length, table.is_dc);
}

FOVEA_INLINE std::uint32_t NextSymbol(BitReader& in, const HuffmanTable& table) {
  const std::uint32_t symbol = table.lookup[in.bits >> (64 - kLookupBits)];
  if (__builtin_expect(symbol != 0, 1)) return symbol;
  Refill(in);
  return LongSymbol(in.bits, table);
}

/** The value after a code, before its bits are taken. Without branches: the first bit says whether it is positive.
 * @source ITU-T T.81, F.2.2.1 */
FOVEA_INLINE std::int32_t Value(const BitReader& in, std::uint32_t symbol) {
  const std::uint64_t rest = in.bits << Symbol::Code(symbol);
  const unsigned size = Symbol::Size(symbol);
  const std::int64_t is_negative = ~(static_cast<std::int64_t>(rest) >> 63);
  const auto magnitude = static_cast<std::int64_t>(rest >> 1 >> (63 - size));
  return static_cast<std::int32_t>(magnitude + (is_negative & ((~std::int64_t{0} << size) + 1)));
}

/** @returns false for a code that the table lacks */
FOVEA_INLINE bool DecodeDc(BitReader& in, Component& component) {
  const std::uint32_t symbol = NextSymbol(in, *component.dc);
  if (symbol == 0) return false;
  component.prediction = static_cast<std::int16_t>(component.prediction + Value(in, symbol));
  Skip(in, Symbol::Total(symbol));
  return true;
}

/** An end of block that was taken together with the last coefficient belongs to the next block. */
FOVEA_INLINE void MendEnd(BitReader& in, unsigned place, std::uint32_t symbol) {
  if (__builtin_expect(Symbol::Ends(symbol) != 0 && (place & 127) >= kBlockEnd, 0))
    GiveBack(in, Symbol::Total(symbol) - Symbol::Code(symbol) - Symbol::Size(symbol));
}

FOVEA_INLINE bool SkipAc(BitReader& in, const HuffmanTable& table) {
  unsigned place = 1;
  std::uint32_t symbol = 0;
  while (place < kBlockEnd) {
    symbol = NextSymbol(in, table);
    if (__builtin_expect(symbol == 0, 0)) return false;
    place += Symbol::Advance(symbol) | Symbol::Ends(symbol) << 7;
    Skip(in, Symbol::Total(symbol));
  }
  MendEnd(in, place, symbol);
  return true;
}

/** Decodes the coefficients after the first. `coefficients` becomes how many may not be 0, in the order of the file. */
FOVEA_INLINE bool DecodeAc(BitReader& in, const Component& component, std::uint32_t symbol, Block& block, unsigned& coefficients) {
  // Copies, because the compiler must assume that values of the block overwrite what `component` points to.
  const HuffmanTable& table = *component.ac;
  const std::uint16_t* const quantization = component.quantization;
  unsigned place = 1;
  for (;;) {
    if (__builtin_expect(symbol == 0, 0)) return false;
    coefficients = place;
    place += Symbol::Advance(symbol);
    const std::int32_t value = Value(in, symbol) * quantization[place - 1];
    block.values[kPlaces[place - 1]] = static_cast<std::int16_t>(value);
    place |= Symbol::Ends(symbol) << 7;
    Skip(in, Symbol::Total(symbol));
    if (place >= kBlockEnd) break;
    symbol = NextSymbol(in, table);
  }
  // All but an end of block of its own adds a coefficient.
  if (Symbol::Advance(symbol) != kEndAdvance) coefficients = place & 127;
  MendEnd(in, place, symbol);
  return true;
}

FOVEA_INLINE void Clear(Block& block) {
  constexpr Int8 kNone{};
  for (unsigned place = 0; place < kBlockEnd; place += sizeof kNone / sizeof(std::int16_t))
    std::memcpy(block.values + place, &kNone, sizeof kNone);
}

/** Both lengths are 2, 4 or 8. */
FOVEA_INLINE void WriteBlock(const Block& block, unsigned coefficients, int width, int height, std::uint8_t* out, std::ptrdiff_t stride) {
  switch (width * 16 + height) {
    case 8 * 16 + 8: return Transform<8, 8>(block.values, coefficients, out, stride);
    case 8 * 16 + 4: return Transform<8, 4>(block.values, coefficients, out, stride);
    case 4 * 16 + 8: return Transform<4, 8>(block.values, coefficients, out, stride);
    case 4 * 16 + 4: return Transform<4, 4>(block.values, coefficients, out, stride);
    case 4 * 16 + 2: return Transform<4, 2>(block.values, coefficients, out, stride);
    case 2 * 16 + 4: return Transform<2, 4>(block.values, coefficients, out, stride);
    case 2 * 16 + 2: return Transform<2, 2>(block.values, coefficients, out, stride);
    default: return;
  }
}

/** Decodes a block and writes its pixels. */
FOVEA_INLINE bool DecodeBlock(BitReader& in, Component& component, Block& block, std::uint8_t* out) {
  if (!DecodeDc(in, component)) return false;
  const auto mean = static_cast<std::int16_t>(component.prediction * component.quantization[0]);
  const std::uint32_t symbol = NextSymbol(in, *component.ac);
  if (Symbol::Advance(symbol) == kEndAdvance) {
    Fill(mean, component.block_width, component.block_height, out, component.stride);
    Skip(in, Symbol::Total(symbol));
    return true;
  }
  Clear(block);
  block.values[0] = mean;
  unsigned coefficients;
  if (!DecodeAc(in, component, symbol, block, coefficients)) return false;
  WriteBlock(block, coefficients, component.block_width, component.block_height, out, component.stride);
  return true;
}

FOVEA_INLINE bool SkipBlock(BitReader& in, Component& component) {
  return DecodeDc(in, component) && SkipAc(in, *component.ac);
}

FOVEA_INLINE bool DecodeMcu(BitReader& in, McuRow& row, int column, Block& block) {
  const bool is_needed = column >= row.first_needed && column < row.end_needed;
  for (int index = 0; index < row.component_count; ++index) {
    Component& component = row.components[index];
    for (int down = 0; down < component.down; ++down)
      for (int across = 0; across < component.across; ++across) {
        if (!is_needed) {
          if (!SkipBlock(in, component)) return false;
          continue;
        }
        std::uint8_t* const out = component.pixels + down * component.block_height * component.stride +
                                  (column * component.across + across) * component.block_width;
        if (!DecodeBlock(in, component, block, out)) return false;
      }
  }
  return true;
}

bool Decode(McuRow& row, int column, int count) {
  Block block;
  BitReader in = row.reader;
  bool is_sound = true;
  for (const int end = column + count; is_sound && column < end; ++column)
    is_sound = in.next <= in.end + sizeof(std::uint64_t) && DecodeMcu(in, row, column, block);
  row.reader = in;
  return is_sound;
}

}  // namespace
}  // namespace fovea::jpeg
