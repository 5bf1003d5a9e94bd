#include "winograd_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "winograd_tiles.h"

namespace fovea::winograd {
namespace {

struct Float32OfAvx2 {
  static constexpr std::int64_t kLanes = 8;
  static constexpr std::int64_t kTilesAtOnce = 6;
  using Number = float;
  using Floats = __m256;
  using Pixels = FloatPair<Float32OfAvx2>;
  using Words = __m256;
  using Sum = __m256;
  static Words LoadWords(const std::int32_t* from) { return LoadSum(from); }
  static Words Broadcast(const std::int32_t* from) { return _mm256_broadcast_ss(reinterpret_cast<const float*>(from)); }
  static Floats Fill(float value) { return _mm256_set1_ps(value); }
  static Floats Larger(Floats a, Floats b) { return _mm256_max_ps(a, b); }
  static Pixels Zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
  static Pixels Load(const Number* from) { return {_mm256_loadu_ps(from), _mm256_loadu_ps(from + kLanes)}; }
  template <std::int64_t>
  static void StoreTransformed(Number* to, Pixels pixels) {
    Store(to, pixels.first, pixels.second);
  }
  static Sum LoadSum(const std::int32_t* from) { return _mm256_loadu_ps(reinterpret_cast<const float*>(from)); }
  static void StoreSum(std::int32_t* to, Sum sum) { _mm256_storeu_ps(reinterpret_cast<float*>(to), sum); }
  static Sum Add(Sum sum, Words inputs, Words weights) { return _mm256_fmadd_ps(inputs, weights, sum); }
  static Floats ToFloat(Sum sum, const float*) { return sum; }
  static void Store(Number* to, Floats first, Floats second) {
    _mm256_storeu_ps(to, first);
    _mm256_storeu_ps(to + kLanes, second);
  }
};

}  // namespace

TilesKernel Float32KernelOfAvx2() { return KernelOf<Float32OfAvx2>(Numbers::kFloat32); }

}  // namespace fovea::winograd

#else

namespace fovea::winograd {

TilesKernel Float32KernelOfAvx2() { return {}; }

}  // namespace fovea::winograd

#endif
