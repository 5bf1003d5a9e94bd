#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../place_buffers.h"
#include "../plan.h"
#include "handles.h"
#include "types.h"

namespace fovea::cuda {

/** The buffer, shape and type of a value. */
struct Value {
  std::size_t buffer = 0;
  Type type = Type::kFloat32;
  /** Without the rows. The last dimension is the number of stored channels, which may exceed the plan's. */
  Shape shape;
};

struct Program;

/** An instance's stream, handles and memory, with which calls launch. */
struct Workplace {
  const Handles& handles;
  const Program& program;
  std::byte* arena;
  std::byte* workspace;

  std::byte* At(std::size_t buffer) const;
};

/** Launches kernels onto a stream without waiting for them. */
struct Call {
  /** Its layer of the plan. */
  std::string layer;
  std::function<void(const Workplace&)> launch;
  /** Buffers that it reads or writes. */
  std::vector<std::size_t> buffers;
};

/** The calls for batches of one size. Immutable after building, so instances in several threads share it. */
struct Program {
  std::int64_t rows = 0;
  std::vector<Buffer> buffers;
  std::vector<Call> calls;
  /** uint8 pixels `[rows, height, width, channels]` */
  std::size_t input = 0;
  /** float32 `[rows, classes]` */
  std::size_t output = 0;
  std::size_t arena_bytes = 0;
  std::size_t workspace_bytes = 0;
};

inline std::byte* Workplace::At(std::size_t buffer) const { return arena + program.buffers[buffer].offset; }

}  // namespace fovea::cuda
