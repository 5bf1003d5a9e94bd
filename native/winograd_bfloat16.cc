#include "winograd_kernel.h"

#if defined(__x86_64__)

#include "winograd_avx512.h"

namespace fovea::winograd {
namespace {

struct Bfloat16 : Float32 {
  using Number = std::uint16_t;
  /** A bfloat16 is the upper half of a float, so `first` holds the even channels and `second` the odd ones. */
  static Pixels Load(const Number* from) {
    const __m512i both = _mm512_loadu_si512(from);
    return {_mm512_castsi512_ps(_mm512_slli_epi32(both, 16)),
            _mm512_castsi512_ps(_mm512_and_si512(both, _mm512_set1_epi32(static_cast<int>(0xFFFF0000U))))};
  }
  template <std::int64_t>
  static void StoreTransformed(Number* to, Pixels pixels) {
    Store(to, pixels.first, pixels.second);
  }
  static Sum Add(Sum sum, __m512i inputs, __m512i weights) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(inputs), reinterpret_cast<__m512bh>(weights));
  }
  static void Store(Number* to, __m512 first, __m512 second) {
    _mm512_storeu_si512(to, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first)));
  }
};

}  // namespace

TilesKernel Bfloat16Kernel() { return KernelOf<Bfloat16>(Numbers::kBfloat16); }

}  // namespace fovea::winograd

#else

namespace fovea::winograd {

TilesKernel Bfloat16Kernel() { return {}; }

}  // namespace fovea::winograd

#endif
