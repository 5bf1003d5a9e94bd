#pragma once

#include <dnnl.hpp>
#include <map>
#include <memory>
#include <vector>

#include "plan.h"
#include "program.h"
#include "quantized_values.h"
#include "weights.h"

namespace fovea {

using Type = dnnl::memory::data_type;

/** The channels-last layout of a value. oneDNN orders dimensions as rows, channels, others. */
dnnl::memory::desc LayoutOf(std::int64_t rows, const Shape& shape, Type type);

/** A float32 vector. */
dnnl::memory::desc VectorOf(std::size_t length);

/** Builds the program of a plan for one batch size. */
class Builder {
 public:
  Builder(const Plan& plan, Weights& weights, const dnnl::engine& engine, std::int64_t rows);

  Program Build();

  const dnnl::engine& engine() const { return engine_; }
  Weights& weights() { return weights_; }
  std::int64_t rows() const { return program_.rows; }
  Precision precision() const { return plan_.precision; }
  bool IsInt8() const { return plan_.precision == Precision::kInt8; }
  const QuantizedValues& quantized() const { return quantized_; }

  /** The value in its stored type. */
  const Value& Get(ValueId id) const;
  const Shape& ShapeOf(ValueId id) const;
  /** The value in a floating-point type; adds a conversion if it is stored in another type. */
  Value GetFloat(ValueId id, Type type);
  /** The value as the input of a convolution or dense layer: quantized for int8. */
  Value GetOperand(ValueId id);
  /** The value in this type and scale; adds a conversion if it is stored otherwise. */
  Value GetScaled(ValueId id, Type type, float scale);

  /** The type in which steps without weights compute. */
  Type FloatType() const;
  /** The type of the result of a convolution or dense layer. */
  Type ResultType(const Step& step) const;
  /** A new value of `ResultType` with its scale.
   * @param shape differs from the step's if the kernel also pools */
  Value NewResult(const Step& step, const Shape& shape);
  /** The only reader of a value; null if there are others, or if the value must stay readable. */
  const Step* OnlyReader(ValueId id) const;
  /** The 2 × 2 max pool of stride 2 that is the only reader of a step's output; else null. */
  const Step* PoolAfter(const Step& step) const;
  bool IsMade(ValueId id) const { return values_.count(id) > 0; }
  Value NewValue(const dnnl::memory::desc& desc, float scale = 1);
  void Define(ValueId id, const Shape& shape, const Value& value);

  static Argument Of(int name, const Value& value);
  static Argument Of(int name, const dnnl::memory& constant);
  /** @param scratchpad the primitive's `scratchpad_desc`; its attributes must be those of `Attributes` */
  void Add(const dnnl::primitive& primitive, std::vector<Argument> arguments, const dnnl::memory::desc& scratchpad);
  void Add(std::shared_ptr<const Kernel> kernel, std::vector<Argument> arguments, const dnnl::memory::desc& scratchpad);
  /** Fills the value with zeros before the last call that was added. */
  void ClearBefore(const Value& value);
  /** Attributes by which the instance provides the scratchpad. */
  static dnnl::primitive_attr Attributes();

 private:
  void AddInput();
  void AddStep(const Step& step);
  void AddCall(Call call, const dnnl::memory::desc& scratchpad);
  void AddReshape(const Step& step);
  Value Converted(const Value& value, Type type, float scale);
  bool Ends(const Step& step) const;

  const Plan& plan_;
  Weights& weights_;
  dnnl::engine engine_;
  Program program_;
  std::map<ValueId, Value> values_;
  std::map<ValueId, Shape> shapes_;
  QuantizedValues quantized_;
  /** Values that are stored in floating point, converted for the steps that read int8. */
  std::map<ValueId, Value> operands_;
};

}  // namespace fovea
