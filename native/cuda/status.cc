#include "status.h"

#include <string>

namespace fovea::cuda {
namespace {

[[noreturn]] void Fail(const char* call, const std::string& reason) {
  throw CudaError(std::string(call) + ": " + reason);
}

}  // namespace

void Check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  // Clears the error, because otherwise the next call would report it again.
  static_cast<void>(cudaGetLastError());
  if (status == cudaErrorMemoryAllocation)
    throw OutOfMemory(std::string(call) + ": the memory of the card is full");
  Fail(call, cudaGetErrorString(status));
}

void Check(CUresult status, const char* call) {
  if (status != CUDA_SUCCESS) Fail(call, "driver error " + std::to_string(status));
}

void Check(cudnnStatus_t status, const char* call) {
  if (status != CUDNN_STATUS_SUCCESS) Fail(call, cudnnGetErrorString(status));
}

void Check(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS) Fail(call, "cuBLASLt error " + std::to_string(status));
}

void Check(nvrtcResult status, const char* call) {
  if (status != NVRTC_SUCCESS) Fail(call, nvrtcGetErrorString(status));
}

}  // namespace fovea::cuda
