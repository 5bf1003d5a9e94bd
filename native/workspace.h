#pragma once

#include <cstdint>
#include <dnnl.hpp>
#include <vector>

#include "arena.h"
#include "model.h"
#include "pixels.h"

namespace fovea {

/** Working memory for the programs of a model, for one batch at a time. A run allocates nothing. */
class Workspace {
 public:
  enum class Programs { kUsual, kAll };

  /** @param model must outlive it
   * @param bound `kUsual` needs less memory, and cannot `RunByTeam` */
  Workspace(const Model& model, Programs bound);

  /** Runs one portion by the usual threads.
   * @param images `[rows, height, width, channels]`
   * @param rows at most `LargestRows` of the model
   * @param probabilities float32 `[rows, classes]`
   * @throws dnnl::error */
  void Run(const Images& images, std::int64_t rows, float* probabilities);

  /** As `Run`, by the threads of a batch that runs alone: to be called by the leader of the team. */
  void RunByTeam(const Images& images, std::int64_t rows, float* probabilities);

  /** A value of the program of the last run. */
  const std::byte* PlaceOf(const Program& program, const Value& value) const {
    return values_.data() + program.buffers[value.buffer].offset;
  }

 private:
  struct BoundCall {
    const_dnnl_primitive_t primitive;
    std::vector<dnnl_exec_arg_t> arguments;
    /** Used instead of `primitive` unless null; its arguments are at `places`. */
    const Kernel* kernel;
    Kernel::Places places;
    std::byte* clears;
    std::size_t clear_bytes;
  };

  struct BoundProgram {
    const Program& program;
    std::vector<BoundCall> calls;
  };

  BoundProgram Bind(const Program& program);
  void Execute(const BoundCall& call);
  void RunProgram(const BoundProgram& bound, const Images& images, float* probabilities);

  const Model& model_;
  Arena values_;
  Arena scratchpad_;
  dnnl::stream stream_;
  PixelConverter pixels_;
  /** Owns the memories that the arguments of calls refer to. */
  std::vector<dnnl::memory> memories_;
  /** As those of the model. */
  std::vector<BoundProgram> programs_;
  std::vector<BoundProgram> programs_alone_;
};

}  // namespace fovea
