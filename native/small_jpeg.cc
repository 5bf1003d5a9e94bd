#include "small_jpeg.h"

#include "jpeg.h"
#include "resample_rows.h"
#include "row_sink.h"

namespace fovea {
namespace {

/** Leaves out the fourth value of each pixel, or keeps one of four for grey. */
class PixelWriter : public RowSink {
 public:
  PixelWriter(const PictureForm& form, std::uint8_t* pixels) : form_(form), out_(pixels) {}

  void Take(std::int64_t, const std::uint8_t* pixels) override {
    if (form_.channels == 1) Copy<1>(pixels);
    else Copy<3>(pixels);
    out_ += form_.RowBytes();
  }

 private:
  template <int kChannels>
  void Copy(const std::uint8_t* pixels) {
    // In a register, because the compiler cannot know that `out_` is not part of the pixels.
    std::uint8_t* const out = out_;
    const int width = static_cast<int>(form_.width);
    for (int column = 0; column < width; ++column)
      for (int channel = 0; channel < kChannels; ++channel) out[column * kChannels + channel] = pixels[column * kLanes + channel];
  }

  const PictureForm form_;
  std::uint8_t* out_;
};

}  // namespace

bool DecodeSmallJpeg(const std::uint8_t* bytes, std::size_t size, const PictureForm& form, std::uint8_t* pixels) {
  // Kept, because most files have the Huffman tables of the file before, and making them takes longer than decoding a small file.
  static thread_local jpeg::File file;
  if (!jpeg::ReadFile(bytes, size, file) || file.has_application_data) return false;
  const bool fits = static_cast<std::uint32_t>(file.width) == form.width && static_cast<std::uint32_t>(file.height) == form.height &&
                    static_cast<std::uint32_t>(file.component_count) == form.channels;
  if (!fits) return false;
  PixelWriter writer(form, pixels);
  const jpeg::Decoding whole{1, {0, file.height}, {0, file.width}, std::chrono::steady_clock::time_point::max()};
  return jpeg::Decode(file, whole, BestKernels(), writer) == jpeg::Outcome::kDecoded;
}

}  // namespace fovea
