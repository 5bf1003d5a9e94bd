#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fovea {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "Refill reads eight bytes as one number.");

/** The bits of a deflate stream, least significant bit of each byte first. After the end it returns zeros; `IsOverdrawn` says
 * whether any of them were taken. */
class BitReader {
 public:
  BitReader(const std::uint8_t* in, std::size_t bytes) : in_(in), end_(in + bytes) {}

  /** Makes at least 56 bits available. */
  void Refill() {
    if (end_ - in_ >= 8) {
      std::uint64_t word;
      std::memcpy(&word, in_, sizeof word);
      bits_ |= word << count_;
      // Advances by the whole bytes that fit. Bits of the next byte may lie above `count_`; the next refill ORs the same
      // bits there again.
      in_ += (63 - count_) >> 3;
      count_ |= 56;
      return;
    }
    while (count_ < 56) {
      if (in_ < end_) bits_ |= std::uint64_t{*in_++} << count_;
      else ++missing_bytes_;
      count_ += 8;
    }
  }

  std::uint64_t Peek() const { return bits_; }

  void Drop(unsigned count) {
    bits_ >>= count;
    count_ -= count;
  }

  std::uint64_t Take(unsigned count) {
    const std::uint64_t taken = bits_ & ((std::uint64_t{1} << count) - 1);
    Drop(count);
    return taken;
  }

  /** Whether more bits were taken than the stream has. */
  bool IsOverdrawn() const { return missing_bytes_ * 8 > count_; }

  /** The first byte of which no bit was taken; null when overdrawn. */
  const std::uint8_t* NextByte() const {
    return IsOverdrawn() ? nullptr : in_ - (count_ / 8 - missing_bytes_);
  }

  std::size_t BytesFrom(const std::uint8_t* at) const { return static_cast<std::size_t>(end_ - at); }

  /** Discards the available bits and continues at byte `at`. */
  void ContinueAt(const std::uint8_t* at) {
    in_ = at;
    bits_ = 0;
    count_ = 0;
    missing_bytes_ = 0;
  }

 private:
  const std::uint8_t* in_;
  const std::uint8_t* end_;
  std::uint64_t bits_ = 0;
  /** Available bits in `bits_`. */
  unsigned count_ = 0;
  /** Zero bytes that were added after the end of the stream. */
  unsigned missing_bytes_ = 0;
};

}  // namespace fovea
