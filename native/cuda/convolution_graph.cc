#include "convolution_graph.h"

#include <algorithm>

namespace fovea::cuda {
namespace {

/** Ids of tensors within a graph. */
enum Tensor : std::int64_t { kX = 1, kFilter = 2, kAddend = 3, kBias = 4, kY = 5, kFirstVirtual = 100 };

/** Configurations to request from cuDNN's heuristics; only some of them are finalized. */
constexpr std::int64_t kMostConfigurations = 64;
constexpr std::int64_t kAlignment = 16;

cudnnDataType_t DataType(Type type) {
  switch (type) {
    case Type::kFloat16:
      return CUDNN_DATA_HALF;
    case Type::kBfloat16:
      return CUDNN_DATA_BFLOAT16;
    case Type::kFloat32:
      break;
  }
  return CUDNN_DATA_FLOAT;
}

/** cuDNN orders dimensions as rows, channels, height, width. The strides make channels the last dimension in memory. */
struct Extents {
  std::int64_t rows;
  std::int64_t channels;
  std::int64_t height;
  std::int64_t width;
};

Descriptor MakeTensor(std::int64_t id, const Extents& extents, cudnnDataType_t type, bool is_virtual) {
  Descriptor tensor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  const auto& [rows, channels, height, width] = extents;
  tensor.Set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, type);
  tensor.Set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, std::vector<std::int64_t>{rows, channels, height, width});
  tensor.Set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64,
             std::vector<std::int64_t>{channels * height * width, 1, channels * width, channels});
  tensor.Set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id);
  tensor.Set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, kAlignment);
  tensor.Set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, is_virtual);
  tensor.Finalize();
  return tensor;
}

/** Builds the operations of a graph in sequence. */
class GraphBuilder {
 public:
  GraphBuilder(cudnnHandle_t handle, const ConvolutionShape& shape) : handle_(handle), shape_(shape) {}

  Descriptor Build() {
    const bool has_activation = shape_.activation.kind != ActivationKind::kLinear;
    remaining_ = (shape_.has_addend ? 1 : 0) + (shape_.has_bias ? 1 : 0) + (has_activation ? 1 : 0);
    Descriptor value = Convolution();
    if (shape_.has_addend) value = Add(value, MakeTensor(kAddend, OutExtents(), DataType(shape_.type), false));
    if (shape_.has_bias)
      value = Add(value, MakeTensor(kBias, {1, shape_.out_channels, 1, 1}, DataType(shape_.type), false));
    if (has_activation) Activate(value);
    Descriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    std::vector<cudnnBackendDescriptor_t> operations;
    for (const Descriptor& operation : operations_) operations.push_back(operation.get());
    graph.Set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, operations);
    graph.Set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, handle_);
    graph.Finalize();
    return graph;
  }

 private:
  Extents OutExtents() const { return {shape_.rows, shape_.out_channels, shape_.out_height, shape_.out_width}; }

  /** The output of the next operation: the graph's output if it is the last. */
  Descriptor NextResult() {
    if (remaining_ == 0) return MakeTensor(kY, OutExtents(), DataType(shape_.type), false);
    --remaining_;
    return MakeTensor(kFirstVirtual + remaining_, OutExtents(), CUDNN_DATA_FLOAT, true);
  }

  Descriptor Convolution() {
    Descriptor convolution(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    const Padding& padding = shape_.padding;
    using Numbers = std::vector<std::int64_t>;
    convolution.Set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    convolution.Set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION);
    convolution.Set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, std::int64_t{2});
    convolution.Set(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64,
                    Numbers{shape_.dilations.vertical, shape_.dilations.horizontal});
    convolution.Set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64,
                    Numbers{shape_.strides.vertical, shape_.strides.horizontal});
    convolution.Set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, Numbers{padding.top, padding.left});
    convolution.Set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, Numbers{padding.bottom, padding.right});
    convolution.Finalize();

    const cudnnDataType_t type = DataType(shape_.type);
    const Extents in{shape_.rows, shape_.in_channels, shape_.in_height, shape_.in_width};
    const Extents filter{shape_.out_channels, shape_.in_channels, shape_.filter_height, shape_.filter_width};
    const Descriptor y = NextResult();
    Descriptor operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    operation.Set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, MakeTensor(kX, in, type, false));
    operation.Set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, MakeTensor(kFilter, filter, type, false));
    operation.Set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y);
    operation.Set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, convolution);
    operation.Set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1.0F);
    operation.Set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 0.0F);
    operation.Finalize();
    operations_.push_back(operation);
    return y;
  }

  Descriptor Pointwise(const Descriptor& mode, const Descriptor& x, const Descriptor* other) {
    const Descriptor y = NextResult();
    Descriptor operation(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    operation.Set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, mode);
    operation.Set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (other != nullptr) operation.Set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *other);
    operation.Set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    operation.Finalize();
    operations_.push_back(operation);
    return y;
  }

  static Descriptor Mode(cudnnPointwiseMode_t mode) {
    Descriptor descriptor(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    descriptor.Set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode);
    descriptor.Set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    return descriptor;
  }

  Descriptor Add(const Descriptor& left, const Descriptor& right) {
    Descriptor mode = Mode(CUDNN_POINTWISE_ADD);
    mode.Finalize();
    return Pointwise(mode, left, &right);
  }

  void Activate(const Descriptor& value) {
    const auto [kind, alpha] = shape_.activation;
    Descriptor mode = Mode(ModeOf(kind));
    if (kind == ActivationKind::kRelu6) {
      mode.Set(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP, CUDNN_TYPE_DOUBLE, 0.0);
      mode.Set(CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, CUDNN_TYPE_DOUBLE, 6.0);
    }
    if (kind == ActivationKind::kLeakyRelu)
      mode.Set(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, static_cast<double>(alpha));
    mode.Finalize();
    Pointwise(mode, value, nullptr);
  }

  static cudnnPointwiseMode_t ModeOf(ActivationKind kind) {
    switch (kind) {
      case ActivationKind::kElu:
        return CUDNN_POINTWISE_ELU_FWD;
      case ActivationKind::kSigmoid:
        return CUDNN_POINTWISE_SIGMOID_FWD;
      case ActivationKind::kTanh:
        return CUDNN_POINTWISE_TANH_FWD;
      case ActivationKind::kSwish:
        return CUDNN_POINTWISE_SWISH_FWD;
      default:
        return CUDNN_POINTWISE_RELU_FWD;
    }
  }

  cudnnHandle_t handle_;
  const ConvolutionShape& shape_;
  int remaining_ = 0;
  std::vector<Descriptor> operations_;
};

