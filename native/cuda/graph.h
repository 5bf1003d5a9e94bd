#pragma once

#include <functional>

#include "status.h"

namespace fovea::cuda {

/** A recorded sequence of launches that is replayed by one call. */
class Graph {
 public:
  /** Records what `launch` launches onto the stream; nothing runs yet.
   * @throws CudaError, and what `launch` throws */
  Graph(cudaStream_t stream, const std::function<void()>& launch) {
    // Only this thread is restricted: other instances go on allocating memory.
    Check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    cudaGraph_t recorded = nullptr;
    try {
      launch();
    } catch (...) {
      cudaStreamEndCapture(stream, &recorded);
      if (recorded != nullptr) cudaGraphDestroy(recorded);
      static_cast<void>(cudaGetLastError());
      throw;
    }
    Check(cudaStreamEndCapture(stream, &recorded), "cudaStreamEndCapture");
    const cudaError_t status = cudaGraphInstantiate(&executable_, recorded, 0);
    cudaGraphDestroy(recorded);
    Check(status, "cudaGraphInstantiate");
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  Graph(Graph&& other) noexcept : executable_(other.executable_) { other.executable_ = nullptr; }
  ~Graph() {
    if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
  }

  void Launch(cudaStream_t stream) const { Check(cudaGraphLaunch(executable_, stream), "cudaGraphLaunch"); }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace fovea::cuda
