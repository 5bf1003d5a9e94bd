#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "resample_rows.h"
#include "row_sink.h"

namespace fovea {

/** Writes the columns of a row in `kLanes` values a pixel.
 * @param from uint8 `[width, channels]` */
inline void WidenRow(const std::uint8_t* from, std::int64_t channels, const Span& columns, std::uint8_t* out) {
  if (channels == 1) {
    for (std::int64_t at = columns.first; at < columns.end; ++at) std::fill_n(out + kLanes * at, kLanes, from[at]);
    return;
  }
  // The lane without meaning gets the first value of the next pixel, because one copy of four bytes is faster than three of one.
  for (std::int64_t at = columns.first; at + 1 < columns.end; ++at) std::memcpy(out + kLanes * at, from + 3 * at, kLanes);
  std::memcpy(out + kLanes * (columns.end - 1), from + 3 * (columns.end - 1), 3);
}

}  // namespace fovea
