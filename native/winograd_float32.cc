#include "winograd_kernel.h"

#if defined(__x86_64__)

#include "winograd_tiles.h"

namespace fovea::winograd {

TilesKernel Float32Kernel() { return RunTiles<Float32>; }

}  // namespace fovea::winograd

#else

namespace fovea::winograd {

TilesKernel Float32Kernel() { return nullptr; }

}  // namespace fovea::winograd

#endif
