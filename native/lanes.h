#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pixels.h"

namespace fovea {

class Model;
class RunningBatch;
class Workspace;

/** How the rows of a batch are divided among threads that each take rows through the whole network. */
struct LaneDivision {
  /** Rows of a portion; 0 if too many threads would be idle at the end. */
  std::int64_t portion = 0;
  std::int64_t portions = 0;

  /** @param largest rows of a portion */
  static LaneDivision Of(std::int64_t rows, int threads, std::int64_t largest);
};

/**
 * Threads that take the portions of a batch, each through the whole network, with working memory of its own. No thread waits for another
 * before the end of the batch; where the threads divide each step, they wait for each other at every step.
 *
 * Only the leader of the team may run them, so one batch at a time uses them.
 */
class Lanes {
 public:
  /** @param model has programs for one thread, and outlives them */
  explicit Lanes(const Model& model);
  ~Lanes();

  /** Runs a batch. Once another batch runs in the process, one thread does the rest. The first run of each further thread allocates its
   * working memory.
   * @param own of the first thread
   * @throws dnnl::error, std::bad_alloc */
  void Run(const Images& images, std::int64_t rows, const LaneDivision& division, float* probabilities, Workspace& own,
           const RunningBatch& batch);

 private:
  const Model& model_;
  /** Of each thread after the first; null until it has run. */
  std::vector<std::unique_ptr<Workspace>> further_;
};

}  // namespace fovea
