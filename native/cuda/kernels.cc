#include "kernels.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "kernels_source.h"
#include "status.h"

namespace fovea::cuda {
namespace {

constexpr std::int64_t kThreads = 256;
/** More blocks would wait for these; the threads of these blocks process all items instead. */
constexpr std::int64_t kMostBlocks = 1 << 16;

/** Finds a function of the driver at run time, so that the addon loads without a driver.
 * @throws CudaError */
template <typename Function>
Function DriverFunction(const char* name) {
  void* pointer = nullptr;
  cudaDriverEntryPointQueryResult found{};
  Check(cudaGetDriverEntryPointByVersion(name, &pointer, 12000, cudaEnableDefault, &found), name);
  if (found != cudaDriverEntryPointSuccess) throw CudaError(std::string(name) + ": the driver is too old");
  return reinterpret_cast<Function>(pointer);
}

int ArchitectureOfCard() {
  int device = 0;
  int major = 0;
  int minor = 0;
  Check(cudaGetDevice(&device), "cudaGetDevice");
  Check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device), "cudaDeviceGetAttribute");
  Check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device), "cudaDeviceGetAttribute");
  return 10 * major + minor;
}

/** The target of NVRTC: the card's machine code if NVRTC knows the card, else PTX, which the driver compiles. */
std::string TargetFor(int architecture) {
  int count = 0;
  Check(nvrtcGetNumSupportedArchs(&count), "nvrtcGetNumSupportedArchs");
  std::vector<int> known(static_cast<std::size_t>(count));
  Check(nvrtcGetSupportedArchs(known.data()), "nvrtcGetSupportedArchs");
  if (std::find(known.begin(), known.end(), architecture) != known.end()) return "sm_" + std::to_string(architecture);
  int newest = 0;
  for (const int other : known)
    if (other < architecture) newest = std::max(newest, other);
  return "compute_" + std::to_string(newest);
}

const char* DefinitionOf(Type type) {
  switch (type) {
    case Type::kFloat16:
      return "-DTYPE=16";
    case Type::kBfloat16:
      return "-DTYPE=17";
    case Type::kFloat32:
      break;
  }
  return "-DTYPE=32";
}

/** @throws CudaError with the compiler's log */
std::vector<char> Compile(const std::string& target, Type type) {
  nvrtcProgram program = nullptr;
  Check(nvrtcCreateProgram(&program, kKernelsSource, "kernels.cu", 0, nullptr, nullptr), "nvrtcCreateProgram");
  const std::string architecture = "--gpu-architecture=" + target;
  const std::array<const char*, 4> options{architecture.c_str(), DefinitionOf(type), "--std=c++17", "-default-device"};
  const nvrtcResult result = nvrtcCompileProgram(program, static_cast<int>(options.size()), options.data());
  std::vector<char> code;
  std::size_t bytes = 0;
  if (result != NVRTC_SUCCESS) {
    nvrtcGetProgramLogSize(program, &bytes);
    std::string log(bytes, '\0');
    nvrtcGetProgramLog(program, log.data());
    nvrtcDestroyProgram(&program);
    throw CudaError("nvrtcCompileProgram: " + log);
  }
  const bool is_machine_code = target.rfind("sm_", 0) == 0;
  if (is_machine_code)
    nvrtcGetCUBINSize(program, &bytes);
  else
    nvrtcGetPTXSize(program, &bytes);
  code.resize(bytes);
  if (is_machine_code)
    nvrtcGetCUBIN(program, code.data());
  else
    nvrtcGetPTX(program, code.data());
  nvrtcDestroyProgram(&program);
  return code;
}

}  // namespace

Grid GridFor(std::int64_t count) {
  if (count > std::numeric_limits<std::int32_t>::max()) throw Unsupported("a value of more than 2^31 numbers");
  const std::int64_t blocks = std::clamp<std::int64_t>((count + kThreads - 1) / kThreads, 1, kMostBlocks);
  return {static_cast<unsigned>(blocks), 1, static_cast<unsigned>(kThreads), 1};
}

Kernels::Kernels(Type type) : type_(type) {
  // Creates the device's primary context, which the driver's functions below need.
  Check(cudaFree(nullptr), "cudaFree");
  const std::vector<char> code = Compile(TargetFor(ArchitectureOfCard()), type);
  const auto load = DriverFunction<CUresult (*)(CUmodule*, const void*)>("cuModuleLoadData");
  Check(load(&module_, code.data()), "cuModuleLoadData");
}

Kernels::~Kernels() {
  try {
    static_cast<void>(DriverFunction<CUresult (*)(CUmodule)>("cuModuleUnload")(module_));
  } catch (const CudaError&) {
    // Ignored: at the end of the process the driver may be unloaded already.
  }
}

CUfunction Kernels::Find(const char* name) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (const auto found = functions_.find(name); found != functions_.end()) return found->second;
  static const auto get = DriverFunction<CUresult (*)(CUfunction*, CUmodule, const char*)>("cuModuleGetFunction");
  CUfunction function = nullptr;
  Check(get(&function, module_, name), name);
  functions_.emplace(name, function);
  return function;
}

void Kernels::LaunchWith(const char* name, const Grid& grid, cudaStream_t stream, void** arguments) const {
  using LaunchKernel = CUresult (*)(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                                    CUstream, void**, void**);
  static const auto launch = DriverFunction<LaunchKernel>("cuLaunchKernel");
  Check(launch(Find(name), grid.blocks_x, grid.blocks_y, 1, grid.threads_x, grid.threads_y, 1, 0, stream, arguments,
               nullptr),
        name);
}

}  // namespace fovea::cuda
