#include "png.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inflate.h"
#include "widen_row.h"

namespace fovea {
namespace {

using Bytes = std::basic_string_view<std::uint8_t>;

constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kHeaderBytes = 13;
/** Bytes of a chunk's length, type and checksum. */
constexpr std::size_t kFrameBytes = 12;

/** Chunks that do not change the pixels. */
constexpr std::array<std::string_view, 6> kIdleChunks{"sRGB", "gAMA", "cHRM", "pHYs", "tIME", "tEXt"};

std::uint32_t ReadUint32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

/** Compressed pixels are at worst slightly larger than raw pixels. The limit bounds the time for larger files. */
std::size_t LargestFile(const PictureForm& form) { return 2 * form.Bytes() + 64 * 1024; }

struct Chunk {
  std::string_view type;
  Bytes data;
};

/** Removes the first chunk from `rest`. False when it is truncated or damaged. */
bool TakeChunk(Bytes& rest, Chunk& chunk) {
  if (rest.size() < kFrameBytes) return false;
  const std::uint32_t length = ReadUint32(rest.data());
  if (length > rest.size() - kFrameBytes) return false;
  const Bytes checked = rest.substr(4, 4 + std::size_t{length});
  if (crc32(0, checked.data(), static_cast<uInt>(checked.size())) != ReadUint32(rest.data() + 8 + length)) return false;
  chunk = {{reinterpret_cast<const char*>(checked.data()), 4}, checked.substr(4)};
  rest.remove_prefix(kFrameBytes + length);
  return true;
}

bool IsHeaderOf(const Chunk& chunk, const PictureForm& form) {
  const std::uint8_t* data = chunk.data.data();
  if (chunk.type != "IHDR" || chunk.data.size() != kHeaderBytes) return false;
  const std::uint8_t colour_type = form.channels == 1 ? 0 : 2;
  // Depth, colour type, compression, filter and interlacing.
  const std::array<std::uint8_t, 5> expected{8, colour_type, 0, 0, 0};
  return ReadUint32(data) == form.width && ReadUint32(data + 4) == form.height &&
         std::equal(expected.begin(), expected.end(), data + 8);
}

/** The channels of one pixel, as a SIMD vector where the processor has them. */
using Pixel = std::int16_t __attribute__((vector_size(16)));

template <std::size_t kChannels>
Pixel Load(const std::uint8_t* at) {
  if constexpr (kChannels == 1) return Pixel{at[0]};
  else return Pixel{at[0], at[1], at[2]};
}

template <std::size_t kChannels>
void Store(const Pixel& pixel, std::uint8_t* at) {
  for (std::size_t channel = 0; channel < kChannels; ++channel) at[channel] = static_cast<std::uint8_t>(pixel[channel]);
}

Pixel Magnitude(const Pixel& pixel) { return pixel < 0 ? -pixel : pixel; }

/** PNG, 9.4 */
Pixel Paeth(const Pixel& left, const Pixel& above, const Pixel& above_left) {
  const Pixel to_left = Magnitude(above - above_left);
  const Pixel to_above = Magnitude(left - above_left);
  const Pixel to_above_left = Magnitude(left + above - 2 * above_left);
  const Pixel above_or_corner = to_above <= to_above_left ? above : above_left;
  return (to_left <= to_above) & (to_left <= to_above_left) ? left : above_or_corner;
}

/** Undoes the filter of one row. `out` may be `row`. `above` is the row before; for the first row it is all zeros. PNG, 9.2 */
template <std::size_t kChannels>
bool Unfilter(std::uint8_t filter, const std::uint8_t* row, const std::uint8_t* above, std::size_t bytes,
              std::uint8_t* out) {
  const auto each_pixel = [&](const auto& predict) {
    // The pixels left of a row are zero.
    Pixel left{}, above_left{};
    for (std::size_t at = 0; at < bytes; at += kChannels) {
      const Pixel above_it = Load<kChannels>(above + at);
      left = (Load<kChannels>(row + at) + predict(left, above_it, above_left)) & 0xff;
      above_left = above_it;
      Store<kChannels>(left, out + at);
    }
  };
  switch (filter) {
    case 0:
      if (out != row) std::memcpy(out, row, bytes);
      return true;
    case 1:
      each_pixel([](const Pixel& l, const Pixel&, const Pixel&) { return l; });
      return true;
    case 2:
      for (std::size_t at = 0; at < bytes; ++at) out[at] = static_cast<std::uint8_t>(row[at] + above[at]);
      return true;
    case 3:
      each_pixel([](const Pixel& l, const Pixel& a, const Pixel&) { return (l + a) >> 1; });
      return true;
    case 4:
      each_pixel(Paeth);
      return true;
    default:
      return false;
  }
}

bool UnfilterRow(const std::uint8_t* filtered, const std::uint8_t* above, const PictureForm& form, std::uint8_t* out) {
  return form.channels == 1 ? Unfilter<1>(*filtered, filtered + 1, above, form.RowBytes(), out)
                            : Unfilter<3>(*filtered, filtered + 1, above, form.RowBytes(), out);
}

bool UnfilterRows(const std::uint8_t* filtered, const std::uint8_t* above, const PictureForm& form, std::uint8_t* pixels) {
  const std::size_t bytes = form.RowBytes();
  for (std::uint32_t y = 0; y < form.height; ++y, filtered += bytes + 1, pixels += bytes) {
    if (!UnfilterRow(filtered, above, form, pixels)) return false;
    above = pixels;
  }
  return true;
}

/** The chunks after the header. */
class ImageData {
 public:
  /** Sets `compressed`. False when a chunk is damaged, missing, out of order, or may change the pixels. */
  bool Read(Bytes rest) {
    Chunk chunk;
    bool has_begun = false, is_over = false;
    while (TakeChunk(rest, chunk)) {
      if (chunk.type == "IEND") return rest.empty() && chunk.data.empty();
      if (chunk.type == "IDAT") {
        if (is_over) return false;
        has_begun = true;
        Add(chunk.data);
      } else {
        if (std::find(kIdleChunks.begin(), kIdleChunks.end(), chunk.type) == kIdleChunks.end()) return false;
        is_over = has_begun;
      }
    }
    return false;
  }

