#include "jpeg_scan.h"

#include <algorithm>
#include <cstring>

namespace fovea::jpeg {
namespace {

constexpr std::uint8_t kEndOfImage = 0xd9;
constexpr std::uint8_t kFirstRestart = 0xd0;
constexpr int kRestarts = 8;

}  // namespace

bool Scan::Next(bool is_last, BitReader& reader) {
  const std::uint8_t marker = RemoveStuffing();
  const std::uint8_t expected = is_last ? kEndOfImage : static_cast<std::uint8_t>(kFirstRestart + restarts_++ % kRestarts);
  if (marker != expected) return false;
  reader.start = bytes_.data();
  reader.end = bytes_.data() + size_;
  // The padding suffices for an empty piece too.
  reader.bits = 0;
  for (int index = 0; index < 8; ++index) reader.bits = reader.bits << 8 | bytes_[static_cast<std::size_t>(index)];
  reader.next = reader.start + 7;
  reader.count = 56;
  return true;
}

bool Scan::IsUsedUp(const BitReader& reader) {
  const std::int64_t left = (reader.end - reader.start) * 8 - reader.UsedBits();
  return left >= 0 && left < 8;
}

/** Copies up to the next marker, and goes behind it.
 * @returns the marker; 0 at the end of the file
 * @source ITU-T T.81, B.1.1.5 */
std::uint8_t Scan::RemoveStuffing() {
  if (bytes_.size() < kPadding) bytes_.resize(kPadding);
  size_ = 0;
  std::uint8_t marker = 0;
  while (at_ < end_) {
    const auto rest = static_cast<std::size_t>(end_ - at_);
    const auto* const found = static_cast<const std::uint8_t*>(std::memchr(at_, 0xff, rest));
    const auto plain = found == nullptr ? rest : static_cast<std::size_t>(found - at_);
    if (bytes_.size() < size_ + plain + 1 + kPadding) bytes_.resize(std::max(2 * bytes_.size(), size_ + plain + 1 + kPadding));
    std::memcpy(bytes_.data() + size_, at_, plain);
    size_ += plain;
    at_ += plain;
    while (at_ + 1 < end_ && at_[0] == 0xff && at_[1] == 0xff) ++at_;
    if (end_ - at_ < 2) break;
    at_ += 2;
    if (at_[-1] != 0) {
      marker = at_[-1];
      break;
    }
    bytes_[size_++] = 0xff;
  }
  std::memset(bytes_.data() + size_, 0, kPadding);
  return marker;
}

}  // namespace fovea::jpeg
