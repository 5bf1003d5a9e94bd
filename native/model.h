#pragma once

#include <dnnl.hpp>
#include <memory>
#include <string>
#include <vector>

#include "plan.h"
#include "program.h"

namespace fovea {

/** A plan compiled for batches of 1 to `largest` rows: packed weights and primitives. Immutable, so all instances of the
 * process share it. */
class Model {
 public:
  /** @throws dnnl::error, std::invalid_argument */
  Model(const Plan& plan, std::int64_t largest_rows);

  const dnnl::engine& engine() const { return engine_; }
  const std::vector<Program>& programs() const { return programs_; }
  const Program& ProgramFor(std::int64_t rows) const { return programs_[static_cast<std::size_t>(rows - 1)]; }
  std::int64_t LargestRows() const { return static_cast<std::int64_t>(programs_.size()); }
  std::size_t RowValues() const { return row_values_; }
  std::size_t Classes() const { return classes_; }
  const PixelScaling& Pixels() const { return pixels_; }

 private:
  dnnl::engine engine_;
  std::vector<Program> programs_;
  std::size_t row_values_;
  std::size_t classes_;
  PixelScaling pixels_;
};

/** The process's model for `key`, compiled from the plan if no instance has it. The calling thread must call `SetThreads`
 * first, because primitives depend on the number of threads; `key` must include it. */
std::shared_ptr<const Model> SharedModel(const std::string& key, const Plan& plan, std::int64_t largest_rows);

}  // namespace fovea
