#include "winograd_kernel.h"

#if defined(__x86_64__)

#include "winograd_avx512.h"

namespace fovea::winograd {
namespace {

struct Uint8 : Avx512 {
  using Number = std::uint8_t;
  struct Pixels {
    __m512i numbers;
    friend Pixels operator+(Pixels a, Pixels b) { return {_mm512_add_epi16(a.numbers, b.numbers)}; }
    friend Pixels operator-(Pixels a, Pixels b) { return {_mm512_sub_epi16(a.numbers, b.numbers)}; }
  };
  using Sum = __m512i;
  static Pixels Zero() { return {_mm512_setzero_si512()}; }
  static Pixels Load(const Number* from) {
    return {_mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)))};
  }
  template <std::int64_t kPosition>
  static void StoreTransformed(Number* to, Pixels pixels) {
    static_assert(kStep == 2);
    // Adds 1 before halving in every second channel only (the lower half of each 32-bit lane), because rounding all
    // channels up would bias the sums.
    const __m512i half = _mm512_set1_epi32(1);
    const __m512i zero = _mm512_set1_epi16(kStep * ZeroOf(kPosition));
    const __m512i moved = _mm512_add_epi16(pixels.numbers, _mm512_add_epi16(zero, half));
    const __m512i halved = _mm512_srli_epi16(_mm512_max_epi16(moved, _mm512_setzero_si512()), 1);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtusepi16_epi8(halved));
  }
  static Sum LoadSum(const void* from) { return _mm512_loadu_si512(from); }
  static void StoreSum(void* to, Sum sum) { _mm512_storeu_si512(to, sum); }
  static Sum Add(Sum sum, __m512i inputs, __m512i weights) { return _mm512_dpbusd_epi32(sum, inputs, weights); }
  static __m512 ToFloat(Sum sum, const float* scales) {
    return _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_loadu_ps(scales));
  }
  static void Store(Number* to, __m512 first, __m512 second) {
    StoreHalf(to, first);
    StoreHalf(to + kLanes, second);
  }
  static void StoreHalf(Number* to, __m512 numbers) {
    const __m512i rounded = _mm512_max_epi32(_mm512_cvtps_epi32(numbers), _mm512_setzero_si512());
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtusepi32_epi8(rounded));
  }
};

}  // namespace

TilesKernel Uint8Kernel() { return KernelOf<Uint8>(Numbers::kUint8); }

}  // namespace fovea::winograd

#else

namespace fovea::winograd {

TilesKernel Uint8Kernel() { return {}; }

}  // namespace fovea::winograd

#endif
