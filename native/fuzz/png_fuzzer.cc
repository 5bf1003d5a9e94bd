#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <zlib.h>

#include "../photo.h"
#include "../png.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

void AppendUint32(Bytes& file, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<std::uint8_t>(value >> shift));
}

void AppendChunk(Bytes& file, const char* type, const Bytes& data) {
  AppendUint32(file, static_cast<std::uint32_t>(data.size()));
  const std::size_t start = file.size();
  file.insert(file.end(), type, type + 4);
  file.insert(file.end(), data.begin(), data.end());
  AppendUint32(file, static_cast<std::uint32_t>(crc32(0, file.data() + start, static_cast<uInt>(data.size() + 4))));
}

/** A PNG file around image data, with right checksums: random changes of a file only reach the checksum test. */
Bytes FileAround(const Bytes& data, const fovea::PictureForm& form) {
  Bytes file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  Bytes header;
  AppendUint32(header, form.width);
  AppendUint32(header, form.height);
  header.insert(header.end(), {8, static_cast<std::uint8_t>(form.channels == 1 ? 0 : 2), 0, 0, 0});
  AppendChunk(file, "IHDR", header);
  AppendChunk(file, "IDAT", data);
  AppendChunk(file, "IEND", {});
  return file;
}

/** Decodes a part of a picture in colour to another size. */
void DecodeAsPhoto(const Bytes& file, const fovea::PictureForm& form, std::uint8_t seed) {
  constexpr std::int64_t kSide = 12;
  fovea::Photo photo;
  photo.bytes = file.data();
  photo.size = file.size();
  photo.is_png = true;
  photo.how.width = form.width;
  photo.how.height = form.height;
  photo.how.channels = 3;
  photo.how.box_left = seed % form.width;
  photo.how.box_width = form.width - photo.how.box_left;
  photo.how.box_top = seed % form.height;
  photo.how.box_height = form.height - photo.how.box_top;
  photo.how.full_width = photo.how.out_width = kSide;
  photo.how.full_height = photo.how.out_height = kSide;
  photo.how.antialias = seed % 2 == 0;
  Bytes pixels(static_cast<std::size_t>(kSide * kSide * 3));
  photo.target = {pixels.data(), 3, kSide * 3, 3};
  for (const fovea::PictureKernels* kernels : {&fovea::BaselineKernels(), &fovea::BestKernels()})
    fovea::DecodePhoto(photo, *kernels);
}

}  // namespace

/** The first three bytes choose the form, and whether the rest is a file or image data. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const fovea::PictureForm form{1u + data[0] % 40, 1u + data[1] % 40, data[2] % 2 == 0 ? 1u : 3u};
  const Bytes rest(data + 3, data + size);
  const Bytes file = data[2] % 4 < 2 ? rest : FileAround(rest, form);
  Bytes pixels(form.Bytes());
  fovea::DecodePng(file.data(), file.size(), form, pixels.data());
  if (form.channels == 3) DecodeAsPhoto(file, form, data[0]);
  return 0;
}
