#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "../photo.h"
#include "../small_jpeg.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t kSide = 24;

void AppendSegment(Bytes& file, std::uint8_t marker, const Bytes& content) {
  const std::size_t length = content.size() + 2;
  file.insert(file.end(), {0xff, marker, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)});
  file.insert(file.end(), content.begin(), content.end());
}

/** A table that has every code of eight bits but the last one, so that bytes of chance are symbols. */
Bytes HuffmanTable(std::uint8_t kind, std::uint8_t seed) {
  Bytes table(17, 0);
  table[0] = kind;
  table[4] = 7;
  table[12] = 255 - 7 * 16;
  table[16] = 15;
  const bool is_dc = kind < 16;
  for (int index = 0; index < table[4] + table[12] + table[16]; ++index) {
    const auto symbol = static_cast<std::uint8_t>(index * 7 + seed);
    table.push_back(is_dc ? symbol % 12 : symbol % 16 > 10 ? 0 : symbol);
  }
  return table;
}

struct Form {
  std::uint8_t width;
  std::uint8_t height;
  std::uint8_t sampling;
  bool is_grey;
  std::uint8_t restart_interval;
  std::uint8_t seed;
};

/** A JPEG file around coded data: random changes of a file only reach its header. */
Bytes FileAround(const std::uint8_t* data, std::size_t size, const Form& form) {
  Bytes file{0xff, 0xd8};
  Bytes quantization(65, 3);
  quantization[0] = 0;
  AppendSegment(file, 0xdb, quantization);
  for (const int kind : {0, 16}) AppendSegment(file, 0xc4, HuffmanTable(static_cast<std::uint8_t>(kind), form.seed));
  AppendSegment(file, 0xdd, {0, form.restart_interval});
  Bytes frame{8, 0, form.height, 0, form.width};
  Bytes scan;
  const std::uint8_t components = form.is_grey ? 1 : 3;
  frame.push_back(components);
  scan.push_back(components);
  for (std::uint8_t id = 1; id <= components; ++id) {
    frame.insert(frame.end(), {id, id == 1 ? form.sampling : std::uint8_t{0x11}, 0});
    scan.insert(scan.end(), {id, 0});
  }
  scan.insert(scan.end(), {0, 63, 0});
  AppendSegment(file, 0xc0, frame);
  AppendSegment(file, 0xda, scan);
  file.insert(file.end(), data, data + size);
  file.insert(file.end(), {0xff, 0xd9});
  return file;
}

fovea::Resampling HowFor(int width, int height, std::uint8_t choice) {
  fovea::Resampling how;
  how.width = width;
  how.height = height;
  how.channels = 3;
  how.to_grey = choice % 2 == 1;
  how.box_left = choice % 3 == 0 ? 1 : 0;
  how.box_top = choice % 5 == 0 ? 1 : 0;
  how.box_width = width - how.box_left;
  how.box_height = height - how.box_top;
  how.full_width = 1 + choice % 17;
  how.full_height = 1 + choice % 13;
  how.left = choice % 7 == 0 ? how.full_width / 2 : 0;
  how.out_width = how.full_width - how.left;
  how.out_height = how.full_height;
  how.interpolation = static_cast<fovea::Interpolation>(choice % 4);
  how.antialias = choice % 11 != 0;
  return how;
}

fovea::jpeg::Outcome Run(const Bytes& file, int orientation, const fovea::Resampling& how,
                         const fovea::PictureKernels& kernels, Bytes& pixels) {
  const std::int64_t channels = how.OutChannels();
  pixels.assign(static_cast<std::size_t>(how.out_width * how.out_height * channels), 0);
  fovea::Photo photo;
  photo.bytes = file.data();
  photo.size = file.size();
  photo.orientation = orientation;
  photo.how = how;
  photo.target = {pixels.data(), channels, channels * how.out_width, channels};
  photo.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  return fovea::DecodePhoto(photo, kernels);
}

}  // namespace

/** The first bytes choose the form of the file and the resampling; the rest is a file or coded data. Both kinds of kernels must
 * give the same. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kChoices = 6;
  if (size < kChoices) return 0;
  constexpr std::uint8_t kSamplings[] = {0x11, 0x21, 0x12, 0x22};
  const Form form{static_cast<std::uint8_t>(6 + data[0] % kSide), static_cast<std::uint8_t>(6 + data[1] % kSide),
                  kSamplings[data[2] % 4], data[2] % 16 < 4, static_cast<std::uint8_t>(data[3] % 8), data[4]};
  const Bytes file = data[5] % 8 == 0 ? Bytes(data + kChoices, data + size) : FileAround(data + kChoices, size - kChoices, form);
  const int orientation = 1 + data[3] / 8 % 8;
  const bool is_sideways = orientation >= 5;
  const auto how = HowFor(is_sideways ? form.height : form.width, is_sideways ? form.width : form.height, data[5]);
  Bytes baseline, best;
  const auto outcome = Run(file, orientation, how, fovea::BaselineKernels(), baseline);
  if (outcome != Run(file, orientation, how, fovea::BestKernels(), best) || baseline != best) std::abort();
  const fovea::PictureForm own{form.width, form.height, form.is_grey ? 1u : 3u};
  Bytes pixels(own.Bytes());
  fovea::DecodeSmallJpeg(file.data(), file.size(), own, pixels.data());
  return 0;
}
