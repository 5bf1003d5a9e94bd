#include "tuner.h"

#include <algorithm>
#include <limits>

#include "graph.h"

namespace fovea::cuda {
namespace {

/** Records the runs as one graph, as in serving, so that the host's launch time is not measured. */
constexpr int kRunsPerMeasurement = 6;

class Event {
 public:
  Event() { Check(cudaEventCreate(&event_), "cudaEventCreate"); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }
  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace

std::byte* Tuner::Scratch(std::size_t bytes) {
  if (bytes <= scratch_bytes_) return scratch_.get();
  scratch_.reset();
  scratch_bytes_ = 0;
  scratch_ = AllocateDevice(bytes);
  scratch_bytes_ = bytes;
  // float32 fills only half of the bytes; the rest keeps old values.
  const std::size_t numbers = bytes / BytesOf(kernels_.type());
  constexpr std::size_t kPiece = std::size_t{1} << 30U;
  for (std::size_t start = 0; start < numbers; start += kPiece) {
    const auto count = static_cast<unsigned>(std::min(kPiece, numbers - start));
    kernels_.Launch("noise", GridFor(count), handles_.stream(),
                    static_cast<void*>(scratch_.get() + start * BytesOf(kernels_.type())), count);
  }
  return scratch_.get();
}

std::byte* Tuner::Workspace(std::size_t bytes) {
  if (bytes > workspace_bytes_) {
    workspace_.reset();
    workspace_bytes_ = 0;
    workspace_ = AllocateDevice(bytes);
    workspace_bytes_ = bytes;
  }
  return workspace_.get();
}

double Tuner::Time(const std::function<void()>& launch) const {
  try {
    const cudaStream_t stream = handles_.stream();
    // Runs the kernel once, because loading its code cannot be recorded.
    launch();
    Check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
    const Graph graph(stream, [&] {
      for (int run = 0; run < kRunsPerMeasurement; ++run) launch();
    });
    const Event start;
    const Event end;
    float milliseconds = 0;
    Check(cudaEventRecord(start.get(), stream), "cudaEventRecord");
    graph.Launch(stream);
    Check(cudaEventRecord(end.get(), stream), "cudaEventRecord");
    Check(cudaEventSynchronize(end.get()), "cudaEventSynchronize");
    Check(cudaEventElapsedTime(&milliseconds, start.get(), end.get()), "cudaEventElapsedTime");
    return 1e3 * static_cast<double>(milliseconds) / kRunsPerMeasurement;
  } catch (const CudaError&) {
    return std::numeric_limits<double>::infinity();
  }
}

}  // namespace fovea::cuda
