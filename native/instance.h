#pragma once

#include <cstdint>
#include <dnnl.hpp>
#include <memory>
#include <vector>

#include "arena.h"
#include "model.h"
#include "pixels.h"

namespace fovea {

/** A model with its own working memory, for one thread at a time. A run allocates nothing. */
class Instance {
 public:
  explicit Instance(std::shared_ptr<const Model> model);

  const Model& model() const { return *model_; }

  /** Classifies any number of images, in portions of at most `LargestRows`. While no other batch runs in
   * the process, its team may run them (`portion_time.h`).
   * @param images `[rows, height, width, channels]`
   * @param probabilities float32 `[rows, classes]`
   * @throws dnnl::error */
  void Run(const Images& images, std::int64_t rows, float* probabilities);

  /** Widens `[low, high]` of the input and of each step's output by the values of the last portion of `Run`. Requires a
   * float32 model that keeps its values. */
  void Observe(std::int64_t rows, float* ranges) const;

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
  void RunPortion(const Images& images, std::int64_t rows, float* probabilities, bool is_alone);
  void RunProgram(const BoundProgram& bound, const Images& images, float* probabilities);

  std::shared_ptr<const Model> model_;
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
