#include <limits>
#include <optional>
#include <stdexcept>

#include "steps.h"

namespace fovea::cuda {
namespace {

/** Kernels that are timed for each convolution and batch size. On an H100, 12 kernels gave 1 to 6 % more throughput, but
 * loading took 1.5 times as long, because cuDNN compiles some kernels when they are chosen. */
constexpr std::size_t kCandidates = 4;

/** A convolution, with the following sum and activation that the same kernel computes. */
struct Fused {
  const Step& step;
  std::optional<Value> addend;
  Activation activation;
  /** The output of the last of these steps. */
  ValueId output;
  Shape shape;
};

/** Candidates for the stored channels of the image: tensor cores read channels in groups of these sizes. */
constexpr std::int64_t kChannelGroups[] = {4, 8};

/** Finds the sum after the convolution and the activation after the sum, if no other step reads the values between them. */
Fused Fuse(Builder& builder, const Step& step) {
  Fused fused{step, std::nullopt, step.activation, step.output, step.shape};
  if (step.activation.kind != ActivationKind::kLinear) return fused;
  const Step* sum = builder.OnlyReader(step.output);
  if (sum == nullptr || sum->op != Op::kAdd || sum->inputs.size() != 2) return fused;
  const ValueId other = sum->inputs[0] == step.output ? sum->inputs[1] : sum->inputs[0];
  if (!builder.IsDefined(other) || builder.Get(other).shape != step.shape || sum->shape != step.shape) return fused;
  fused.addend = builder.GetAs(other, builder.type());
  fused.output = sum->output;
  builder.Skip(*sum);
  const Step* activation = builder.OnlyReader(sum->output);
  if (activation == nullptr || activation->op != Op::kActivation ||
      activation->activation.kind == ActivationKind::kSoftmax)
    return fused;
  fused.activation = activation->activation;
  fused.output = activation->output;
  builder.Skip(*activation);
  return fused;
}

void CheckShapes(const Step& step, const Shape& in) {
  const Shape& filter = step.weights_shape;
  if (in.size() != 3 || step.shape.size() != 3 || filter[3] != step.shape[2] || filter[2] > in[2])
    throw std::invalid_argument("a convolution's filter does not fit its input");
  const auto length = [](std::int64_t size, std::int64_t before, std::int64_t after, std::int64_t window,
                         std::int64_t dilation, std::int64_t stride) {
    return (size + before + after - dilation * (window - 1) - 1) / stride + 1;
  };
  const Padding& padding = step.padding;
  if (length(in[0], padding.top, padding.bottom, filter[0], step.dilations.vertical, step.strides.vertical) !=
          step.shape[0] ||
      length(in[1], padding.left, padding.right, filter[1], step.dilations.horizontal,
             step.strides.horizontal) != step.shape[1])
    throw std::invalid_argument("a convolution gives another shape");
}

/** All fields except the input's extents. */
ConvolutionShape ShapeOf(const Builder& builder, const Step& step) {
  ConvolutionShape shape;
  shape.type = builder.type();
  shape.rows = builder.rows();
  shape.out_height = step.shape[0];
  shape.out_width = step.shape[1];
  shape.out_channels = step.shape[2];
  shape.filter_height = step.weights_shape[0];
  shape.filter_width = step.weights_shape[1];
  shape.strides = step.strides;
  shape.dilations = step.dilations;
  shape.padding = step.padding;
  return shape;
}

bool IsSymmetric(const Padding& padding) { return padding.top == padding.bottom && padding.left == padding.right; }

/** A kernel with its measured time. */
template <typename Kernel>
struct Timed {
  std::optional<Kernel> kernel;
  double microseconds = std::numeric_limits<double>::infinity();
};

std::size_t Aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

Timed<ConvolutionKernel> FastestConvolution(Tuner& tuner, const ConvolutionShape& shape, const std::byte* filter,
                                            const std::byte* bias) {
  const auto kernels = FindConvolutionKernels(tuner.handles().dnn(), shape, kCandidates, Tuner::kWorkspaceLimit);
  const std::size_t in_bytes = Aligned(static_cast<std::size_t>(shape.rows * shape.in_height * shape.in_width *
                                                                shape.in_channels) * BytesOf(shape.type));
  const std::size_t out_bytes = Aligned(static_cast<std::size_t>(shape.rows * shape.out_height * shape.out_width *
                                                                 shape.out_channels) * BytesOf(shape.type));
  Timed<ConvolutionKernel> best;
  for (const ConvolutionKernel& kernel : kernels) {
    std::byte* scratch = tuner.Scratch(in_bytes + 2 * out_bytes);
    std::byte* workspace = tuner.Workspace(kernel.workspace_bytes());
    const ConvolutionMemory memory{scratch, filter, shape.has_addend ? scratch + in_bytes : nullptr,
                                   shape.has_bias ? bias : nullptr, scratch + in_bytes + out_bytes};
    const double microseconds = tuner.Time([&] { kernel.Run(tuner.handles().dnn(), memory, workspace); });
    if (microseconds < best.microseconds) best = {kernel, microseconds};
  }
  return best;
}

/** Whether the convolution is a matrix product: 1 × 1 with stride 1. */
Timed<ProductKernel> FastestProduct(Tuner& tuner, const ProductShape& shape, const std::byte* weights,
                                    const std::byte* bias) {
  Timed<ProductKernel> best;
  const auto kernels = FindProductKernels(tuner.handles().blas(), shape, kCandidates, Tuner::kWorkspaceLimit);
  const std::size_t in_bytes = Aligned(static_cast<std::size_t>(shape.rows * shape.depth) * BytesOf(shape.type));
  const std::size_t out_bytes = Aligned(static_cast<std::size_t>(shape.rows * shape.units) * BytesOf(shape.type));
  for (const ProductKernel& kernel : kernels) {
    std::byte* scratch = tuner.Scratch(in_bytes + 2 * out_bytes);
    std::byte* workspace = tuner.Workspace(kernel.workspace_bytes());
    const ProductMemory memory{scratch, weights, bias, shape.has_addend ? scratch + in_bytes : nullptr,
                               scratch + in_bytes + out_bytes};
    const double microseconds = tuner.Time(
        [&] { kernel.Run(tuner.handles().blas(), tuner.handles().stream(), memory, workspace); });
    if (microseconds < best.microseconds) best = {kernel, microseconds};
  }
  return best;
}

bool IsProduct(const ConvolutionShape& shape, const Padding& padding) {
  return shape.filter_height == 1 && shape.filter_width == 1 && shape.strides.vertical == 1 &&
         shape.strides.horizontal == 1 && padding.top + padding.bottom + padding.left + padding.right == 0;
}

/** Chooses the fastest layout of the pixels. The border of zeros replaces the convolution's padding. */
void LayPixels(Builder& builder, const Step& step, ConvolutionShape shape) {
  const Shape& image = builder.input_shape();
  const Padding& padding = step.padding;
  shape.in_height = image[0] + padding.top + padding.bottom;
  shape.in_width = image[1] + padding.left + padding.right;
  shape.padding = {};
  std::int64_t best_group = image[2];
  double best_microseconds = std::numeric_limits<double>::infinity();
  for (const std::int64_t group : kChannelGroups) {
    if (group < image[2]) continue;
    shape.in_channels = group;
    const std::byte* filter = builder.weights().Filter(step, group);
    const std::byte* bias = builder.weights().Bias(step, builder.type());
    const double microseconds = FastestConvolution(builder.tuner(), shape, filter, bias).microseconds;
    if (microseconds >= best_microseconds) continue;
    best_microseconds = microseconds;
    best_group = group;
  }
  builder.AddPixels(best_group, padding);
}

}  // namespace

void AddConvolution(Builder& builder, const Step& step) {
  const bool reads_pixels = !builder.IsDefined(step.inputs[0]) && step.inputs[0] == kInputValue;
  const Fused fused = Fuse(builder, step);
  const bool fuses_activation = HasFusedForm(fused.activation);
  ConvolutionShape shape = ShapeOf(builder, step);
  shape.has_bias = true;
  shape.has_addend = fused.addend.has_value();
  if (fuses_activation) shape.activation = fused.activation;
  if (reads_pixels) {
    CheckShapes(step, builder.input_shape());
    LayPixels(builder, step, shape);
    shape.padding = {};
  }
  Value in = builder.GetAs(step.inputs[0], builder.type());
  if (!reads_pixels) CheckShapes(step, in.shape);
  shape.in_height = in.shape[0];
  shape.in_width = in.shape[1];
  shape.in_channels = in.shape[2];
  const std::byte* filter = builder.weights().Filter(step, in.shape[2]);
  const std::byte* bias = builder.weights().Bias(step, builder.type());

  Timed<ConvolutionKernel> convolution = FastestConvolution(builder.tuner(), shape, filter, bias);
  if (!convolution.kernel && !IsSymmetric(shape.padding)) {
    in = Padded(builder, in, shape.padding);
    shape.in_height = in.shape[0];
    shape.in_width = in.shape[1];
    shape.padding = {};
    convolution = FastestConvolution(builder.tuner(), shape, filter, bias);
  }
  Timed<ProductKernel> product;
  const bool has_relu = shape.activation.kind == ActivationKind::kRelu;
  if (IsProduct(shape, step.padding) && (has_relu || shape.activation.kind == ActivationKind::kLinear)) {
    const ProductShape of_matrices{builder.type(),     builder.type(),   shape.rows * shape.in_height * shape.in_width,
                                   shape.in_channels,  shape.out_channels, shape.has_addend,
                                   has_relu};
    product = FastestProduct(builder.tuner(), of_matrices, filter, bias);
  }

  const Value out = builder.NewValue(step.shape, builder.type());
  std::vector<std::size_t> buffers{in.buffer, out.buffer};
  if (fused.addend) buffers.push_back(fused.addend->buffer);
  const auto addend = fused.addend;
  if (product.microseconds < convolution.microseconds) {
    builder.NeedWorkspace(product.kernel->workspace_bytes());
    builder.Add(
        [=, kernel = *product.kernel](const Workplace& at) {
          kernel.Run(at.handles.blas(), at.handles.stream(),
                     {at.At(in.buffer), filter, bias, addend ? at.At(addend->buffer) : nullptr, at.At(out.buffer)},
                     at.workspace);
        },
        buffers);
  } else if (convolution.kernel) {
    builder.NeedWorkspace(convolution.kernel->workspace_bytes());
    builder.Add(
        [=, kernel = *convolution.kernel](const Workplace& at) {
          kernel.Run(at.handles.dnn(),
                     {at.At(in.buffer), filter, addend ? at.At(addend->buffer) : nullptr, bias, at.At(out.buffer)},
                     at.workspace);
        },
        buffers);
  } else {
    // cuDNN fuses only some types and shapes, but has nearly all convolutions without fusion.
    ConvolutionShape bare = shape;
    bare.has_bias = false;
    bare.has_addend = false;
    bare.activation = {};
    const Timed<ConvolutionKernel> fallback = FastestConvolution(builder.tuner(), bare, filter, nullptr);
    if (!fallback.kernel) throw Unsupported("a convolution that cuDNN has no kernel for");
    builder.NeedWorkspace(fallback.kernel->workspace_bytes());
    builder.Add(
        [=, kernel = *fallback.kernel](const Workplace& at) {
          kernel.Run(at.handles.dnn(), {at.At(in.buffer), filter, nullptr, nullptr, at.At(out.buffer)}, at.workspace);
        },
        {in.buffer, out.buffer});
    const std::byte* shift = builder.weights().Bias(step, Type::kFloat32);
    const Activation behind = fuses_activation ? fused.activation : Activation{};
    const Value result = Affine(builder, out, nullptr, shift, addend ? &*addend : nullptr, behind);
    builder.Define(fused.output, fuses_activation ? result : Activated(builder, result, fused.activation));
    return;
  }
  builder.Define(fused.output, fuses_activation ? out : Activated(builder, out, fused.activation));
}

void AddDense(Builder& builder, const Step& step) {
  const Value in = builder.GetAs(step.inputs[0], builder.type());
  const Shape& kernel_shape = step.weights_shape;
  if (in.shape != Shape{kernel_shape[0]} || step.shape != Shape{kernel_shape[1]})
    throw std::invalid_argument("a dense layer's kernel does not fit its input");
  const bool has_relu = step.activation.kind == ActivationKind::kRelu;
  // The last sums stay float32, because small differences between them decide the class.
  const Step* reader = builder.OnlyReader(step.output);
  const bool is_last = reader == nullptr || step.activation.kind == ActivationKind::kSoftmax ||
                       (reader->op == Op::kActivation && reader->activation.kind == ActivationKind::kSoftmax);
  const Type out_type = is_last ? Type::kFloat32 : builder.type();
  const ProductShape shape{builder.type(), out_type, builder.rows(), kernel_shape[0], kernel_shape[1], false, has_relu};
  const std::byte* weights = builder.weights().Kernel(step);
  const std::byte* bias = builder.weights().Bias(step, out_type);
  const Timed<ProductKernel> product = FastestProduct(builder.tuner(), shape, weights, bias);
  if (!product.kernel) throw Unsupported("a dense layer that cuBLASLt has no kernel for");
  builder.NeedWorkspace(product.kernel->workspace_bytes());
  const Value out = builder.NewValue(step.shape, out_type);
  builder.Add(
      [=, kernel = *product.kernel](const Workplace& at) {
        kernel.Run(at.handles.blas(), at.handles.stream(),
                   {at.At(in.buffer), weights, bias, nullptr, at.At(out.buffer)}, at.workspace);
      },
      {in.buffer, out.buffer});
  builder.Define(step.output, has_relu ? out : Activated(builder, out, step.activation));
}

}  // namespace fovea::cuda
