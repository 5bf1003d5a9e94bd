#pragma once

#include "status.h"

namespace fovea::cuda {

/** A stream and the library handles that launch onto it. For one thread at a time. */
class Handles {
 public:
  Handles() {
    Check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
    Check(cudnnCreate(&dnn_), "cudnnCreate");
    Check(cudnnSetStream(dnn_, stream_), "cudnnSetStream");
    Check(cublasLtCreate(&blas_), "cublasLtCreate");
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    if (blas_ != nullptr) cublasLtDestroy(blas_);
    if (dnn_ != nullptr) cudnnDestroy(dnn_);
    if (stream_ != nullptr) cudaStreamDestroy(stream_);
  }

  cudaStream_t stream() const { return stream_; }
  cudnnHandle_t dnn() const { return dnn_; }
  cublasLtHandle_t blas() const { return blas_; }

 private:
  cudaStream_t stream_ = nullptr;
  cudnnHandle_t dnn_ = nullptr;
  cublasLtHandle_t blas_ = nullptr;
};

}  // namespace fovea::cuda
