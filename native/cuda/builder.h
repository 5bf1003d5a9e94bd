#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "../plan.h"
#include "convolution_graph.h"
#include "kernels.h"
#include "matrix_product.h"
#include "program.h"
#include "tuner.h"
#include "weights.h"

namespace fovea::cuda {

/** Collects the calls of a program while the steps of a plan are added to it. */
class Builder {
 public:
  Builder(const Plan& plan, Type type, Weights& weights, const Kernels& kernels, Tuner& tuner, std::int64_t rows);

  /** Runs the plan's steps through their operations.
   * @throws Unsupported when no kernel computes a step; std::invalid_argument for a plan that contradicts itself */
  Program Build();

  Type type() const { return type_; }
  std::int64_t rows() const { return program_.rows; }
  Weights& weights() { return weights_; }
  const Kernels& kernels() const { return kernels_; }
  Tuner& tuner() { return tuner_; }

  /** As it lies. */
  const Value& Get(ValueId id) const;
  /** In this type: converted where it is stored in another one. */
  Value GetAs(ValueId id, Type type);
  bool IsDefined(ValueId id) const { return values_.count(id) != 0; }
  Value NewValue(const Shape& shape, Type type);
  void Define(ValueId id, const Value& value);
  void Add(std::function<void(const Workplace&)> launch, std::vector<std::size_t> buffers);
  void NeedWorkspace(std::size_t bytes);

  /** Makes the pixels the value `kInputValue`, inside a border of zeros.
   * @param stored_channels at least the image's; the added ones are 0 */
  void AddPixels(std::int64_t stored_channels, const Padding& border);
  const Shape& input_shape() const { return plan_.input_shape; }

  /** The step that reads a value, where exactly one does; else null. */
  const Step* OnlyReader(ValueId id) const;
  /** Leaves out a step that another one computes. */
  void Skip(const Step& step) { skipped_.insert(step.output); }

  /** Numbers of a value for all rows. */
  std::int64_t CountOf(const Value& value) const;
  /** Whether kernels can handle 16 bytes of channels at once. */
  bool IsVector(const Value& value) const;
  /** `value`, converted. */
  Value Convert(const Value& value, Type type);

 private:
  void AddOutput();
  void AddStep(const Step& step);
  void AddReshape(const Step& step);
  void PlaceAll();

  const Plan& plan_;
  Type type_;
  Weights& weights_;
  const Kernels& kernels_;
  Tuner& tuner_;
  Program program_;
  std::map<ValueId, Value> values_;
  std::set<ValueId> skipped_;
  /** Of the step that is being added. */
  std::string layer_ = "pixels";
};

}  // namespace fovea::cuda
