#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fovea {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "Refill reads eight bytes as one number.");

/** Bits of a deflate stream, the lowest of each byte first. Behind its end come zeros, which `IsOverdrawn` tells. */
class BitReader {
 public:
  BitReader(const std::uint8_t* in, std::size_t bytes) : in_(in), end_(in + bytes) {}

  /** Makes 56 bits ready at least. */
  void Refill() {
    if (end_ - in_ >= 8) {
      std::uint64_t word;
      std::memcpy(&word, in_, sizeof word);
      bits_ |= word << count_;
      // As many whole bytes as found room; of the one that did not, some bits lie above `count_` and come again.
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

  /** Whether more bits were taken than there were. */
  bool IsOverdrawn() const { return missing_bytes_ * 8 > count_; }

  /** Where the next whole byte lies, of which no bit was taken yet; null when overdrawn. */
  const std::uint8_t* NextByte() const {
    return IsOverdrawn() ? nullptr : in_ - (count_ / 8 - missing_bytes_);
  }

  std::size_t BytesFrom(const std::uint8_t* at) const { return static_cast<std::size_t>(end_ - at); }

  /** Drops what was made ready. */
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
  /** Of `bits_` that are ready. */
  unsigned count_ = 0;
  /** Zeros that were made ready in place of bytes behind the end. */
  unsigned missing_bytes_ = 0;
};

}  // namespace fovea
