#pragma once

#include <cudnn.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "status.h"

namespace fovea::cuda {

/** A descriptor of cuDNN's graph API. Copies share ownership.
 * @source cuDNN's documentation of its backend API */
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    cudnnBackendDescriptor_t made = nullptr;
    Check(cudnnBackendCreateDescriptor(type, &made), "cudnnBackendCreateDescriptor");
    descriptor_ = std::shared_ptr<void>(made, cudnnBackendDestroyDescriptor);
  }

  cudnnBackendDescriptor_t get() const { return descriptor_.get(); }

  template <typename T>
  void Set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const T& value) {
    Check(cudnnBackendSetAttribute(get(), name, type, 1, &value), "cudnnBackendSetAttribute");
  }

  template <typename T>
  void Set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const std::vector<T>& values) {
    Check(cudnnBackendSetAttribute(get(), name, type, static_cast<std::int64_t>(values.size()), values.data()),
          "cudnnBackendSetAttribute");
  }

  /** cuDNN copies `other` at once, so it may be destroyed afterwards. */
  void Set(cudnnBackendAttributeName_t name, const Descriptor& other) {
    Set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, other.get());
  }

  void Finalize() { Check(TryFinalize(), "cudnnBackendFinalize"); }
  cudnnStatus_t TryFinalize() { return cudnnBackendFinalize(get()); }

 private:
  std::shared_ptr<void> descriptor_;
};

}  // namespace fovea::cuda
