#pragma once

#include <cstddef>
#include <memory>

namespace fovea {

/** Zeroed memory, aligned to a cache line. */
class Arena {
 public:
  /** @throws std::bad_alloc */
  explicit Arena(std::size_t bytes);
  std::byte* data() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  std::unique_ptr<std::byte, Free> memory_;
};

}  // namespace fovea
