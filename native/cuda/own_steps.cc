#include <stdexcept>

#include "steps.h"

namespace fovea::cuda {
namespace {

/** Same fields as in kernels_source.h. */
struct Window {
  int height, width, channels, out_height, out_width, rows_of, columns_of, stride_y, stride_x, top, left;
};

struct Depthwise {
  Window window;
  int dilation_y, dilation_x, multiplier, kind;
  float alpha;
};

struct Extent {
  int height, width, channels;
};

int Int(std::int64_t number) { return static_cast<int>(number); }
unsigned Unsigned(std::int64_t number) { return static_cast<unsigned>(number); }

Extent ExtentOf(const Shape& shape) {
  if (shape.size() == 3) return {Int(shape[0]), Int(shape[1]), Int(shape[2])};
  if (shape.size() == 1) return {1, 1, Int(shape[0])};
  throw Unsupported("a merge of values that are neither images nor vectors");
}

Window WindowOf(const Step& step, const Value& in, const Pair& size) {
  if (in.shape.size() != 3 || step.shape.size() != 3) throw std::invalid_argument("a window over no image");
  return {Int(in.shape[0]),           Int(in.shape[1]),           Int(in.shape[2]),
          Int(step.shape[0]),         Int(step.shape[1]),         Int(size.vertical),
          Int(size.horizontal),       Int(step.strides.vertical), Int(step.strides.horizontal),
          Int(step.padding.top),      Int(step.padding.left)};
}

/** Launches a kernel of kernels_source.h that reads one value and writes another. */
template <typename Launch>
void AddUnary(Builder& builder, const Value& in, const Value& out, Launch launch) {
  const Kernels* kernels = &builder.kernels();
  builder.Add(
      [=](const Workplace& at) {
        launch(*kernels, at.handles.stream(), static_cast<const void*>(at.At(in.buffer)),
               static_cast<void*>(at.At(out.buffer)));
      },
      {in.buffer, out.buffer});
}

}  // namespace

void AddDepthwise(Builder& builder, const Step& step) {
  const Value in = builder.GetAs(step.inputs[0], builder.type());
  const Shape& filter_shape = step.weights_shape;
  if (in.shape.size() != 3 || in.shape[2] != filter_shape[2] || step.shape.back() != filter_shape[2] * filter_shape[3])
    throw std::invalid_argument("a depthwise filter does not fit its input");
  const Value out = builder.NewValue(step.shape, builder.type());
  const Depthwise depthwise{WindowOf(step, in, {filter_shape[0], filter_shape[1]}),
                            Int(step.dilations.vertical),
                            Int(step.dilations.horizontal),
                            Int(filter_shape[3]),
                            static_cast<int>(step.activation.kind),
                            step.activation.alpha};
  const std::int64_t size = filter_shape[1];
  const std::int64_t stride = step.strides.horizontal;
  const bool has_tile = builder.IsVector(in) && filter_shape[3] == 1 && step.dilations.vertical == 1 &&
                        step.dilations.horizontal == 1 && (size == 3 || size == 5) && (stride == 1 || stride == 2);
  const std::string name =
      has_tile ? "depthwise_" + std::to_string(size) + "_" + std::to_string(stride) : std::string("depthwise_any");
  // A thread computes two adjacent outputs for 16 bytes of channels.
  const std::int64_t count = builder.CountOf(out);
  const std::int64_t threads =
      has_tile ? builder.rows() * step.shape[0] * ((step.shape[1] + 1) / 2) *
                     (step.shape[2] * static_cast<std::int64_t>(BytesOf(builder.type())) / 16)
               : count;
  const std::byte* filter = builder.weights().DepthwiseFilter(step);
  const std::byte* bias = builder.weights().Bias(step, Type::kFloat32);
  const std::int64_t rows = builder.rows();
  AddUnary(builder, in, out, [=](const Kernels& kernels, cudaStream_t stream, const void* from, void* to) {
    kernels.Launch(name.c_str(), GridFor(threads), stream, from, static_cast<const void*>(filter),
                   static_cast<const void*>(bias), to, Unsigned(rows), depthwise);
  });
  builder.Define(step.output, step.activation.kind == ActivationKind::kSoftmax
                                  ? Activated(builder, out, step.activation)
                                  : out);
}

void AddPool(Builder& builder, const Step& step) {
  const Value in = builder.GetAs(step.inputs[0], builder.type());
  const Window window = WindowOf(step, in, step.window);
  if (in.shape[2] != step.shape[2]) throw std::invalid_argument("a pool gives other channels");
  const Value out = builder.NewValue(step.shape, builder.type());
  const bool is_vector = builder.IsVector(in);
  const std::int64_t lanes = is_vector ? 16 / static_cast<std::int64_t>(BytesOf(builder.type())) : 1;
  const std::int64_t threads = builder.CountOf(out) / lanes;
  const std::int64_t rows = builder.rows();
  const int is_max = step.op == Op::kMaxPool ? 1 : 0;
  AddUnary(builder, in, out, [=](const Kernels& kernels, cudaStream_t stream, const void* from, void* to) {
    kernels.Launch(is_vector ? "pool_vector" : "pool_scalar", GridFor(threads), stream, from, to, Unsigned(rows),
                   window, is_max);
  });
  builder.Define(step.output, out);
}

void AddGlobalPool(Builder& builder, const Step& step) {
  const Value in = builder.GetAs(step.inputs[0], builder.type());
  if (in.shape.size() != 3 || step.shape.back() != in.shape[2])
    throw std::invalid_argument("a global pool gives other channels");
  const Value out = builder.NewValue(step.shape, builder.type());
  const bool is_vector = builder.IsVector(in);
  const std::int64_t lanes = is_vector ? 16 / static_cast<std::int64_t>(BytesOf(builder.type())) : 1;
  const std::int64_t packs = (in.shape[2] / lanes + 31) / 32;
  const Grid grid{Unsigned(builder.rows()), Unsigned(packs), 32, 8};
  const int places = Int(in.shape[0] * in.shape[1]);
  const int channels = Int(in.shape[2]);
  const int is_max = step.op == Op::kGlobalMaxPool ? 1 : 0;
  AddUnary(builder, in, out, [=](const Kernels& kernels, cudaStream_t stream, const void* from, void* to) {
    kernels.Launch(is_vector ? "global_pool_vector" : "global_pool_scalar", grid, stream, from, to, places, channels,
                   is_max);
  });
  builder.Define(step.output, out);
}

Value Padded(Builder& builder, const Value& in, const Padding& padding) {
  if (in.shape.size() != 3) throw std::invalid_argument("a padding around no image");
  const Shape shape{in.shape[0] + padding.top + padding.bottom, in.shape[1] + padding.left + padding.right, in.shape[2]};
  const Value out = builder.NewValue(shape, in.type);
  const std::int64_t count = builder.CountOf(out);
  const std::int64_t rows = builder.rows();
  AddUnary(builder, in, out, [=](const Kernels& kernels, cudaStream_t stream, const void* from, void* to) {
    kernels.Launch("pad", GridFor(count), stream, from, to, Unsigned(rows), Int(in.shape[0]), Int(in.shape[1]),
                   Int(in.shape[2]), Int(shape[0]), Int(shape[1]), Int(padding.top), Int(padding.left));
  });
  return out;
}

void AddZeroPadding(Builder& builder, const Step& step) {
  const Value out = Padded(builder, builder.GetAs(step.inputs[0], builder.type()), step.padding);
  if (out.shape != step.shape) throw std::invalid_argument("a zero padding gives another shape");
  builder.Define(step.output, out);
}

Value Affine(Builder& builder, const Value& in, const std::byte* scale, const std::byte* shift, const Value* addend,
             const Activation& activation) {
  const Value out = builder.NewValue(in.shape, builder.type());
  const bool is_vector = builder.IsVector(in);
  const std::int64_t lanes = is_vector ? 16 / static_cast<std::int64_t>(BytesOf(builder.type())) : 1;
  const std::int64_t count = builder.CountOf(in);
  const bool has_addend = addend != nullptr;
  const std::size_t other = has_addend ? addend->buffer : in.buffer;
  const Kernels* kernels = &builder.kernels();
  builder.Add(
      [=](const Workplace& at) {
        kernels->Launch(is_vector ? "affine_vector" : "affine_scalar", GridFor(count / lanes), at.handles.stream(),
                        static_cast<const void*>(at.At(in.buffer)), static_cast<const void*>(scale),
                        static_cast<const void*>(shift), static_cast<const void*>(has_addend ? at.At(other) : nullptr),
                        static_cast<void*>(at.At(out.buffer)), Unsigned(count), Int(in.shape.back()),
                        static_cast<int>(activation.kind), activation.alpha);
      },
      {in.buffer, other, out.buffer});
  return out;
}

void AddScaleShift(Builder& builder, const Step& step) {
  const Value in = builder.GetAs(step.inputs[0], builder.type());
  if (static_cast<std::int64_t>(step.scale.size()) != in.shape.back())
    throw std::invalid_argument("a scale for other channels");
  const std::byte* scale = builder.weights().Scale(step);
  const std::byte* shift = builder.weights().Bias(step, Type::kFloat32);
  builder.Define(step.output, Affine(builder, in, scale, shift, nullptr, {}));
}

Value Activated(Builder& builder, const Value& value, const Activation& activation) {
  if (activation.kind == ActivationKind::kLinear) return value;
  if (activation.kind != ActivationKind::kSoftmax && value.type == builder.type())
    return Affine(builder, value, nullptr, nullptr, nullptr, activation);
  const Value in = builder.Convert(value, Type::kFloat32);
  const Value out = builder.NewValue(in.shape, Type::kFloat32);
  const std::int64_t count = builder.CountOf(in);
  const std::int64_t classes = in.shape.back();
  AddUnary(builder, in, out, [=](const Kernels& kernels, cudaStream_t stream, const void* from, void* to) {
    if (activation.kind == ActivationKind::kSoftmax) {
      constexpr unsigned kRowsPerBlock = 4;
      const std::int64_t rows = count / classes;
      const Grid grid{Unsigned((rows + kRowsPerBlock - 1) / kRowsPerBlock), 1, 32, kRowsPerBlock};
      kernels.Launch("softmax", grid, stream, from, to, Unsigned(rows), Int(classes));
    } else {
      kernels.Launch("activate_float", GridFor(count), stream, from, to, Unsigned(count),
                     static_cast<int>(activation.kind), activation.alpha);
    }
  });
  return out;
}

void AddActivation(Builder& builder, const Step& step) {
  builder.Define(step.output, Activated(builder, builder.Get(step.inputs[0]), step.activation));
}

void AddMerge(Builder& builder, const Step& step) {
  Value left = builder.GetAs(step.inputs[0], builder.type());
  const int is_product = step.op == Op::kMultiply ? 1 : 0;
  for (std::size_t index = 1; index < step.inputs.size(); ++index) {
    const Value right = builder.GetAs(step.inputs[index], builder.type());
    if (left.shape.size() != right.shape.size()) throw std::invalid_argument("a merge of different ranks");
    Shape shape = left.shape;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] != right.shape[axis] && shape[axis] != 1 && right.shape[axis] != 1)
        throw std::invalid_argument("a merge of different shapes");
      if (shape[axis] == 1) shape[axis] = right.shape[axis];
    }
    if (is_product == 0 && left.shape == right.shape) {
      left = Affine(builder, left, nullptr, nullptr, &right, {});
      continue;
    }
    const Value out = builder.NewValue(shape, builder.type());
    const std::int64_t rows = builder.rows();
    const std::int64_t count = builder.CountOf(out);
    const Kernels* kernels = &builder.kernels();
    builder.Add(
        [=](const Workplace& at) {
          kernels->Launch("merge", GridFor(count), at.handles.stream(), static_cast<const void*>(at.At(left.buffer)),
                          static_cast<const void*>(at.At(right.buffer)), static_cast<void*>(at.At(out.buffer)),
                          Unsigned(rows), ExtentOf(left.shape), ExtentOf(right.shape), ExtentOf(shape), is_product);
        },
        {left.buffer, right.buffer, out.buffer});
    left = out;
  }
  if (left.shape != step.shape) throw std::invalid_argument("a merge gives another shape");
  builder.Define(step.output, left);
}

void AddConcat(Builder& builder, const Step& step) {
  const Value out = builder.NewValue(step.shape, builder.type());
  const std::int64_t places = builder.CountOf(out) / step.shape.back();
  std::int64_t offset = 0;
  for (const ValueId id : step.inputs) {
    const Value in = builder.GetAs(id, builder.type());
    const std::int64_t channels = in.shape.back();
    const std::int64_t from_channel = offset;
    if (builder.CountOf(in) != places * channels || offset + channels > step.shape.back())
      throw std::invalid_argument("a concatenation of different shapes");
    AddUnary(builder, in, out, [=, out_channels = step.shape.back()](const Kernels& kernels, cudaStream_t stream,
                                                                     const void* from, void* to) {
      kernels.Launch("place_channels", GridFor(places * channels), stream, from, to, Unsigned(places), Int(channels),
                     Int(out_channels), Int(from_channel));
    });
    offset += channels;
  }
  if (offset != step.shape.back()) throw std::invalid_argument("a concatenation of fewer channels");
  builder.Define(step.output, out);
}

}  // namespace fovea::cuda
