#include "pixels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bfloat16.h"

namespace fovea {
namespace {

std::uint8_t ToByte(double value, bool is_signed) {
  const double rounded = std::nearbyint(value);
  if (is_signed) return static_cast<std::uint8_t>(static_cast<std::int8_t>(std::clamp(rounded, -127.0, 127.0)));
  return static_cast<std::uint8_t>(std::clamp(rounded, 0.0, 255.0));
}

template <typename T>
void LookUp(const std::array<T, 256>& table, const std::uint8_t* pixels, std::size_t count, std::byte* out) {
  auto* to = reinterpret_cast<T*>(out);
  for (std::size_t index = 0; index < count; ++index) to[index] = table[pixels[index]];
}

}  // namespace

PixelTable::PixelTable(const Value& input, double scale, double offset)
    : bytes_(dnnl::memory::data_type_size(input.desc.get_data_type())) {
  const bool is_signed = input.desc.get_data_type() == dnnl::memory::data_type::s8;
  is_identity_ = bytes_ == 1;
  for (std::size_t pixel = 0; pixel < 256; ++pixel) {
    const double value = static_cast<double>(pixel) * scale + offset;
    floats_[pixel] = static_cast<float>(value);
    bfloats_[pixel] = ToBfloat16(floats_[pixel]);
    bytes_table_[pixel] = ToByte(value / static_cast<double>(input.scale), is_signed);
    is_identity_ = is_identity_ && bytes_table_[pixel] == pixel;
  }
}

void PixelTable::Convert(const std::uint8_t* pixels, std::size_t count, std::byte* out) const {
  if (is_identity_) {
    std::memcpy(out, pixels, count);
  } else if (bytes_ == 1) {
    LookUp(bytes_table_, pixels, count, out);
  } else if (bytes_ == 2) {
    LookUp(bfloats_, pixels, count, out);
  } else {
    LookUp(floats_, pixels, count, out);
  }
}

}  // namespace fovea
