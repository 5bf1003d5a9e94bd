#pragma once

#include <dnnl.hpp>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "plan.h"
#include "program.h"
#include "weights.h"

namespace fovea {

using Type = dnnl::memory::data_type;

/** Rows of a value as they lie in memory, channels last, in oneDNN's order of dimensions: rows, channels, others. */
dnnl::memory::desc LayoutOf(std::int64_t rows, const Shape& shape, Type type);

/** A float32 vector. */
dnnl::memory::desc VectorOf(std::size_t length);

/** Collects the calls of a program while the steps of a plan are added to it. */
class Builder {
 public:
  Builder(const Plan& plan, Weights& weights, const dnnl::engine& engine, std::int64_t rows);

  /** Runs the plan's steps through their operations. */
  Program Build();

  const dnnl::engine& engine() const { return engine_; }
  Weights& weights() { return weights_; }
  std::int64_t rows() const { return program_.rows; }
  Precision precision() const { return plan_.precision; }
  bool IsInt8() const { return plan_.precision == Precision::kInt8; }

  /** As it lies. */
  const Value& Get(ValueId id) const;
  const Shape& ShapeOf(ValueId id) const;
  /** In this floating-point type: converted where it lies otherwise. */
  Value GetFloat(ValueId id, Type type);
  /** As convolutions and dense layers read it: quantized for int8. */
  Value GetOperand(ValueId id);

  /** What operations without weights compute in. */
  Type FloatType() const;
  /** In which a convolution or dense layer leaves its result. */
  Type ResultType(const Step& step) const;
  /** Of that type and its scale.
   * @param shape other than the step's where it pools too */
  Value NewResult(const Step& step, const Shape& shape);
  /** The max pool that takes the largest of each 2 × 2 results of a step, and is all that reads them; else null. */
  const Step* PoolAfter(const Step& step) const;
  Value NewValue(const dnnl::memory::desc& desc, float scale = 1);
  void Define(ValueId id, const Shape& shape, const Value& value);

  static Argument Of(int name, const Value& value);
  static Argument Of(int name, const dnnl::memory& constant);
  /** @param scratchpad that the primitive asks for; its attributes must leave it to the user */
  void Add(const dnnl::primitive& primitive, std::vector<Argument> arguments, const dnnl::memory::desc& scratchpad);
  void Add(std::shared_ptr<const Kernel> kernel, const Value& source, const Value& result,
           const dnnl::memory::desc& scratchpad);
  /** Zeros the value before its last call. */
  void ClearBefore(const Value& value);
  /** Attributes that leave the scratchpad to the instance. */
  static dnnl::primitive_attr Attributes();

 private:
  void AddStep(const Step& step);
  void AddCall(Call call, const dnnl::memory::desc& scratchpad);
  void AddReshape(const Step& step);
  Value Converted(const Value& value, Type type, float scale);
  Type QuantizedType(ValueId id) const;
  float QuantizedScale(ValueId id) const;
  bool Ends(const Step& step) const;
  std::set<ValueId> FindQuantized() const;

  const Plan& plan_;
  Weights& weights_;
  dnnl::engine engine_;
  Program program_;
  std::map<ValueId, Value> values_;
  std::map<ValueId, Shape> shapes_;
  /** Values that only convolutions and dense layers read, in int8. */
  std::set<ValueId> quantized_;
};

}  // namespace fovea
