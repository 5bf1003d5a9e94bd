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

  /** At least a part for each thread, where there are as many. Few places are divided by blocks, because each part reads the
   * weights of its blocks, and by places too where the blocks are too few.
   * @param most places of a part */
  static Division Of(std::int64_t places, std::int64_t blocks, std::int64_t most, std::int64_t threads) {
    const std::int64_t parts = SharesOf(places, most);
    if (parts >= threads) return {std::min(places, SharesOf(parts, threads) * threads), 1};
    const std::int64_t by_blocks = std::min(blocks, SharesOf(threads, parts));
    return {std::min(places, std::max(parts, SharesOf(threads, by_blocks))), by_blocks};
  }

  /** What part `index` of `parts` has of all. */
  static Range RangeOf(std::int64_t index, std::int64_t parts, std::int64_t all) {
    return {index * all / parts, (index + 1) * all / parts};
  }

 private:
  static std::int64_t SharesOf(std::int64_t all, std::int64_t largest) { return (all + largest - 1) / largest; }
};

}  // namespace fovea
