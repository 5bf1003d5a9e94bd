#pragma once

// Only for kernels that are compiled with AVX-512; see winograd_tiles.h.
#include <immintrin.h>

#include "winograd_tiles.h"

namespace fovea::winograd {
namespace {

/** The arithmetic of `winograd_tiles.h` with AVX-512. */
struct Avx512 {
  static constexpr std::int64_t kLanes = 16;
  static constexpr std::int64_t kTilesAtOnce = 8;
  using Floats = __m512;
  using Words = __m512i;
  static Words LoadWords(const std::int32_t* from) { return _mm512_loadu_si512(from); }
  static Words Broadcast(const std::int32_t* from) { return _mm512_set1_epi32(*from); }
  static Floats Fill(float value) { return _mm512_set1_ps(value); }
  static Floats Larger(Floats a, Floats b) { return _mm512_max_ps(a, b); }
};

struct Float32 : Avx512 {
  using Number = float;
  using Pixels = FloatPair<Avx512>;
  using Sum = __m512;
  static Pixels Zero() { return {_mm512_setzero_ps(), _mm512_setzero_ps()}; }
  static Pixels Load(const Number* from) { return {_mm512_loadu_ps(from), _mm512_loadu_ps(from + kLanes)}; }
  template <std::int64_t>
  static void StoreTransformed(Number* to, Pixels pixels) {
    _mm512_storeu_ps(to, pixels.first);
    _mm512_storeu_ps(to + kLanes, pixels.second);
  }
  static Sum LoadSum(const void* from) { return _mm512_loadu_ps(from); }
  static void StoreSum(void* to, Sum sum) { _mm512_storeu_ps(to, sum); }
  static Sum Add(Sum sum, __m512i inputs, __m512i weights) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(inputs), _mm512_castsi512_ps(weights), sum);
  }
  static __m512 ToFloat(Sum sum, const float*) { return sum; }
  static void Store(Number* to, __m512 first, __m512 second) {
    _mm512_storeu_ps(to, first);
    _mm512_storeu_ps(to + kLanes, second);
  }
};

}  // namespace
}  // namespace fovea::winograd
