#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "jpeg_file.h"
#include "picture_kernels.h"
#include "row_sink.h"

namespace fovea::jpeg {

struct Decoding {
  /** 1, 2 or 4: so many pixels in each direction become one, their mean. */
  int shrink;
  /** Of the shrunk picture. */
  Span rows;
  Span columns;
  std::chrono::steady_clock::time_point deadline;
};

enum class Outcome { kDecoded, kNotPlain, kLate };

/**
 * Decodes a plain file (`ReadFile`). With `shrink` 1 the pixels are libjpeg's. All coded data is decoded, also that of other
 * rows, because a damaged file must not pass. Of the rows only the columns that were asked for are written.
 * @returns kNotPlain for damaged data too; some rows may have been taken by then
 * @throws std::bad_alloc
 * @source ITU-T T.81; libjpeg-turbo: rounding of IDCT, upsampling and colours (algorithms only)
 */
Outcome Decode(const File& file, const Decoding& how, const PictureKernels& kernels, RowSink& sink);

}  // namespace fovea::jpeg
