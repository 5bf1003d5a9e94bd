#include "jpeg_huffman.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace fovea::jpeg {
namespace {

/** The code that ends a block. */
struct EndCode {
  unsigned code = 0;
  /** Bits; 0 when there is none. */
  unsigned length = 0;
};

/** Whether the end of a block follows within a lookup, after a code and its value. */
bool EndFollows(unsigned lookup, unsigned used_bits, const EndCode& end) {
  if (end.length == 0 || used_bits + end.length > kLookupBits) return false;
  const unsigned rest = lookup >> (kLookupBits - used_bits - end.length);
  return (rest & ((1u << end.length) - 1)) == end.code;
}

void FillLookups(unsigned code, unsigned length, unsigned value, const EndCode& end, HuffmanTable& table) {
  const unsigned free_bits = kLookupBits - length;
  const std::uint32_t symbol = MakeSymbol(value, length, table.is_dc);
  const bool may_end = !table.is_dc && Symbol::Advance(symbol) != kEndAdvance;
  for (unsigned lookup = code << free_bits; lookup < (code + 1) << free_bits; ++lookup) {
    const bool ends = may_end && EndFollows(lookup, Symbol::Total(symbol), end);
    table.lookup[lookup] = ends ? Symbol::Make(Symbol::Total(symbol) + end.length, Symbol::Advance(symbol), length,
                                               Symbol::Size(symbol), true)
                                : symbol;
  }
}

/** Files of one encoder often have the same tables. */
bool IsMadeOf(const std::uint8_t* counts, const std::uint8_t* symbols, bool is_dc, const HuffmanTable& table) {
  if (!table.is_made || table.is_dc != is_dc || std::memcmp(table.counts, counts, sizeof table.counts) != 0) return false;
  std::size_t length = 0;
  for (int index = 0; index < kLongestCode; ++index) length += counts[index];
  return std::memcmp(table.symbols, symbols, length) == 0;
}

EndCode FindEnd(const std::uint8_t* counts, const std::uint8_t* symbols) {
  unsigned code = 0;
  for (unsigned length = 1; length <= kLongestCode; ++length, code <<= 1)
    for (unsigned left = counts[length - 1]; left > 0; --left, ++code)
      if (*symbols++ == 0) return {code, length};
  return {};
}

}  // namespace

bool MakeHuffmanTable(const std::uint8_t* counts, const std::uint8_t* symbols, bool is_dc, HuffmanTable& table) {
  if (IsMadeOf(counts, symbols, is_dc, table)) {
    table.is_defined = true;
    return true;
  }
  table.is_dc = is_dc;
  table.is_defined = true;
  table.is_made = false;
  std::memcpy(table.counts, counts, sizeof table.counts);
  std::fill(std::begin(table.lookup), std::end(table.lookup), 0);
  const EndCode end = is_dc ? EndCode{} : FindEnd(counts, symbols);
  unsigned code = 0;
  unsigned index = 0;
  for (unsigned length = 1; length <= kLongestCode; ++length, code <<= 1) {
    table.offset[length] = static_cast<std::int32_t>(index) - static_cast<std::int32_t>(code);
    for (unsigned left = counts[length - 1]; left > 0; --left, ++code, ++index) {
      // No code consists of ones only.
      if (code + 1 >= 1u << length) return false;
      const std::uint8_t value = symbols[index];
      if (is_dc && value > 15) return false;
      table.symbols[index] = value;
      if (length <= kLookupBits) FillLookups(code, length, value, end, table);
    }
    table.limit[length] = code << (kLongestCode - length);
  }
  table.limit[kLongestCode + 1] = ~std::uint32_t{0};
  table.is_made = true;
  return true;
}

}  // namespace fovea::jpeg
