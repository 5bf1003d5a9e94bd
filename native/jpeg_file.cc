#include "jpeg_file.h"

#include <algorithm>
#include <cstring>

#include "jpeg_huffman.h"

namespace fovea::jpeg {
namespace {

constexpr std::uint8_t kStartOfImage = 0xd8;
constexpr std::uint8_t kBaseline = 0xc0;
constexpr std::uint8_t kExtended = 0xc1;
constexpr std::uint8_t kHuffman = 0xc4;
constexpr std::uint8_t kScan = 0xda;
constexpr std::uint8_t kQuantization = 0xdb;
constexpr std::uint8_t kRestartInterval = 0xdd;
constexpr std::uint8_t kJfif = 0xe0;
constexpr std::uint8_t kAdobe = 0xee;
constexpr std::uint8_t kLastApplication = 0xef;
constexpr std::uint8_t kComment = 0xfe;
/** Smaller pictures are left to libvips: libjpeg widens colours of one or two samples in another way. */
constexpr int kShortestSide = 6;

/** Bytes of a segment, without its length. */
class Segment {
 public:
  Segment(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), left_(size) {}

  std::size_t left() const { return left_; }
  const std::uint8_t* Take(std::size_t count) {
    const std::uint8_t* const taken = bytes_;
    bytes_ += count;
    left_ -= count;
    return taken;
  }
  unsigned Byte() { return *Take(1); }
  unsigned Short() {
    const std::uint8_t* const bytes = Take(2);
    return static_cast<unsigned>(bytes[0] << 8 | bytes[1]);
  }

 private:
  const std::uint8_t* bytes_;
  std::size_t left_;
};

class Reader {
 public:
  explicit Reader(File& file) : file_(file) {}

  bool Read(const std::uint8_t* at, const std::uint8_t* end) {
    if (end - at < 2 || at[0] != 0xff || at[1] != kStartOfImage) return false;
    at += 2;
    while (end - at >= 4 && at[0] == 0xff) {
      const std::uint8_t marker = at[1];
      if (marker == 0xff) {
        ++at;
        continue;
      }
      const auto size = static_cast<std::size_t>(at[2] << 8 | at[3]);
      if (size < 2 || static_cast<std::size_t>(end - at) < 2 + size) return false;
      if (!ReadSegment(marker, {at + 4, size - 2})) return false;
      at += 2 + size;
      if (marker != kScan) continue;
      file_.scan = at;
      file_.end = end;
      return true;
    }
    return false;
  }

 private:
  bool ReadSegment(std::uint8_t marker, Segment segment) {
    file_.has_application_data |= marker > kJfif && marker <= kLastApplication;
    switch (marker) {
      case kBaseline:
      case kExtended: return ReadFrame(segment);
      case kHuffman: return ReadHuffman(segment);
      case kScan: return ReadScan(segment);
      case kQuantization: return ReadQuantization(segment);
      case kRestartInterval: return ReadRestartInterval(segment);
      case kJfif: return ReadJfif(segment);
      case kAdobe: return ReadAdobe(segment);
      default: return marker == kComment || (marker > kJfif && marker <= kLastApplication);
    }
  }

  bool ReadQuantization(Segment segment) {
    while (segment.left() > 0) {
      const unsigned kind = segment.Byte();
      const bool is_wide = kind >> 4 == 1;
      if (kind >> 4 > 1 || (kind & 15) > 3 || segment.left() < (is_wide ? 128u : 64u)) return false;
      auto& table = file_.quantization[kind & 15];
      for (unsigned place = 0; place < kBlockEnd; ++place)
        table[place] = static_cast<std::uint16_t>(is_wide ? segment.Short() : segment.Byte());
      // A run of zeros beyond the block ends at its last place.
      std::fill(table.begin() + kBlockEnd, table.end(), table[kBlockEnd - 1]);
      has_quantization_[kind & 15] = true;
    }
    return true;
  }

  bool ReadHuffman(Segment segment) {
    while (segment.left() >= 1 + kLongestCode) {
      const unsigned kind = segment.Byte();
      if (kind >> 4 > 1 || (kind & 15) > 3) return false;
      const bool is_dc = kind >> 4 == 0;
      const std::uint8_t* const counts = segment.Take(kLongestCode);
      std::size_t symbols = 0;
      for (int length = 0; length < kLongestCode; ++length) symbols += counts[length];
      if (symbols > 256 || symbols > segment.left()) return false;
      HuffmanTable& table = (is_dc ? file_.dc : file_.ac)[kind & 15];
      if (!MakeHuffmanTable(counts, segment.Take(symbols), is_dc, table)) return false;
    }
    return segment.left() == 0;
  }

