#pragma once

#include <cstdint>
#include <dnnl.hpp>
#include <memory>
#include <vector>

#include "arena.h"
#include "model.h"
#include "pixels.h"

namespace fovea {

/** A model with working memory of its own, for one thread. A run allocates nothing. */
class Instance {
 public:
  explicit Instance(std::shared_ptr<const Model> model);

  const Model& model() const { return *model_; }

  /** Classifies `rows` images, however many: in portions of the sizes that the model was made for.
   * @param pixels uint8 `[rows, height, width, channels]`
   * @param probabilities float32 `[rows, classes]`
   * @throws dnnl::error */
  void Run(const std::uint8_t* pixels, std::int64_t rows, float* probabilities);

  /** Widens `[low, high]` of the input and of each step's output by what the last portion of `Run` gave; for float32
   * models that keep their values. */
  void Observe(std::int64_t rows, float* ranges) const;

 private:
  struct BoundCall {
    const_dnnl_primitive_t primitive;
    std::vector<dnnl_exec_arg_t> arguments;
    /** Instead of a primitive, with the places of its arguments. */
    const Kernel* kernel;
    std::vector<std::byte*> places;
    std::byte* clears;
    std::size_t clear_bytes;
  };

  std::vector<BoundCall> Bind(const Program& program);
  void Execute(const BoundCall& call);
  void RunPortion(const std::uint8_t* pixels, std::int64_t rows, float* probabilities);

  std::shared_ptr<const Model> model_;
  Arena values_;
  Arena scratchpad_;
  dnnl::stream stream_;
  PixelTable pixels_;
  /** Behind the arguments of the calls. */
  std::vector<dnnl::memory> memories_;
  /** By rows - 1. */
  std::vector<std::vector<BoundCall>> calls_;
};

}  // namespace fovea
