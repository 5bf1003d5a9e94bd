#pragma once

#include "arena.h"
#include "plan.h"
#include "winograd_kernel.h"

namespace fovea {

/** int8: the scales of the input and of the output; else 1. */
struct WinogradScales {
  float input = 1;
  float output = 1;
};

/** A 3 × 3 filter and its bias in the layout of the kernel; shared by all batch sizes. */
class WinogradFilter {
 public:
  WinogradFilter(const Step& step, const winograd::TilesKernel& kernel, const WinogradScales& scales);

  const void* weights() const { return weights_.data(); }
  /** The initial value of each sum. */
  const void* start() const { return start_.data(); }
  /** int8 only: the factor of each sum. */
  const float* sum_scales() const { return reinterpret_cast<const float*>(sum_scales_.data()); }

 private:
  struct Layout;
  struct Column;
  void SetFloat(const Layout& layout, const Column& column, bool is_bfloat16);
  void SetInt8(const Layout& layout, const Column& column, const WinogradScales& scales);

  Arena weights_;
  Arena start_;
  Arena sum_scales_;
};

}  // namespace fovea
