#pragma once

#include <cublasLt.h>
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <nvrtc.h>

#include <stdexcept>

namespace fovea::cuda {

/** A call of CUDA or one of its libraries failed. */
class CudaError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/** The card's memory is full. */
class OutOfMemory : public CudaError {
 public:
  using CudaError::CudaError;
};

/** The card has no kernel for a step. */
class Unsupported : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/** Throw unless the call succeeded.
 * @param call names the call in the message
 * @throws CudaError, OutOfMemory */
void Check(cudaError_t status, const char* call);
void Check(CUresult status, const char* call);
void Check(cudnnStatus_t status, const char* call);
void Check(cublasStatus_t status, const char* call);
void Check(nvrtcResult status, const char* call);

}  // namespace fovea::cuda
