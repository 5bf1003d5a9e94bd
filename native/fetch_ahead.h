#pragma once

#include <cstddef>
#include <cstdint>

// In an unnamed namespace, because translation units with different instruction sets include it.
namespace fovea {
namespace {

/** Fetches memory into the second-level cache while something else is computed: processors do not look ahead far enough. */
struct FetchAhead {
  static constexpr std::int64_t kCacheLine = 64;
  const std::byte* from;
  /** At most two cache lines. */
  std::int64_t bytes_per_step;

  void Fetch(std::int64_t step) const {
    const std::byte* at = from + step * bytes_per_step;
    __builtin_prefetch(at, 0, 2);
    if (bytes_per_step > kCacheLine) __builtin_prefetch(at + kCacheLine, 0, 2);
  }
};

}  // namespace
}  // namespace fovea
