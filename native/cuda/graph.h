#pragma once

#include <functional>

#include "status.h"

namespace fovea::cuda {

/** A recorded sequence of launches, replayed by one call. */
class Graph {
 public:
  /** Records the launches of `launch` on the stream without running them.
   * @throws CudaError, and the errors of `launch` */
  Graph(cudaStream_t stream, const std::function<void()>& launch) {
    // Restricts only this thread, so that other instances can allocate memory meanwhile.
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
