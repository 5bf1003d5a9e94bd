#include "instance.h"

#include <algorithm>
#include <cstring>

namespace fovea::cuda {
namespace {

std::size_t Size(std::int64_t number) { return static_cast<std::size_t>(number); }

}  // namespace

Instance::Instance(std::shared_ptr<const Model> model)
    : model_(std::move(model)),
      arena_(AllocateDevice(model_->ArenaBytes())),
      workspace_(AllocateDevice(model_->WorkspaceBytes())),
      pixels_(AllocatePinned(Size(model_->programs().back().rows) * model_->RowBytes())),
      probabilities_(AllocatePinned(Size(model_->programs().back().rows) * model_->Classes() * sizeof(float))) {
  const cudaStream_t stream = handles_.stream();
  for (const Program& program : model_->programs()) {
    const Workplace at{handles_, program, arena_.get(), workspace_.get()};
    const std::size_t in_bytes = Size(program.rows) * model_->RowBytes();
    const std::size_t out_bytes = Size(program.rows) * model_->Classes() * sizeof(float);
    graphs_.emplace_back(stream, [&] {
      Check(cudaMemcpyAsync(at.At(program.input), pixels_.get(), in_bytes, cudaMemcpyHostToDevice, stream),
            "cudaMemcpyAsync");
      for (const Call& call : program.calls) call.launch(at);
      Check(cudaMemcpyAsync(probabilities_.get(), at.At(program.output), out_bytes, cudaMemcpyDeviceToHost, stream),
            "cudaMemcpyAsync");
    });
  }
}

void Instance::Run(const std::uint8_t* pixels, std::int64_t rows, float* probabilities) {
  const std::int64_t largest = model_->programs().back().rows;
  for (std::int64_t start = 0; start < rows; start += largest)
    RunPortion(pixels + Size(start) * model_->RowBytes(), std::min(largest, rows - start),
               probabilities + Size(start) * model_->Classes());
}

/** Rows of the program beyond `rows` keep the pixels of an earlier batch; their results are not read. */
void Instance::RunPortion(const std::uint8_t* pixels, std::int64_t rows, float* probabilities) {
  const std::vector<Program>& programs = model_->programs();
  std::size_t index = 0;
  while (programs[index].rows < rows) ++index;
  std::memcpy(pixels_.get(), pixels, Size(rows) * model_->RowBytes());
  graphs_[index].Launch(handles_.stream());
  Check(cudaStreamSynchronize(handles_.stream()), "cudaStreamSynchronize");
  std::memcpy(probabilities, probabilities_.get(), Size(rows) * model_->Classes() * sizeof(float));
}

}  // namespace fovea::cuda
