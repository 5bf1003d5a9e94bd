#pragma once

#include <algorithm>
#include <cstdint>

namespace fovea {

/** A convolution divided into parts for threads, by places of the output and by blocks of out channels. */
struct Division {
  struct Range {
    std::int64_t first;
    std::int64_t last;
  };

  std::int64_t places;
  std::int64_t blocks;

  /** Gives each thread as many parts as any other. Few places are divided by blocks, because each part reads the weights of its blocks.
   * @param most places of a part */
  static Division Of(std::int64_t places, std::int64_t blocks, std::int64_t most, std::int64_t threads) {
    const std::int64_t parts = (places + most - 1) / most;
    if (parts < threads) return {parts, std::min(blocks, (threads + parts - 1) / parts)};
    return {std::min(places, (parts + threads - 1) / threads * threads), 1};
  }

  /** What part `index` of `parts` has of all. */
  static Range RangeOf(std::int64_t index, std::int64_t parts, std::int64_t all) {
    return {index * all / parts, (index + 1) * all / parts};
  }
};

}  // namespace fovea
