#include "lanes.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "model.h"
#include "processor.h"
#include "team.h"
#include "workspace.h"

namespace fovea {

LaneDivision LaneDivision::Of(std::int64_t rows, int threads, std::int64_t largest) {
  for (std::int64_t portion = largest; portion > 0; --portion) {
    const std::int64_t portions = (rows + portion - 1) / portion;
    const std::int64_t turns = (portions + threads - 1) / threads;
    // Two threads that divide each step are 1.3 to 1.9 times as fast as one (`bench/results/real.md`, commit 78d6a90).
    if (5 * rows >= 4 * turns * portion * threads) return {portion, portions};
  }
  return {};
}

Lanes::Lanes(const Model& model) : model_(model), further_(static_cast<std::size_t>(model.threads().alone - 1)) {}

Lanes::~Lanes() = default;

void Lanes::Run(const Images& images, std::int64_t rows, const LaneDivision& division, float* probabilities,
                Workspace& own, const RunningBatch& batch) {
  std::atomic<std::int64_t> taken{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto workspace_of = [&](int thread) -> Workspace& {
    if (thread == 0) return own;
    std::unique_ptr<Workspace>& workspace = further_[static_cast<std::size_t>(thread - 1)];
    if (workspace == nullptr) workspace = std::make_unique<Workspace>(model_, Workspace::Programs::kUsual);
    return *workspace;
  };
  const auto run = [&](int thread) {
    Workspace& workspace = workspace_of(thread);
    while (thread == 0 || batch.IsAlone()) {
      const std::int64_t first = taken++ * division.portion;
      if (first >= rows) return;
      const auto row = static_cast<std::size_t>(first);
      workspace.Run(images.Skip(row * model_.RowValues()), std::min(division.portion, rows - first),
                     probabilities + row * model_.Classes());
    }
  };
  const auto threads = static_cast<int>(std::min<std::int64_t>(model_.threads().alone, division.portions));
#pragma omp parallel num_threads(threads)
  {
    SetThreads(1);
    try {
      run(omp_get_thread_num());
    } catch (...) {
      const std::lock_guard<std::mutex> lock(failing);
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace fovea