/** The engine configurations that cuDNN's heuristic proposes, best first. */
std::vector<Descriptor> Propose(const Descriptor& graph, cudnnBackendHeurMode_t mode) {
  Descriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.Set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
  heuristics.Set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
  if (heuristics.TryFinalize() != CUDNN_STATUS_SUCCESS) return {};
  std::int64_t count = 0;
  Check(cudnnBackendGetAttribute(heuristics.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0,
                                 &count, nullptr),
        "cudnnBackendGetAttribute");
  count = std::min(count, kMostConfigurations);
  std::vector<Descriptor> configurations;
  std::vector<cudnnBackendDescriptor_t> places;
  for (std::int64_t index = 0; index < count; ++index) {
    configurations.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    places.push_back(configurations.back().get());
  }
  if (count == 0) return {};
  std::int64_t filled = 0;
  Check(cudnnBackendGetAttribute(heuristics.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, count,
                                 &filled, places.data()),
        "cudnnBackendGetAttribute");
  configurations.erase(configurations.begin() + filled, configurations.end());
  return configurations;
}

/** Whether a configuration rounds inputs to fewer bits than float32, such as TF32. */
bool RoundsInputs(const Descriptor& configuration) {
  const Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  cudnnBackendDescriptor_t place = engine.get();
  std::int64_t count = 0;
  Check(cudnnBackendGetAttribute(configuration.get(), CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                 &count, &place),
        "cudnnBackendGetAttribute");
  std::vector<cudnnBackendNumericalNote_t> notes(CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
  Check(cudnnBackendGetAttribute(engine.get(), CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                 CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count, notes.data()),
        "cudnnBackendGetAttribute");
  notes.resize(static_cast<std::size_t>(count));
  return std::any_of(notes.begin(), notes.end(), [](cudnnBackendNumericalNote_t note) {
    return note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE || note == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS;
  });
}

std::optional<ConvolutionKernel> Finish(cudnnHandle_t handle, const Descriptor& configuration, std::size_t limit) {
  Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  plan.Set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, handle);
  plan.Set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
  // Heuristics also propose configurations that fail for this card or shape.
  if (plan.TryFinalize() != CUDNN_STATUS_SUCCESS) return std::nullopt;
  std::int64_t bytes = 0;
  std::int64_t count = 0;
  Check(cudnnBackendGetAttribute(plan.get(), CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count,
                                 &bytes),
        "cudnnBackendGetAttribute");
  if (static_cast<std::size_t>(bytes) > limit) return std::nullopt;
  return ConvolutionKernel(plan, static_cast<std::size_t>(bytes));
}

}  // namespace

bool HasFusedForm(const Activation& activation) {
  return activation.kind != ActivationKind::kSoftmax && activation.kind != ActivationKind::kHardSigmoid;
}

std::vector<ConvolutionKernel> FindConvolutionKernels(cudnnHandle_t handle, const ConvolutionShape& shape,
                                                      std::size_t most, std::size_t workspace_limit) {
  const Descriptor graph = GraphBuilder(handle, shape).Build();
  std::vector<ConvolutionKernel> kernels;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    for (const Descriptor& configuration : Propose(graph, mode)) {
      if (kernels.size() == most) return kernels;
      if (shape.type == Type::kFloat32 && RoundsInputs(configuration)) continue;
      if (auto kernel = Finish(handle, configuration, workspace_limit)) kernels.push_back(*kernel);
    }
    if (!kernels.empty()) break;
  }
  return kernels;
}

void ConvolutionKernel::Run(cudnnHandle_t handle, const ConvolutionMemory& memory, std::byte* workspace) const {
  std::vector<std::int64_t> ids{kX, kFilter, kY};
  std::vector<void*> places{const_cast<std::byte*>(memory.x), const_cast<std::byte*>(memory.filter), memory.y};
  const auto include = [&](std::int64_t id, const std::byte* place) {
    if (place == nullptr) return;
    ids.push_back(id);
    places.push_back(const_cast<std::byte*>(place));
  };
  include(kAddend, memory.addend);
  include(kBias, memory.bias);
  Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.Set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, ids);
  pack.Set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, places);
  pack.Set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, static_cast<void*>(workspace));
  pack.Finalize();
  Check(cudnnBackendExecute(handle, plan_.get(), pack.get()), "cudnnBackendExecute");
}

}  // namespace fovea::cuda
