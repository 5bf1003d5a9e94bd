#include "pointwise_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "pointwise_pixels.h"

namespace fovea::pointwise {
namespace {

struct Avx2 {
  static constexpr std::int64_t kLanes = 8;
  static constexpr std::int64_t kPixelsAtOnce = 6;
  using Floats = __m256;
  static Floats Load(const float* from) { return _mm256_loadu_ps(from); }
  static void Store(float* to, Floats x) { _mm256_storeu_ps(to, x); }
  static Floats Fill(float value) { return _mm256_set1_ps(value); }
  static Floats Larger(Floats a, Floats b) { return _mm256_max_ps(a, b); }
  static Floats Smaller(Floats a, Floats b) { return _mm256_min_ps(a, b); }
  static Floats MultiplyAdd(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
  static Floats NegativeMultiplyAdd(Floats a, Floats b, Floats c) { return _mm256_fnmadd_ps(a, b, c); }
  static Floats Round(Floats x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  /** @param n of at most ±126, so that the power is a normal number */
  static Floats TimesPowerOfTwo(Floats x, Floats n) {
    constexpr int kBias = 127;
    constexpr int kFractionBits = 23;
    const __m256i power = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(kBias));
    return x * _mm256_castsi256_ps(_mm256_slli_epi32(power, kFractionBits));
  }
};

}  // namespace

PixelsKernel KernelOfAvx2() { return {Run<Avx2>, kBlock<Avx2>}; }

}  // namespace fovea::pointwise

#else

namespace fovea::pointwise {

PixelsKernel KernelOfAvx2() { return {}; }

}  // namespace fovea::pointwise

#endif
