#include "arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace fovea {
namespace {
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLargePage = std::size_t{1} << 21;

std::size_t RoundUp(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }
}  // namespace

void UseLargePages(void* memory, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = RoundUp(address, kLargePage);
  const std::uintptr_t end = (address + bytes) / kLargePage * kLargePage;
  // A wish: without it the memory has small pages.
  if (end > first) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

Arena::Arena(std::size_t bytes) {
  const std::size_t alignment = bytes < kLargePage ? kAlignment : kLargePage;
  const std::size_t size = std::max(kAlignment, RoundUp(bytes, kAlignment));
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, size) != 0) throw std::bad_alloc();
  memory_.reset(static_cast<std::byte*>(memory));
  UseLargePages(memory, size);
  // Touches every page, because otherwise the first request waits for page faults.
  std::memset(memory_.get(), 0, size);
}

void Arena::Free::operator()(std::byte* memory) const { std::free(memory); }

}  // namespace fovea
