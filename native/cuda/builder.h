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

/** Builds the program of a plan for one batch size. */
class Builder {
 public:
  Builder(const Plan& plan, Type type, Weights& weights, const Kernels& kernels, Tuner& tuner, std::int64_t rows);

  /** @throws Unsupported when no kernel computes a step; std::invalid_argument for a plan that contradicts itself */
  Program Build();

  Type type() const { return type_; }
  std::int64_t rows() const { return program_.rows; }
  Weights& weights() { return weights_; }
  const Kernels& kernels() const { return kernels_; }
  Tuner& tuner() { return tuner_; }

  /** The value in its stored type. */
  const Value& Get(ValueId id) const;
  /** The value in `type`; adds a conversion if it is stored in another type. */
  Value GetAs(ValueId id, Type type);
  bool IsDefined(ValueId id) const { return values_.count(id) != 0; }
  Value NewValue(const Shape& shape, Type type);
  void Define(ValueId id, const Value& value);
  void Add(std::function<void(const Workplace&)> launch, std::vector<std::size_t> buffers);
  void NeedWorkspace(std::size_t bytes);

  /** Defines `kInputValue`: the pixels inside a border of zeros.
   * @param stored_channels at least the image's; added channels are 0 */
  void AddPixels(std::int64_t stored_channels, const Padding& border);
  const Shape& input_shape() const { return plan_.input_shape; }

  /** The only step that reads a value; null when there are none or several. */
  const Step* OnlyReader(ValueId id) const;
  /** Skips a step that another step's kernel computes. */
  void Skip(const Step& step) { skipped_.insert(step.output); }

  /** Count of a value's numbers over all rows. */
  std::int64_t CountOf(const Value& value) const;
  /** Whether kernels can handle 16 bytes of channels at once. */
  bool IsVector(const Value& value) const;
  /** Converts `value`. */
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
  /** The layer of the current step. */
  std::string layer_ = "pixels";
};

}  // namespace fovea::cuda
