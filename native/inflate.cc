#include "inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "bit_reader.h"
#include "huffman_code.h"

namespace fovea {
namespace {

constexpr int kEndOfBlock = 256;
constexpr int kFirstLength = 257;
constexpr int kLengthSymbols = 29;
constexpr int kDistanceSymbols = 30;

struct Range {
  std::uint16_t base;
  std::uint8_t extra_bits;
};

/** RFC 1951, 3.2.5 */
constexpr std::array<Range, kLengthSymbols> kLengths{{
    {3, 0},  {4, 0},  {5, 0},  {6, 0},  {7, 0},  {8, 0},  {9, 0},  {10, 0},  {11, 1},  {13, 1},  {15, 1},  {17, 1},  {19, 2},  {23, 2},  {27, 2},
    {31, 2}, {35, 3}, {43, 3}, {51, 3}, {59, 3}, {67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0},
}};
constexpr std::array<Range, kDistanceSymbols> kDistances{{
    {1, 0},    {2, 0},    {3, 0},    {4, 0},    {5, 1},     {7, 1},     {9, 2},     {13, 2},    {17, 3},    {25, 3},
    {33, 4},   {49, 4},   {65, 5},   {97, 5},   {129, 6},   {193, 6},   {257, 7},   {385, 7},   {513, 8},   {769, 8},
    {1025, 9}, {1537, 9}, {2049, 10}, {3073, 10}, {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13},
}};
/** The order in which a block stores the lengths of the code length code. RFC 1951, 3.2.7 */
constexpr std::array<std::uint8_t, 19> kCodeLengthOrder{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

using LiteralCode = HuffmanCode<288, 10>;
/** Distance symbols 30 and 31 exist in the fixed code but are invalid (RFC 1951, 3.2.6). */
using DistanceCode = HuffmanCode<32, 8>;
using LengthCode = HuffmanCode<19, 7>;

struct Codes {
  LiteralCode literals;
  DistanceCode distances;
};

/** RFC 1951, 3.2.6 */
Codes MakeFixedCodes() {
  std::array<std::uint8_t, 288> literals;
  std::fill_n(literals.begin(), 144, 8);
  std::fill_n(literals.begin() + 144, 112, 9);
  std::fill_n(literals.begin() + 256, 24, 7);
  std::fill_n(literals.begin() + 280, 8, 8);
  std::array<std::uint8_t, 32> distances;
  distances.fill(5);
  Codes codes;
  codes.literals.Set(literals.data(), literals.size());
  codes.distances.Set(distances.data(), distances.size());
  return codes;
}

class Inflater {
 public:
  /** @param window_bytes largest distance of a copy */
  Inflater(const std::uint8_t* in, std::size_t in_bytes, std::uint8_t* out, std::size_t out_bytes,
           std::size_t window_bytes)
      : bits_(in, in_bytes), begin_(out), out_(out), end_(out + out_bytes), window_bytes_(window_bytes) {}

  bool Run() {
    // Encoders put hundreds of symbols into a block. The limit bounds the time for a stream of empty blocks.
    std::size_t blocks_left = 16 + static_cast<std::size_t>(end_ - begin_) / 64;
    bool is_last = false;
    while (!is_last) {
      if (blocks_left-- == 0) return false;
      bits_.Refill();
      is_last = bits_.Take(1) != 0;
      if (!Block(bits_.Take(2)) || bits_.IsOverdrawn()) return false;
    }
    return out_ == end_;
  }

  /** The first byte after the last block. */
  const std::uint8_t* InputEnd() const { return bits_.NextByte(); }

 private:
  bool Block(std::uint64_t type) {
    switch (type) {
      case 0:
        return Stored();
      case 1:
        return Compressed(kFixedCodes);
      case 2:
        return ReadCodes() && Compressed(codes_);
      default:
        return false;
    }
  }

  bool Stored() {
    const std::uint8_t* at = bits_.NextByte();
    if (at == nullptr || bits_.BytesFrom(at) < 4) return false;
    const std::size_t bytes = at[0] | at[1] << 8;
    const std::size_t complement = at[2] | at[3] << 8;
    at += 4;
    if ((bytes ^ complement) != 0xffff || bytes > bits_.BytesFrom(at) || bytes > static_cast<std::size_t>(end_ - out_))
      return false;
    std::memcpy(out_, at, bytes);
    out_ += bytes;
    bits_.ContinueAt(at + bytes);
    return true;
  }

  /** RFC 1951, 3.2.7 */
  bool ReadCodes() {
    bits_.Refill();
    const std::size_t literals = 257 + bits_.Take(5);
    const std::size_t distances = 1 + bits_.Take(5);
    const std::size_t stated = 4 + bits_.Take(4);
    if (literals > std::size_t{kFirstLength + kLengthSymbols} || distances > std::size_t{kDistanceSymbols}) return false;
    std::array<std::uint8_t, 19> code_lengths{};
    for (std::size_t place = 0; place < stated; ++place) {
      bits_.Refill();
      code_lengths[kCodeLengthOrder[place]] = static_cast<std::uint8_t>(bits_.Take(3));
    }
    std::array<std::uint8_t, 288 + 30> lengths;
    return lengths_.Set(code_lengths.data(), code_lengths.size()) && ReadLengths(lengths.data(), literals + distances) &&
           lengths[kEndOfBlock] != 0 && codes_.literals.Set(lengths.data(), literals) &&
           codes_.distances.Set(lengths.data() + literals, distances);
  }

  bool ReadLengths(std::uint8_t* lengths, std::size_t count) {
    for (std::size_t done = 0; done < count;) {
      bits_.Refill();
      const int symbol = lengths_.Decode(bits_);
      if (symbol < 0 || bits_.IsOverdrawn()) return false;
      if (symbol < 16) {
        lengths[done++] = static_cast<std::uint8_t>(symbol);
        continue;
      }
      if (symbol == 16 && done == 0) return false;
      const std::uint8_t repeated = symbol == 16 ? lengths[done - 1] : 0;
      const std::size_t times = symbol == 16 ? 3 + bits_.Take(2) : symbol == 17 ? 3 + bits_.Take(3) : 11 + bits_.Take(7);
      if (times > count - done) return false;
      std::memset(lengths + done, repeated, times);
      done += times;
    }
    return true;
  }

  bool Compressed(const Codes& codes) {
    // Local copies stay in registers. The compiler cannot keep members there, because writes through `out` may alias them.
    BitReader bits = bits_;
    std::uint8_t* out = out_;
    for (;;) {
      // 56 bits suffice for two literals of at most 15 bits each, or for a copy of at most 48 bits.
      bits.Refill();
      int symbol = codes.literals.Decode(bits);
      if (IsLiteral(symbol)) {
        if (out == end_) return false;
        *out++ = static_cast<std::uint8_t>(symbol);
        symbol = codes.literals.Decode(bits);
        if (IsLiteral(symbol)) {
          if (out == end_) return false;
          *out++ = static_cast<std::uint8_t>(symbol);
          continue;
        }
        bits.Refill();
      }
      if (symbol == kEndOfBlock) {
        bits_ = bits;
        out_ = out;
        return true;
      }
      if (symbol < 0 || bits.IsOverdrawn()) return false;
      const std::size_t length = Copy(static_cast<std::size_t>(symbol - kFirstLength), codes.distances, bits, out);
      if (length == 0) return false;
      out += length;
    }
  }

  static bool IsLiteral(int symbol) { return static_cast<unsigned>(symbol) < kEndOfBlock; }

  /** @returns the bytes written; 0 when the copy is invalid */
  std::size_t Copy(std::size_t symbol, const DistanceCode& distances, BitReader& bits, std::uint8_t* out) const {
    if (symbol >= kLengthSymbols) return 0;
    const std::size_t length = kLengths[symbol].base + bits.Take(kLengths[symbol].extra_bits);
    const int distance_symbol = distances.Decode(bits);
    if (distance_symbol < 0 || distance_symbol >= kDistanceSymbols) return 0;
    const Range& range = kDistances[static_cast<std::size_t>(distance_symbol)];
    const std::size_t distance = range.base + bits.Take(range.extra_bits);
    if (length > static_cast<std::size_t>(end_ - out)) return 0;
    if (distance > static_cast<std::size_t>(out - begin_) || distance > window_bytes_) return 0;
    const std::uint8_t* from = out - distance;
    // Source and target may overlap: then the bytes repeat.
    for (std::size_t at = 0; at < length; ++at) out[at] = from[at];
    return length;
  }

  BitReader bits_;
  std::uint8_t* const begin_;
  std::uint8_t* out_;
  std::uint8_t* const end_;
  const std::size_t window_bytes_;
  Codes codes_;
  LengthCode lengths_;

  static const Codes kFixedCodes;
};

const Codes Inflater::kFixedCodes = MakeFixedCodes();

constexpr std::size_t kHeadBytes = 2;
constexpr std::size_t kChecksumBytes = 4;

/** Whether the header says deflate, a window of at most 32 KiB and no dictionary. RFC 1950, 2.2 */
bool IsHead(const std::uint8_t* in) {
  return (in[0] & 0x0f) == 8 && in[0] >> 4 <= 7 && (in[1] & 0x20) == 0 && (in[0] << 8 | in[1]) % 31 == 0;
}

}  // namespace

bool Inflate(const std::uint8_t* in, std::size_t in_bytes, std::uint8_t* out, std::size_t out_bytes) {
  if (in_bytes < kHeadBytes + kChecksumBytes || !IsHead(in)) return false;
  const std::uint8_t* checksum = in + in_bytes - kChecksumBytes;
  const std::size_t window_bytes = std::size_t{1} << ((in[0] >> 4) + 8);
  Inflater inflater(in + kHeadBytes, in_bytes - kHeadBytes - kChecksumBytes, out, out_bytes, window_bytes);
  if (!inflater.Run() || inflater.InputEnd() != checksum) return false;
  const uLong expected = uLong{checksum[0]} << 24 | uLong{checksum[1]} << 16 | uLong{checksum[2]} << 8 | checksum[3];
  return adler32(1, out, static_cast<uInt>(out_bytes)) == expected;
}

}  // namespace fovea
