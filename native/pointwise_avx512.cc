#include "pointwise_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "pointwise_pixels.h"

namespace fovea::pointwise {
namespace {

struct Avx512 {
  static constexpr std::int64_t kLanes = 16;
  static constexpr std::int64_t kPixelsAtOnce = 8;
  using Floats = __m512;
  static Floats Load(const float* from) { return _mm512_loadu_ps(from); }
  static void Store(float* to, Floats x) { _mm512_storeu_ps(to, x); }
  static Floats Fill(float value) { return _mm512_set1_ps(value); }
  static Floats Larger(Floats a, Floats b) { return _mm512_max_ps(a, b); }
  static Floats Smaller(Floats a, Floats b) { return _mm512_min_ps(a, b); }
  static Floats MultiplyAdd(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
  static Floats NegativeMultiplyAdd(Floats a, Floats b, Floats c) { return _mm512_fnmadd_ps(a, b, c); }
  static Floats Round(Floats x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static Floats TimesPowerOfTwo(Floats x, Floats n) { return _mm512_scalef_ps(x, n); }
};

}  // namespace

PixelsKernel KernelOfAvx512() { return {Run<Avx512>, kBlock<Avx512>}; }

}  // namespace fovea::pointwise

#else

namespace fovea::pointwise {

PixelsKernel KernelOfAvx512() { return {}; }

}  // namespace fovea::pointwise

#endif
