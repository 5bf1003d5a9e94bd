#pragma once

#include <cstdint>
#include <memory>

#include "model.h"
#include "pixels.h"
#include "team.h"
#include "workspace.h"

namespace fovea {

/** A model with its own working memory, for one thread at a time. */
class Instance {
 public:
  explicit Instance(std::shared_ptr<const Model> model);

  const Model& model() const { return *model_; }

  /** Classifies any number of images, in portions of at most `LargestRows`. While no other batch runs in
   * the process, its team may run them (`portion_time.h`).
   * @param images `[rows, height, width, channels]`
   * @param probabilities float32 `[rows, classes]`
   * @throws dnnl::error */
  void Run(const Images& images, std::int64_t rows, float* probabilities);

  /** Widens `[low, high]` of the input and of each step's output by the values of the last portion of `Run`. Requires a
   * float32 model that keeps its values. */
  void Observe(std::int64_t rows, float* ranges) const;

 private:
  /** Tries to run the whole batch by threads that each take portions of it. @returns false when it did not run */
  bool RunByLanes(const Images& images, std::int64_t rows, const LaneDivision& division, float* probabilities,
                  const RunningBatch& batch);
  void RunPortion(const Images& images, std::int64_t rows, float* probabilities, bool is_alone);

  std::shared_ptr<const Model> model_;
  Workspace workspace_;
};

}  // namespace fovea
