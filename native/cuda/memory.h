#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>

#include "status.h"

namespace fovea::cuda {

struct FreeDevice {
  void operator()(std::byte* memory) const { cudaFree(memory); }
};

struct FreePinned {
  void operator()(std::byte* memory) const { cudaFreeHost(memory); }
};

/** Device memory. */
using DeviceMemory = std::unique_ptr<std::byte, FreeDevice>;

/** Pinned host memory, which the card reads and writes directly. */
using PinnedMemory = std::unique_ptr<std::byte, FreePinned>;

/** @throws OutOfMemory */
inline DeviceMemory AllocateDevice(std::size_t bytes) {
  void* memory = nullptr;
  Check(cudaMalloc(&memory, bytes == 0 ? 1 : bytes), "cudaMalloc");
  return DeviceMemory(static_cast<std::byte*>(memory));
}

/** @throws OutOfMemory */
inline PinnedMemory AllocatePinned(std::size_t bytes) {
  void* memory = nullptr;
  Check(cudaMallocHost(&memory, bytes == 0 ? 1 : bytes), "cudaMallocHost");
  return PinnedMemory(static_cast<std::byte*>(memory));
}

}  // namespace fovea::cuda
