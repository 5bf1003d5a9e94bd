#pragma once

#include <cstddef>
#include <cstdint>

#include "picture_form.h"
#include "row_sink.h"

namespace fovea {

/**
 * Decodes a PNG file that needs only inflating and unfiltering: of exactly this form, not interlaced, and without palette,
 * transparency, colour profile, EXIF or animation.
 * @param pixels uint8 `[height, width, channels]`; undefined when the result is false
 * @returns false for every other file, and for every damaged file
 * @source W3C PNG (third edition)
 */
bool DecodePng(const std::uint8_t* file, std::size_t bytes, const PictureForm& form, std::uint8_t* pixels);

/** The part of a picture that `DecodePngRows` passes on. */
struct PngPart {
  Span rows;
  Span columns;
};

/**
 * Decodes as `DecodePng` and passes on row by row. It also decodes the rows outside `part`, because a damaged file must not pass.
 * @returns as `DecodePng`; some rows may have been taken before false is returned
 * @throws std::bad_alloc
 */
bool DecodePngRows(const std::uint8_t* file, std::size_t bytes, const PictureForm& form, const PngPart& part, RowSink& sink);

}  // namespace fovea
