#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <memory>
#include <vector>

#include "place_buffers.h"
#include "plan.h"

namespace fovea {

/** What a call is given under one of oneDNN's argument names. */
struct Argument {
  enum class Kind { kBuffer, kConstant, kScratchpad };
  int name = 0;
  Kind kind = Kind::kBuffer;
  /** Layout of the buffer or scratchpad. */
  dnnl::memory::desc desc;
  std::size_t buffer = 0;
  /** Weights; shared by all instances and only read. */
  dnnl::memory constant;
};

/** A computation of our own, where oneDNN has none as fast. Instances in several threads share it. */
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void Run(const std::byte* source, std::byte* result, std::byte* scratchpad) const = 0;
};

struct Call {
  dnnl::primitive primitive;
  /** Of a kernel: source, result and scratchpad. */
  std::vector<Argument> arguments;
  /** Instead of a primitive. */
  std::shared_ptr<const Kernel> kernel;
  /** Whether the buffer `clears` must be all zeros before the call. */
  bool is_clearing = false;
  std::size_t clears = 0;
};

/** Where a value lies. */
struct Value {
  std::size_t buffer = 0;
  dnnl::memory::desc desc;
  /** real number = stored number * scale; 1 for floating point. */
  float scale = 1;
};

/** All that runs for batches of one size. Immutable once made, so that instances in several threads share it. */
struct Program {
  std::int64_t rows = 0;
  std::vector<Buffer> buffers;
  std::vector<Call> calls;
  Value input;
  Value output;
  /** Of the input and each step, in the plan's order. */
  std::vector<Value> values;
  /** What one instance needs for it. */
  std::size_t arena_bytes = 0;
  std::size_t scratchpad_bytes = 0;
};

/** Gives buffers that are never needed together the same place. */
void PlaceBuffers(Program& program, bool keeps_values);

}  // namespace fovea
