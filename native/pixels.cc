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

PixelTable TableOf(const Value& input, double scale, double offset) {
  const bool is_signed = input.desc.get_data_type() == dnnl::memory::data_type::s8;
  PixelTable table;
  for (std::size_t pixel = 0; pixel < 256; ++pixel) {
    const double value = static_cast<double>(pixel) * scale + offset;
    table.floats[pixel] = static_cast<float>(value);
    table.bfloats[pixel] = ToBfloat16(table.floats[pixel]);
    table.bytes[pixel] = ToByte(value / static_cast<double>(input.scale), is_signed);
    table.is_identity = table.is_identity && table.bytes[pixel] == pixel;
  }
  return table;
}

PixelScaling Unscaled(const PixelScaling& like) {
  return {std::vector<double>(like.scale.size(), 1), std::vector<double>(like.offset.size(), 0), like.swaps_colors};
}

PixelScaling Scaled(PixelScaling scaling, const std::vector<InputScale>& scales) {
  for (const InputScale& next : scales)
    for (std::size_t channel = 0; channel < scaling.scale.size(); ++channel) {
      const double scale = static_cast<double>(next.scales[channel]);
      scaling.scale[channel] *= scale;
      scaling.offset[channel] = scaling.offset[channel] * scale + static_cast<double>(next.shifts[channel]);
    }
  return scaling;
}

}  // namespace

PixelConverter::PixelConverter(const Program& program, const PixelScaling& pixels)
    : bytes_(dnnl::memory::data_type_size(program.input.desc.get_data_type())),
      scale_(static_cast<double>(program.input.scale)),
      is_signed_(program.input.desc.get_data_type() == dnnl::memory::data_type::s8),
      swaps_colors_(pixels.swaps_colors),
      numbers_(Scaled(Unscaled(pixels), program.input_scales)),
      scales_numbers_(!program.input_scales.empty()) {
  const PixelScaling scaling = Scaled(pixels, program.input_scales);
  // One table serves all channels unless they differ.
  const std::size_t tables = scaling.IsUniform() && !swaps_colors_ ? 1 : scaling.scale.size();
  for (std::size_t channel = 0; channel < tables; ++channel)
    tables_.push_back(TableOf(program.input, scaling.scale[channel], scaling.offset[channel]));
}

void PixelConverter::Convert(const Images& images, std::size_t count, std::byte* out) const {
  if (images.numbers != nullptr)
    return scales_numbers_ ? ScaleNumbers(images.numbers, count, out) : ConvertNumbers(images.numbers, count, out);
  ConvertPixels(images.pixels, count, out);
}

void PixelConverter::ConvertNumbers(const float* numbers, std::size_t count, std::byte* out) const {
  if (bytes_ == 1) {
    auto* to = reinterpret_cast<std::uint8_t*>(out);
    for (std::size_t index = 0; index < count; ++index) to[index] = ToByte(static_cast<double>(numbers[index]) / scale_, is_signed_);
  } else if (bytes_ == 2) {
    auto* to = reinterpret_cast<std::uint16_t*>(out);
    for (std::size_t index = 0; index < count; ++index) to[index] = ToBfloat16(numbers[index]);
  } else {
    std::memcpy(out, numbers, count * sizeof(float));
  }
}

/** To floats or bfloat16: an input that is scaled is not int8. */
void PixelConverter::ScaleNumbers(const float* numbers, std::size_t count, std::byte* out) const {
  const std::size_t channels = numbers_.scale.size();
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t channel = index % channels;
    const auto number = static_cast<float>(static_cast<double>(numbers[index]) * numbers_.scale[channel] + numbers_.offset[channel]);
    if (bytes_ == 2)
      reinterpret_cast<std::uint16_t*>(out)[index] = ToBfloat16(number);
    else
      reinterpret_cast<float*>(out)[index] = number;
  }
}

void PixelConverter::ConvertPixels(const std::uint8_t* pixels, std::size_t count, std::byte* out) const {
  if (bytes_ == 1 && tables_.size() == 1 && tables_[0].is_identity) {
    std::memcpy(out, pixels, count);
  } else if (bytes_ == 1) {
    LookUp(&PixelTable::bytes, pixels, count, out);
  } else if (bytes_ == 2) {
    LookUp(&PixelTable::bfloats, pixels, count, out);
  } else {
    LookUp(&PixelTable::floats, pixels, count, out);
  }
}

template <typename T>
void PixelConverter::LookUp(std::array<T, 256> PixelTable::* table, const std::uint8_t* pixels, std::size_t count,
                            std::byte* out) const {
  auto* to = reinterpret_cast<T*>(out);
  const auto& first = tables_[0].*table;
  if (tables_.size() == 1) {
    for (std::size_t index = 0; index < count; ++index) to[index] = first[pixels[index]];
    return;
  }
  const auto& second = tables_[1].*table;
  const auto& third = tables_[2].*table;
  const std::size_t red = swaps_colors_ ? 2 : 0;
  for (std::size_t index = 0; index < count; index += 3) {
    to[index] = first[pixels[index + red]];
    to[index + 1] = second[pixels[index + 1]];
    to[index + 2] = third[pixels[index + 2 - red]];
  }
}

}  // namespace fovea
