#pragma once

#include <cstdint>
#include <memory>

#include "picture_kernels.h"
#include "resample.h"
#include "row_sink.h"

namespace fovea {

/** Where pixels of the result are written. */
struct Target {
  /** The first one. */
  std::uint8_t* pixels;
  /** Bytes from one to the next across and down; negative where the picture is mirrored. */
  std::int64_t across;
  std::int64_t down;
  /** Bytes of each: 1 or 3. With 1 every pixel must be four times grey, or `to_grey` be set. */
  std::int64_t channels;
};

/** Resamples a picture that comes row by row. Holds no more rows than one row of the result is made of. */
class RowResampler : public RowSink {
 public:
  /** The part of the rows that is needed. */
  virtual Span Rows() const = 0;
  virtual Span Columns() const = 0;
};

/**
 * @param shrink each pixel of the rows is the mean of so many of the picture, in each direction
 * @throws std::bad_alloc
 */
std::unique_ptr<RowResampler> MakeRowResampler(const Resampling& how, int shrink, const PictureKernels& kernels,
                                               const Target& target);

}  // namespace fovea