  bool ReadRestartInterval(Segment segment) {
    if (segment.left() != 2) return false;
    file_.restart_interval = static_cast<int>(segment.Short());
    return true;
  }

  /** Decoders warn of other versions than 1. */
  bool ReadJfif(Segment segment) {
    if (segment.left() < 14 || std::memcmp(segment.Take(5), "JFIF", 5) != 0) return true;
    is_jfif_ = true;
    return segment.Byte() == 1;
  }

  bool ReadAdobe(Segment segment) {
    if (segment.left() < 12 || std::memcmp(segment.Take(5), "Adobe", 5) != 0) return true;
    segment.Take(6);
    adobe_transform_ = static_cast<int>(segment.Byte());
    return true;
  }

  bool ReadFrame(Segment segment) {
    if (file_.component_count != 0 || segment.left() < 6 || segment.Byte() != 8) return false;
    file_.height = static_cast<int>(segment.Short());
    file_.width = static_cast<int>(segment.Short());
    const unsigned count = segment.Byte();
    if (file_.height < kShortestSide || file_.width < kShortestSide || (count != 1 && count != 3)) return false;
    if (segment.left() != 3 * count) return false;
    file_.component_count = static_cast<int>(count);
    for (unsigned index = 0; index < count; ++index) {
      FileComponent& component = file_.components[index];
      component.id = static_cast<std::uint8_t>(segment.Byte());
      const unsigned sampling = segment.Byte();
      component.across = static_cast<std::uint8_t>(sampling >> 4);
      component.down = static_cast<std::uint8_t>(sampling & 15);
      component.quantization = static_cast<std::uint8_t>(segment.Byte());
      if (component.quantization > 3) return false;
    }
    return HasPlainSampling();
  }

  bool HasPlainSampling() {
    auto& [luma, blueness, redness] = file_.components;
    if (file_.component_count == 1) {
      if (luma.across < 1 || luma.across > 4 || luma.down < 1 || luma.down > 4) return false;
      // Blocks of a single component lie in rows, whatever its sampling.
      luma.across = luma.down = 1;
      return true;
    }
    const auto is_one_or_two = [](int value) { return value == 1 || value == 2; };
    return is_one_or_two(luma.across) && is_one_or_two(luma.down) && blueness.across == 1 && blueness.down == 1 &&
           redness.across == 1 && redness.down == 1;
  }

  /** @source libjpeg, `default_decompress_parms` in jdapimin.c */
  bool IsYcc() const {
    if (file_.component_count == 1 || is_jfif_) return true;
    if (adobe_transform_ >= 0) return adobe_transform_ == 1;
    return file_.components[0].id == 1 && file_.components[1].id == 2 && file_.components[2].id == 3;
  }

  bool ReadScan(Segment segment) {
    const auto count = static_cast<unsigned>(file_.component_count);
    if (count == 0 || segment.left() != 4 + 2 * count || segment.Byte() != count || !IsYcc()) return false;
    for (unsigned index = 0; index < count; ++index) {
      FileComponent& component = file_.components[index];
      if (segment.Byte() != component.id) return false;
      const unsigned tables = segment.Byte();
      component.dc = static_cast<std::uint8_t>(tables >> 4);
      component.ac = static_cast<std::uint8_t>(tables & 15);
      if (component.dc > 3 || component.ac > 3) return false;
      if (!file_.dc[component.dc].is_defined || !file_.ac[component.ac].is_defined) return false;
      if (!has_quantization_[component.quantization]) return false;
    }
    return segment.Byte() == 0 && segment.Byte() == 63 && segment.Byte() == 0;
  }

  File& file_;
  std::array<bool, 4> has_quantization_{};
  bool is_jfif_ = false;
  int adobe_transform_ = -1;
};

}  // namespace

bool ReadFile(const std::uint8_t* bytes, std::size_t size, File& file) {
  file.component_count = 0;
  file.restart_interval = 0;
  file.has_application_data = false;
  for (std::size_t index = 0; index < file.dc.size(); ++index)
    file.dc[index].is_defined = file.ac[index].is_defined = false;
  return Reader(file).Read(bytes, bytes + size);
}

}  // namespace fovea::jpeg
