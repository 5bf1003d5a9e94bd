#include "processor.h"

#include <dnnl.hpp>
#include <omp.h>

namespace fovea {

Processor DescribeProcessor() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::avx512_core:
      return {"avx512_core", false, false, true, true, false};
    case dnnl::cpu_isa::avx512_core_vnni:
      return {"avx512_core_vnni", false, true, true, true, false};
    case dnnl::cpu_isa::avx512_core_bf16:
      return {"avx512_core_bf16", true, true, true, true, false};
    case dnnl::cpu_isa::avx512_core_fp16:
      return {"avx512_core_fp16", true, true, true, true, false};
    case dnnl::cpu_isa::avx512_core_amx:
      return {"avx512_core_amx", true, true, true, true, true};
    case dnnl::cpu_isa::avx512_core_amx_fp16:
      return {"avx512_core_amx_fp16", true, true, true, true, true};
    case dnnl::cpu_isa::avx2:
      return {"avx2", false, false, true, false, false};
    case dnnl::cpu_isa::avx2_vnni:
      return {"avx2_vnni", false, true, true, false, false};
    case dnnl::cpu_isa::avx2_vnni_2:
      return {"avx2_vnni_2", false, true, true, false, false};
    default:
      return {"baseline", false, false, false, false, false};
  }
}

std::string OneDnnVersion() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
}

void SetThreads(int threads) { omp_set_num_threads(threads); }

}  // namespace fovea
