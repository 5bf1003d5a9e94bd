#include "picture_kernels.h"

namespace fovea {

const PictureKernels& BestKernels() {
#ifdef __x86_64__
  static const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  return has_avx2 ? Avx2Kernels() : BaselineKernels();
#else
  return BaselineKernels();
#endif
}

}  // namespace fovea
