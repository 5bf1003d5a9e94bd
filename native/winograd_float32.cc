#include "winograd_kernel.h"

#if defined(__x86_64__)

#include "winograd_avx512.h"

namespace fovea::winograd {

TilesKernel Float32Kernel() { return KernelOf<Float32>(Numbers::kFloat32); }

}  // namespace fovea::winograd

#else

namespace fovea::winograd {

TilesKernel Float32Kernel() { return {}; }

}  // namespace fovea::winograd

#endif
