#pragma once

// The kernel for any length of vectors. Each `pointwise_<instructions>.cc` includes it and is compiled with these instructions
// only, because the compiler may use every instruction that it is given, in all code of a translation unit.
//
// The parameter `A` tells the arithmetic:
//   kLanes          floats of a vector; a block of channels is two vectors
//   kPixelsAtOnce   pixels whose sums, two vectors each, are kept in registers
//   Floats          a vector of floats, with + - * /
#include "fetch_ahead.h"
#include "pointwise_kernel.h"

namespace fovea::pointwise {
namespace {

template <typename A>
constexpr std::int64_t kBlock = 2 * A::kLanes;

/** exp(-x), to 2 units in the last place where |x| ≤ 87; beyond that exp(±87). It is 2ⁿ · e^r with |r| ≤ ln 2 / 2.
 * @source the polynomial of expf in Cephes (S. Moshier, netlib.org/cephes) */
template <typename A>
typename A::Floats ExpOfNegative(typename A::Floats x) {
  using Floats = typename A::Floats;
  constexpr float kLargest = 87;
  const Floats y = A::Smaller(A::Larger(A::Fill(0) - x, A::Fill(-kLargest)), A::Fill(kLargest));
  const Floats n = A::Round(y * A::Fill(1.44269504F));
  const Floats r = A::NegativeMultiplyAdd(n, A::Fill(-2.12194440e-4F), A::NegativeMultiplyAdd(n, A::Fill(0.693359375F), y));
  Floats p = A::Fill(1.9875691500e-4F);
  p = A::MultiplyAdd(p, r, A::Fill(1.3981999507e-3F));
  p = A::MultiplyAdd(p, r, A::Fill(8.3334519073e-3F));
  p = A::MultiplyAdd(p, r, A::Fill(4.1665795894e-2F));
  p = A::MultiplyAdd(p, r, A::Fill(1.6666665459e-1F));
  p = A::MultiplyAdd(p, r, A::Fill(5.0000001201e-1F));
  return A::TimesPowerOfTwo(A::MultiplyAdd(p, r * r, r + A::Fill(1)), n);
}

template <typename A, Function kFunction>
typename A::Floats Apply(typename A::Floats x) {
  if constexpr (kFunction == Function::kRelu) return A::Larger(x, A::Fill(0));
  if constexpr (kFunction == Function::kRelu6) return A::Smaller(A::Larger(x, A::Fill(0)), A::Fill(6));
  if constexpr (kFunction == Function::kSwish) return x / (A::Fill(1) + ExpOfNegative<A>(x));
  return x;
}

/** `kPixels` pixels and a block of out channels.
 * @param weights `[in, block]`
 * @param bias, addend, output from the first channel of the block; the addend may be null */
template <typename A, Function kFunction, std::int64_t kPixels>
void Multiply(const Task& task, const float* input, const float* weights, const float* bias, const FetchAhead& ahead,
              const float* addend, float* output) {
  using Floats = typename A::Floats;
  Floats first[kPixels];
  Floats second[kPixels];
#pragma GCC unroll 16
  for (std::int64_t pixel = 0; pixel < kPixels; ++pixel) {
    first[pixel] = A::Load(bias);
    second[pixel] = A::Load(bias + A::kLanes);
  }
  const std::int64_t in = task.in_channels;
  for (std::int64_t channel = 0; channel < in; ++channel, weights += kBlock<A>) {
    const Floats first_weights = A::Load(weights);
    const Floats second_weights = A::Load(weights + A::kLanes);
    ahead.Fetch(channel);
#pragma GCC unroll 16
    for (std::int64_t pixel = 0; pixel < kPixels; ++pixel) {
      const Floats number = A::Fill(input[pixel * in + channel]);
      first[pixel] = A::MultiplyAdd(number, first_weights, first[pixel]);
      second[pixel] = A::MultiplyAdd(number, second_weights, second[pixel]);
    }
  }
#pragma GCC unroll 16
  for (std::int64_t pixel = 0; pixel < kPixels; ++pixel) {
    const std::int64_t at = pixel * task.out_channels;
    if (addend != nullptr) {
      first[pixel] = first[pixel] + A::Load(addend + at);
      second[pixel] = second[pixel] + A::Load(addend + at + A::kLanes);
    }
    A::Store(output + at, Apply<A, kFunction>(first[pixel]));
    A::Store(output + at + A::kLanes, Apply<A, kFunction>(second[pixel]));
  }
}

/** `Multiply` for 1 to `kPixels` pixels. */
template <typename A, Function kFunction, std::int64_t kPixels = A::kPixelsAtOnce>
void MultiplyGroup(std::int64_t pixels, const Task& task, const float* input, const float* weights, const float* bias,
                   const FetchAhead& ahead, const float* addend, float* output) {
  if constexpr (kPixels > 1)
    if (pixels < kPixels)
      return MultiplyGroup<A, kFunction, kPixels - 1>(pixels, task, input, weights, bias, ahead, addend, output);
  Multiply<A, kFunction, kPixels>(task, input, weights, bias, ahead, addend, output);
}

template <typename A, Function kFunction>
void RunFunction(const Task& task, const Part& part, const float* input, const float* addend, float* output) {
  const std::int64_t groups = (part.last - part.first + A::kPixelsAtOnce - 1) / A::kPixelsAtOnce;
  // The groups fetch the weights of the next block, each a share of them.
  const std::int64_t share = kBlock<A> * static_cast<std::int64_t>(sizeof(float)) / groups;
  for (std::int64_t block = part.block; block < part.last_block; ++block) {
    const float* weights = task.weights + block * task.in_channels * kBlock<A>;
    const auto* next = reinterpret_cast<const std::byte*>(weights + task.in_channels * kBlock<A>);
    const std::int64_t channel = FirstChannel(task.out_channels, kBlock<A>, block);
    // Groups of about the same size, because a small one keeps few multiplications in flight.
    for (std::int64_t group = 0, pixel = part.first; group < groups; ++group) {
      const std::int64_t pixels = (part.last - pixel) / (groups - group);
      const std::int64_t at = pixel * task.out_channels + channel;
      MultiplyGroup<A, kFunction>(pixels, task, input + pixel * task.in_channels, weights, task.bias + channel,
                                  FetchAhead{next + group * task.in_channels * share, share},
                                  addend == nullptr ? nullptr : addend + at, output + at);
      pixel += pixels;
    }
  }
}

template <typename A>
void Run(const Task& task, const Part& part, const float* input, const float* addend, float* output) {
  switch (task.function) {
    case Function::kNone:
      return RunFunction<A, Function::kNone>(task, part, input, addend, output);
    case Function::kRelu:
      return RunFunction<A, Function::kRelu>(task, part, input, addend, output);
    case Function::kRelu6:
      return RunFunction<A, Function::kRelu6>(task, part, input, addend, output);
    case Function::kSwish:
      return RunFunction<A, Function::kSwish>(task, part, input, addend, output);
  }
}

}  // namespace
}  // namespace fovea::pointwise
