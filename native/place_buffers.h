#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace fovea {

/** A part of an instance's working memory. `PlaceBuffers` sets `offset`. */
struct Buffer {
  std::size_t bytes = 0;
  std::size_t offset = 0;
};

/** The first and the last call that reads or writes a buffer. */
struct Life {
  std::size_t first = std::numeric_limits<std::size_t>::max();
  std::size_t last = 0;

  void Include(std::size_t call);
  bool Overlaps(const Life& other) const { return first <= other.last && other.first <= last; }
};

/** Sets offsets so that buffers whose lives do not overlap share memory.
 * @param lives one per buffer
 * @param alignment bytes; a power of two
 * @returns bytes that all buffers need together */
std::size_t PlaceBuffers(std::vector<Buffer>& buffers, const std::vector<Life>& lives, std::size_t alignment);

}  // namespace fovea
