#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "bit_reader.h"

namespace fovea {

/** A Huffman code of deflate for symbols 0 … kSymbols - 1. Code words of at most kTableBits are decoded by one table lookup;
 * longer code words, which are rare, bit by bit.
 * @source RFC 1951, 3.2.2 */
template <std::size_t kSymbols, unsigned kTableBits>
class HuffmanCode {
 public:
  static constexpr unsigned kMaxBits = 15;

  /** @param lengths bits of each symbol's code word, at most `kMaxBits`; 0 for a symbol without one
   * @returns false when the code is over-subscribed or incomplete. A code of one 1-bit word, or of none, is allowed. */
  bool Set(const std::uint8_t* lengths, std::size_t symbols) {
    counts_.fill(0);
    for (std::size_t symbol = 0; symbol < symbols; ++symbol) ++counts_[lengths[symbol]];
    counts_[0] = 0;
    std::array<std::uint16_t, kMaxBits + 2> offsets{};
    std::array<unsigned, kMaxBits + 2> words{};
    int left = 1;
    for (unsigned bits = 1; bits <= kMaxBits; ++bits) {
      left = left * 2 - counts_[bits];
      if (left < 0) return false;
      offsets[bits + 1] = static_cast<std::uint16_t>(offsets[bits] + counts_[bits]);
      words[bits + 1] = (words[bits] + counts_[bits]) * 2;
    }
    if (left > 0 && (offsets[kMaxBits + 1] > 1 || counts_[1] != offsets[kMaxBits + 1])) return false;
    table_.fill(kNone);
    for (std::size_t symbol = 0; symbol < symbols; ++symbol) {
      const unsigned bits = lengths[symbol];
      if (bits == 0) continue;
      sorted_[offsets[bits]++] = static_cast<std::uint16_t>(symbol);
      const unsigned word = words[bits]++;
      if (bits > kTableBits) continue;
      const Entry entry{static_cast<std::uint16_t>(symbol), static_cast<std::uint16_t>(bits)};
      for (unsigned at = Reversed(word, bits); at < kEntries; at += 1u << bits) table_[at] = entry;
    }
    return true;
  }

  /** Takes one code word. Needs 15 available bits.
   * @returns its symbol, or -1 for an invalid code word */
  int Decode(BitReader& bits) const {
    Entry entry = table_[bits.Peek() & (kEntries - 1)];
    if (entry.bits == 0) entry = FindLong(bits.Peek());
    if (entry.bits == 0) return -1;
    bits.Drop(entry.bits);
    return entry.symbol;
  }

 private:
  struct Entry {
    std::uint16_t symbol;
    /** 0 for a prefix of a longer code word, or of none. */
    std::uint16_t bits;
  };
  static constexpr Entry kNone{0, 0};
  static constexpr unsigned kEntries = 1u << kTableBits;

  static unsigned Reversed(unsigned word, unsigned bits) {
    word = (word & 0x5555) << 1 | (word >> 1 & 0x5555);
    word = (word & 0x3333) << 2 | (word >> 2 & 0x3333);
    word = (word & 0x0f0f) << 4 | (word >> 4 & 0x0f0f);
    word = (word & 0x00ff) << 8 | word >> 8;
    return word >> (16 - bits);
  }

  /** Code words of one length are consecutive numbers in the order of their symbols. */
  Entry FindLong(std::uint64_t next) const {
    unsigned word = 0, first = 0, index = 0;
    for (unsigned length = 1; length <= kMaxBits; ++length, next >>= 1) {
      word |= static_cast<unsigned>(next & 1);
      const unsigned count = counts_[length];
      if (word < first + count) return {sorted_[index + (word - first)], static_cast<std::uint16_t>(length)};
      index += count;
      first = (first + count) << 1;
      word <<= 1;
    }
    return kNone;
  }

  std::array<Entry, kEntries> table_;
  /** Count of code words by length. */
  std::array<std::uint16_t, kMaxBits + 1> counts_;
  /** Symbols, ordered by the length of their code words, then by number. */
  std::array<std::uint16_t, kSymbols> sorted_;
};

}  // namespace fovea
