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

/** A plan compiled for the card: weights, kernels, and a program for each of some batch sizes, shared by all instances
 * of the process. Immutable. */
class Model {
 public:
  /** @param sizes batch sizes, ascending
   * @throws CudaError, Unsupported, std::invalid_argument */
  Model(const Plan& plan, Type type, const std::vector<std::int64_t>& sizes);

  const std::vector<Program>& programs() const { return programs_; }
  std::size_t RowBytes() const { return row_bytes_; }
  std::size_t Classes() const { return classes_; }
  /** The smallest batch size that runs at nearly the best rate of images a second. */
  std::int64_t SaturationRows() const { return saturation_rows_; }
  /** Of the largest program. */
  std::size_t ArenaBytes() const { return arena_bytes_; }
  std::size_t WorkspaceBytes() const { return workspace_bytes_; }

  /** A call of a program with the time that it takes. */
  struct Measured {
    std::string layer;
    double microseconds;
  };

  /** Runs each call of a program alone, for profiles.
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

/** The model under this key: made from the plan unless an instance in this process has it already. */
std::shared_ptr<const Model> SharedModel(const std::string& key, const Plan& plan, Type type,
                                         const std::vector<std::int64_t>& sizes);

}  // namespace fovea::cuda
