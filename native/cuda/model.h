#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../plan.h"
#include "kernels.h"
#include "program.h"
#include "tuner.h"
#include "weights.h"

namespace fovea::cuda {

/** A plan compiled for the card: weights, kernels, and a program per batch size. Immutable, so all instances of the process
 * share it. */
class Model {
 public:
  /** @param sizes batch sizes, ascending
   * @throws CudaError, Unsupported, std::invalid_argument */
  Model(const Plan& plan, Type type, const std::vector<std::int64_t>& sizes);

  const std::vector<Program>& programs() const { return programs_; }
  std::size_t RowBytes() const { return row_bytes_; }
  std::size_t Classes() const { return classes_; }
  /** The smallest batch size with nearly the best throughput. */
  std::int64_t SaturationRows() const { return saturation_rows_; }
  /** Rows of the largest program. */
  std::size_t ArenaBytes() const { return arena_bytes_; }
  std::size_t WorkspaceBytes() const { return workspace_bytes_; }

  /** A call of a program with its measured time. */
  struct Measured {
    std::string layer;
    double microseconds;
  };

  /** Times each call of a program alone, for profiles.
   * @throws OutOfMemory */
  std::vector<Measured> Profile(const Program& program) const;

 private:
  std::int64_t MeasureSaturation(const Tuner& tuner) const;

  Kernels kernels_;
  Weights weights_;
  std::vector<Program> programs_;
  std::size_t row_bytes_;
  std::size_t classes_;
  std::size_t arena_bytes_ = 0;
  std::size_t workspace_bytes_ = 0;
  std::int64_t saturation_rows_ = 1;
};

/** The process's model for `key`, compiled from the plan if no instance has it. */
std::shared_ptr<const Model> SharedModel(const std::string& key, const Plan& plan, Type type,
                                         const std::vector<std::int64_t>& sizes);

}  // namespace fovea::cuda
