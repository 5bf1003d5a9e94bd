#pragma once

#include <dnnl.hpp>
#include <memory>
#include <string>
#include <vector>

#include "lanes.h"
#include "plan.h"
#include "portion_time.h"
#include "program.h"

namespace fovea {

/** OpenMP threads of a batch. */
struct Threads {
  int usual = 1;
  /** While no other batch runs in the process; no more than `usual` if that makes no difference. */
  int alone = 1;
};

/** A plan compiled for batches of 1 to `largest_rows` rows: packed weights and primitives. All instances of the process share
 * it: only `TimeOf` and `lanes` change. */
class Model {
 public:
  /** @throws dnnl::error, std::invalid_argument */
  Model(const Plan& plan, std::int64_t largest_rows, Threads threads);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const dnnl::engine& engine() const { return engine_; }
  Threads threads() const { return threads_; }
  /** For the usual threads; indexed by rows - 1. */
  const std::vector<Program>& programs() const { return programs_; }
  /** For the threads of a batch that runs alone; empty when those are the usual ones, and when the model keeps its values. */
  const std::vector<Program>& programs_alone() const { return programs_alone_; }
  const Program& ProgramFor(std::int64_t rows) const { return programs_[static_cast<std::size_t>(rows - 1)]; }
  /** For a batch that runs alone; null where a batch usually has several threads, and where `programs_alone` is empty. */
  Lanes* lanes() const { return lanes_.get(); }
  PortionTime& TimeOf(std::int64_t rows) const { return times_[static_cast<std::size_t>(rows - 1)]; }
  std::int64_t LargestRows() const { return static_cast<std::int64_t>(programs_.size()); }
  std::size_t RowValues() const { return row_values_; }
  std::size_t Classes() const { return classes_; }
  const PixelScaling& Pixels() const { return pixels_; }

 private:
  dnnl::engine engine_;
  Threads threads_;
  std::vector<Program> programs_;
  std::vector<Program> programs_alone_;
  mutable std::vector<PortionTime> times_;
  std::size_t row_values_;
  std::size_t classes_;
  PixelScaling pixels_;
  /** Refer to the programs, so they end first. */
  std::unique_ptr<Lanes> lanes_;
};

/** The process's model for `key`, compiled from the plan if no instance has it. `key` must include all arguments. */
std::shared_ptr<const Model> SharedModel(const std::string& key, const Plan& plan, std::int64_t largest_rows, Threads threads);

}  // namespace fovea
