#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "graph.h"
#include "handles.h"
#include "memory.h"
#include "model.h"

namespace fovea::cuda {

/** A model with its own working memory and stream, for one thread at a time. A run allocates nothing. */
class Instance {
 public:
  /** @throws CudaError */
  explicit Instance(std::shared_ptr<const Model> model);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const Model& model() const { return *model_; }

  /** Classifies any number of images, in portions of at most the model's largest size.
   * @param pixels uint8 `[rows, height, width, channels]`
   * @param probabilities float32 `[rows, classes]`
   * @throws CudaError; then the context of the process is lost, and every later call throws, too */
  void Run(const std::uint8_t* pixels, std::int64_t rows, float* probabilities);

 private:
  void RunPortion(const std::uint8_t* pixels, std::int64_t rows, float* probabilities);

  std::shared_ptr<const Model> model_;
  Handles handles_;
  DeviceMemory arena_;
  DeviceMemory workspace_;
  PinnedMemory pixels_;
  PinnedMemory probabilities_;
  /** One per program: the copy to the card, all kernels, and the copy back. */
  std::vector<Graph> graphs_;
};

}  // namespace fovea::cuda