  /** The data of all IDAT chunks. Points into the file if it has one IDAT chunk, else into `joined_`. */
  Bytes compressed;

 private:
  void Add(Bytes piece) {
    if (compressed.empty()) {
      compressed = piece;
      return;
    }
    if (joined_.empty()) joined_ = compressed;
    joined_ += piece;
    compressed = joined_;
  }

  std::basic_string<std::uint8_t> joined_;
};

/** Finds the compressed pixels. False when the file is not plain. */
bool ReadFile(const std::uint8_t* file, std::size_t bytes, const PictureForm& form, ImageData& data) {
  if (bytes < kSignature.size() || bytes > LargestFile(form)) return false;
  if (!std::equal(kSignature.begin(), kSignature.end(), file)) return false;
  Bytes rest(file + kSignature.size(), bytes - kSignature.size());
  Chunk header;
  return TakeChunk(rest, header) && IsHeaderOf(header, form) && data.Read(rest);
}

}  // namespace

bool DecodePng(const std::uint8_t* file, std::size_t bytes, const PictureForm& form, std::uint8_t* pixels) {
  ImageData data;
  if (!ReadFile(file, bytes, form, data)) return false;
  // A row of zeros, then all rows, each with its filter byte first.
  thread_local std::vector<std::uint8_t> memory;
  memory.assign(form.RowBytes(), 0);
  memory.resize(form.RowBytes() + form.Bytes() + form.height);
  std::uint8_t* filtered = memory.data() + form.RowBytes();
  return Inflate(data.compressed.data(), data.compressed.size(), filtered, form.Bytes() + form.height) &&
         UnfilterRows(filtered, memory.data(), form, pixels);
}

bool DecodePngRows(const std::uint8_t* file, std::size_t bytes, const PictureForm& form, const PngPart& part, RowSink& sink) {
  ImageData data;
  if (!ReadFile(file, bytes, form, data)) return false;
  const std::size_t step = form.RowBytes() + 1;
  const std::size_t filtered_bytes = step * form.height;
  // Not a vector, because that would write zeros first.
  const std::unique_ptr<std::uint8_t[]> filtered(new std::uint8_t[filtered_bytes]);
  if (!Inflate(data.compressed.data(), data.compressed.size(), filtered.get(), filtered_bytes)) return false;
  const std::vector<std::uint8_t> zeros(form.RowBytes());
  std::vector<std::uint8_t> wide(static_cast<std::size_t>(kLanes * (part.columns.end + kPixelPadding)));
  const std::uint8_t* above = zeros.data();
  for (std::uint32_t y = 0; y < form.height; ++y) {
    std::uint8_t* const row = filtered.get() + y * step + 1;
    if (!UnfilterRow(row - 1, above, form, row)) return false;
    above = row;
    if (y < part.rows.first || y >= part.rows.end) continue;
    WidenRow(row, form.channels, part.columns, wide.data());
    sink.Take(y, wide.data());
  }
  return true;
}

}  // namespace fovea
