#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <memory>
#include <vector>

#include "place_buffers.h"
#include "plan.h"

namespace fovea {

/** An argument of a call. `name` is oneDNN's, such as DNNL_ARG_SRC. */
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

/** Fovea's own implementation of a step that is faster than oneDNN's. Instances in several threads share it. */
class Kernel {
 public:
  struct Places {
    const std::byte* source = nullptr;
    /** Null unless the call has one. */
    const std::byte* addend = nullptr;
    std::byte* result = nullptr;
    std::byte* scratchpad = nullptr;
  };

  virtual ~Kernel() = default;
  virtual void Run(const Places& places) const = 0;
};

struct Call {
  dnnl::primitive primitive;
  /** For `kernel`: DNNL_ARG_SRC, DNNL_ARG_DST, the scratchpad, and DNNL_ARG_SRC_1 where it has an addend. */
  std::vector<Argument> arguments;
  /** Used instead of `primitive` unless null. */
  std::shared_ptr<const Kernel> kernel;
  /** Whether the buffer `clears` must be all zeros before the call. */
  bool is_clearing = false;
  std::size_t clears = 0;
};

/** The buffer and layout of a value. */
struct Value {
  std::size_t buffer = 0;
  dnnl::memory::desc desc;
  /** real number = stored number * scale; 1 for floating point. */
  float scale = 1;
};

/** number = number * scales + shifts, one of each per channel of the model. */
struct InputScale {
  std::vector<float> scales;
  std::vector<float> shifts;
};

/** The calls for batches of one size. Immutable after building, so instances in several threads share it. */
struct Program {
  std::int64_t rows = 0;
  std::vector<Buffer> buffers;
  std::vector<Call> calls;
  Value input;
  /** What the images go through before they are the input, one after another. */
  std::vector<InputScale> input_scales;
  Value output;
  /** The input and each step's output, in the plan's order. */
  std::vector<Value> values;
  /** Working memory per instance. */
  std::size_t arena_bytes = 0;
  std::size_t scratchpad_bytes = 0;
};

/** Sets the offsets of the program's buffers. */
void PlaceBuffers(Program& program, bool keeps_values);

}  // namespace fovea
