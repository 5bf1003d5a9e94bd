#pragma once

#include <cstddef>
#include <cstdint>

#include "picture_form.h"

namespace fovea {

/**
 * Decodes a plain JPEG file (`jpeg::ReadFile`) of exactly this form, for which neither resampling nor a colour profile nor an
 * orientation counts. The pixels are libjpeg's.
 * @param pixels uint8 `[height, width, channels]`; undefined when the result is false
 * @returns false for every other file, and for every damaged file
 * @throws std::bad_alloc
 */
bool DecodeSmallJpeg(const std::uint8_t* file, std::size_t bytes, const PictureForm& form, std::uint8_t* pixels);

}  // namespace fovea
