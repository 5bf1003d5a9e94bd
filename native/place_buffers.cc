#include "place_buffers.h"

#include <algorithm>

namespace fovea {

void Life::Include(std::size_t call) {
  first = std::min(first, call);
  last = std::max(last, call);
}

std::size_t PlaceBuffers(std::vector<Buffer>& buffers, const std::vector<Life>& lives, std::size_t alignment) {
  std::size_t total = 0;
  for (std::size_t index = 0; index < buffers.size(); ++index) {
    Buffer& buffer = buffers[index];
    // The lowest offset that is free during this buffer's life.
    std::vector<const Buffer*> taken;
    for (std::size_t other = 0; other < index; ++other)
      if (lives[other].Overlaps(lives[index])) taken.push_back(&buffers[other]);
    std::sort(taken.begin(), taken.end(), [](const Buffer* a, const Buffer* b) { return a->offset < b->offset; });
    std::size_t offset = 0;
    for (const Buffer* other : taken) {
      if (offset + buffer.bytes <= other->offset) break;
      const std::size_t end = other->offset + other->bytes;
      offset = std::max(offset, (end + alignment - 1) / alignment * alignment);
    }
    buffer.offset = offset;
    total = std::max(total, offset + buffer.bytes);
  }
  return total;
}

}  // namespace fovea
