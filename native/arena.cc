#include "arena.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace fovea {
namespace {
constexpr std::size_t kAlignment = 64;
}

Arena::Arena(std::size_t bytes) {
  const std::size_t size = std::max(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  memory_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, size)));
  if (memory_ == nullptr) throw std::bad_alloc();
  // Touches every page, because otherwise the first request waits for page faults.
  std::memset(memory_.get(), 0, size);
}

void Arena::Free::operator()(std::byte* memory) const { std::free(memory); }

}  // namespace fovea
