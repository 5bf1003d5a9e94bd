#include "matrix_product.h"

#include "status.h"

namespace fovea::cuda {
namespace {

cudaDataType_t DataType(Type type) {
  switch (type) {
    case Type::kFloat16:
      return CUDA_R_16F;
    case Type::kBfloat16:
      return CUDA_R_16BF;
    case Type::kFloat32:
      break;
  }
  return CUDA_R_32F;
}

}  // namespace

/** cuBLASLt's descriptions of the matrices. cuBLASLt is column-major, so it sees each row-major matrix transposed. */
struct ProductKernel::Layouts {
  cublasLtMatmulDesc_t product = nullptr;
  cublasLtMatrixLayout_t weights = nullptr;
  cublasLtMatrixLayout_t in = nullptr;
  cublasLtMatrixLayout_t addend = nullptr;
  cublasLtMatrixLayout_t out = nullptr;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_BIAS;
  cudaDataType_t bias_type = CUDA_R_32F;
  float beta = 0;

  explicit Layouts(const ProductShape& shape) {
    const auto units = static_cast<std::uint64_t>(shape.units);
    const auto depth = static_cast<std::uint64_t>(shape.depth);
    const auto rows = static_cast<std::uint64_t>(shape.rows);
    const auto make = [](cublasLtMatrixLayout_t& layout, Type type, std::uint64_t height, std::uint64_t width) {
      Check(cublasLtMatrixLayoutCreate(&layout, DataType(type), height, width, static_cast<std::int64_t>(height)),
            "cublasLtMatrixLayoutCreate");
    };
    make(weights, shape.type, depth, units);
    make(in, shape.type, depth, rows);
    make(addend, shape.out_type, units, rows);
    make(out, shape.out_type, units, rows);
    if (shape.has_relu) epilogue = CUBLASLT_EPILOGUE_RELU_BIAS;
    bias_type = DataType(shape.out_type);
    beta = shape.has_addend ? 1.0F : 0.0F;
    product = NewProduct();
  }
  Layouts(const Layouts&) = delete;
  Layouts& operator=(const Layouts&) = delete;
  ~Layouts() {
    for (cublasLtMatrixLayout_t layout : {weights, in, addend, out})
      if (layout != nullptr) cublasLtMatrixLayoutDestroy(layout);
    if (product != nullptr) cublasLtMatmulDescDestroy(product);
  }

  /** Each run has its own description, because it contains the address of the bias. */
  cublasLtMatmulDesc_t NewProduct() const {
    cublasLtMatmulDesc_t made = nullptr;
    Check(cublasLtMatmulDescCreate(&made, CUBLAS_COMPUTE_32F, CUDA_R_32F), "cublasLtMatmulDescCreate");
    const cublasOperation_t transposed = CUBLAS_OP_T;
    Set(made, CUBLASLT_MATMUL_DESC_TRANSA, transposed);
    Set(made, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
    Set(made, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, bias_type);
    return made;
  }

  template <typename T>
  static void Set(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t name, const T& value) {
    Check(cublasLtMatmulDescSetAttribute(desc, name, &value, sizeof value), "cublasLtMatmulDescSetAttribute");
  }
};

ProductKernel::ProductKernel(std::shared_ptr<const Layouts> layouts, const cublasLtMatmulAlgo_t& algorithm,
                             std::size_t workspace_bytes)
    : layouts_(std::move(layouts)), algorithm_(algorithm), workspace_bytes_(workspace_bytes) {}

void ProductKernel::Run(cublasLtHandle_t handle, cudaStream_t stream, const ProductMemory& memory,
                        std::byte* workspace) const {
  const float alpha = 1;
  const std::unique_ptr<cublasLtMatmulDescOpaque_t, cublasStatus_t (*)(cublasLtMatmulDesc_t)> product(
      layouts_->NewProduct(), cublasLtMatmulDescDestroy);
  Layouts::Set(product.get(), CUBLASLT_MATMUL_DESC_BIAS_POINTER, memory.bias);
  const std::byte* addend = memory.addend == nullptr ? memory.out : memory.addend;
  Check(cublasLtMatmul(handle, product.get(), &alpha, memory.weights, layouts_->weights, memory.in, layouts_->in,
                       &layouts_->beta, addend, layouts_->addend, memory.out, layouts_->out, &algorithm_, workspace,
                       workspace_bytes_, stream),
        "cublasLtMatmul");
}

std::vector<ProductKernel> FindProductKernels(cublasLtHandle_t handle, const ProductShape& shape, std::size_t most,
                                              std::size_t workspace_limit) {
  const auto layouts = std::make_shared<const ProductKernel::Layouts>(shape);
  cublasLtMatmulPreference_t made = nullptr;
  Check(cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
  const std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, cublasStatus_t (*)(cublasLtMatmulPreference_t)> preference(
      made, cublasLtMatmulPreferenceDestroy);
  Check(cublasLtMatmulPreferenceSetAttribute(preference.get(), CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                             &workspace_limit, sizeof workspace_limit),
        "cublasLtMatmulPreferenceSetAttribute");
  std::vector<cublasLtMatmulHeuristicResult_t> results(most);
  int found = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
      handle, layouts->product, layouts->weights, layouts->in, layouts->addend, layouts->out, preference.get(),
      static_cast<int>(most), results.data(), &found);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return {};
  Check(status, "cublasLtMatmulAlgoGetHeuristic");
  std::vector<ProductKernel> kernels;
  for (int index = 0; index < found; ++index) {
    const auto& result = results[static_cast<std::size_t>(index)];
    if (result.state == CUBLAS_STATUS_SUCCESS) kernels.emplace_back(layouts, result.algo, result.workspaceSize);
  }
  return kernels;
}

}  // namespace fovea::cuda
