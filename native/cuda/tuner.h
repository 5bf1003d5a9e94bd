#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "handles.h"
#include "kernels.h"
#include "memory.h"

namespace fovea::cuda {

/** Chooses the fastest of several kernels by running them on its own memory, filled with noise. */
class Tuner {
 public:
  Tuner(const Handles& handles, const Kernels& kernels) : handles_(handles), kernels_(kernels) {}
  Tuner(const Tuner&) = delete;
  Tuner& operator=(const Tuner&) = delete;

  const Handles& handles() const { return handles_; }

  /** Bytes of workspace that a kernel may use. */
  static constexpr std::size_t kWorkspaceLimit = std::size_t{256} << 20U;

  /** Noise of at least this many bytes; valid until the next call.
   * @throws OutOfMemory */
  std::byte* Scratch(std::size_t bytes);
  std::byte* Workspace(std::size_t bytes);

  /** Microseconds of one of several runs in a graph. Infinite when the kernel fails. */
  double Time(const std::function<void()>& launch) const;

 private:
  const Handles& handles_;
  const Kernels& kernels_;
  DeviceMemory scratch_;
  std::size_t scratch_bytes_ = 0;
  DeviceMemory workspace_;
  std::size_t workspace_bytes_ = 0;
};

}  // namespace fovea::cuda
