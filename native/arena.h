#pragma once

#include <cstddef>
#include <memory>

namespace fovea {

/** Asks for pages of 2 MB: reading much memory then looks up fewer addresses. Only memory that nothing has touched gets them. */
void UseLargePages(void* memory, std::size_t bytes);

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
