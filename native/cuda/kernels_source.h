#pragma once

namespace fovea::cuda {

/**
 * Fovea's own kernels, which NVRTC compiles for the present card. `TYPE` is 32 (float32), 16 (float16) or 17 (bfloat16).
 *
 * Values are channels last. A kernel named `…_vector` handles 16 bytes of channels per thread and needs channels that are a
 * multiple of that; `…_scalar` handles one channel. All compute in float32.
 */
inline constexpr char kKernelsSource[] = R"cuda(
typedef unsigned long long Size;
#define INFINITY __int_as_float(0x7f800000)

#if TYPE == 16
typedef unsigned short T;
__device__ float Read(T stored) { float value; asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(stored)); return value; }
__device__ T Store(float value) { T stored; asm("cvt.rn.f16.f32 %0, %1;" : "=h"(stored) : "f"(value)); return stored; }
#elif TYPE == 17
typedef unsigned short T;
__device__ float Read(T stored) { return __uint_as_float(static_cast<unsigned>(stored) << 16); }
__device__ T Store(float value) { T stored; asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(stored) : "f"(value)); return stored; }
#else
typedef float T;
__device__ float Read(T stored) { return stored; }
__device__ T Store(float value) { return value; }
#endif

constexpr int kVector = 16 / sizeof(T);

template <int V>
struct alignas(V * sizeof(T)) Pack { T values[V]; };

template <int V>
__device__ Pack<V> Load(const T* from) { return *reinterpret_cast<const Pack<V>*>(from); }

template <int V>
__device__ void Save(T* to, const Pack<V>& pack) { *reinterpret_cast<Pack<V>*>(to) = pack; }

/** The order of ActivationKind in plan.h. NaN stays NaN. */
__device__ float Activate(int kind, float alpha, float x) {
  switch (kind) {
    case 1: return x < 0 ? 0 : x;
    case 2: return x < 0 ? 0 : x > 6 ? 6 : x;
    case 3: return x < 0 ? alpha * x : x;
    case 4: return x < 0 ? expm1f(x) : x;
    case 5: return 1 / (1 + expf(-x));
    case 6: { const float y = 0.2f * x + 0.5f; return y < 0 ? 0 : y > 1 ? 1 : y; }
    case 7: return tanhf(x);
    case 8: return x / (1 + expf(-x));
    default: return x;
  }
}

/** Counts fit 31 bits, so that division by extents is cheap. Addresses are computed in 64 bits. */
#define EACH(index, count)                                                                          \
  for (unsigned index = blockIdx.x * blockDim.x + threadIdx.x; index < static_cast<unsigned>(count); \
       index += gridDim.x * blockDim.x)

struct Picture { int height, width, channels, top, left, out_height, out_width, stored; };

/** Of three channels at most; `red` is where the first one lies in a pixel: 0, or 2 where the model takes blue first. */
struct Scaling { float scale[3], offset[3]; int red; };

__device__ float Scaled(const unsigned char* pixel, int channel, const Scaling& s) {
  const int from = channel == 0 ? s.red : channel == 2 ? 2 - s.red : channel;
  return fmaf(pixel[from], s.scale[channel], s.offset[channel]);
}

/** uint8 pixels to values inside a border of zeros; channels beyond the image's are 0. */
extern "C" __global__ void pixels(const unsigned char* in, T* out, unsigned rows, Picture p, Scaling s) {
  EACH(index, rows * p.out_height * p.out_width) {
    const int x = static_cast<int>(index % p.out_width) - p.left;
    unsigned rest = index / p.out_width;
    const int y = static_cast<int>(rest % p.out_height) - p.top;
    const bool is_inside = x >= 0 && x < p.width && y >= 0 && y < p.height;
    const Size from = (static_cast<Size>(rest / p.out_height) * p.height + y) * p.width + x;
    for (int channel = 0; channel < p.stored; ++channel)
      out[static_cast<Size>(index) * p.stored + channel] =
          Store(is_inside && channel < p.channels ? Scaled(in + from * p.channels, channel, s) : 0.f);
  }
}

/** Like `pixels`, for 3 channels that are stored as `S`: one write per pixel. */
template <int S>
__device__ void Pixels(const unsigned char* in, T* out, unsigned rows, const Picture& p, const Scaling& s) {
  EACH(index, rows * p.out_height * p.out_width) {
    const int x = static_cast<int>(index % p.out_width) - p.left;
    unsigned rest = index / p.out_width;
    const int y = static_cast<int>(rest % p.out_height) - p.top;
    const bool is_inside = x >= 0 && x < p.width && y >= 0 && y < p.height;
    const Size from = (static_cast<Size>(rest / p.out_height) * p.height + y) * p.width + x;
    Pack<S> pack;
    for (int channel = 0; channel < S; ++channel)
      pack.values[channel] = Store(is_inside && channel < 3 ? Scaled(in + from * 3, channel, s) : 0.f);
    Save(out + static_cast<Size>(index) * S, pack);
  }
}

extern "C" __global__ void pixels_3_as_4(const unsigned char* in, T* out, unsigned rows, Picture p, Scaling s) {
  Pixels<4>(in, out, rows, p, s);
}

extern "C" __global__ void pixels_3_as_8(const unsigned char* in, T* out, unsigned rows, Picture p, Scaling s) {
  Pixels<8>(in, out, rows, p, s);
}

/** out = activation(in * scale + shift + other); scale, shift (`[channels]`) and other may be null. */
template <int V>
__device__ void Affine(const T* in, const float* scale, const float* shift, const T* other, T* out, unsigned count,
                       int channels, int kind, float alpha) {
  EACH(index, count / V) {
    const int channel = static_cast<int>(index % (channels / V)) * V;
    Pack<V> pack = Load<V>(in + static_cast<Size>(index) * V);
    Pack<V> added;
    if (other != nullptr) added = Load<V>(other + static_cast<Size>(index) * V);
    for (int lane = 0; lane < V; ++lane) {
      float value = Read(pack.values[lane]);
      if (scale != nullptr) value *= scale[channel + lane];
      if (shift != nullptr) value += shift[channel + lane];
      if (other != nullptr) value += Read(added.values[lane]);
      pack.values[lane] = Store(Activate(kind, alpha, value));
    }
    Save(out + static_cast<Size>(index) * V, pack);
  }
}

extern "C" __global__ void affine_vector(const T* in, const float* scale, const float* shift, const T* other, T* out,
                                         unsigned count, int channels, int kind, float alpha) {
  Affine<kVector>(in, scale, shift, other, out, count, channels, kind, alpha);
}

extern "C" __global__ void affine_scalar(const T* in, const float* scale, const float* shift, const T* other, T* out,
                                         unsigned count, int channels, int kind, float alpha) {
  Affine<1>(in, scale, shift, other, out, count, channels, kind, alpha);
}

/** The input range of a window for one output row or column. */
struct Span { int first, last; };

__device__ Span Meeting(int out, int stride, int padding, int size, int length) {
  const int start = out * stride - padding;
  return {start < 0 ? 0 : start, start + size > length ? length : start + size};
}

struct Window { int height, width, channels, out_height, out_width, rows_of, columns_of, stride_y, stride_x, top, left; };

/** Padding is not included. */
template <int V>
__device__ void Pool(const T* in, T* out, unsigned rows, Window w, bool is_max) {
  const int packs = w.channels / V;
  EACH(index, rows * w.out_height * w.out_width * packs) {
    const int channel = static_cast<int>(index % packs) * V;
    unsigned rest = index / packs;
    const int x = static_cast<int>(rest % w.out_width);
    rest /= w.out_width;
    const int y = static_cast<int>(rest % w.out_height);
    const Size row = rest / w.out_height;
    const Span vertical = Meeting(y, w.stride_y, w.top, w.rows_of, w.height);
    const Span horizontal = Meeting(x, w.stride_x, w.left, w.columns_of, w.width);
    float result[V];
    for (int lane = 0; lane < V; ++lane) result[lane] = is_max ? -INFINITY : 0;
    for (int j = vertical.first; j < vertical.last; ++j)
      for (int i = horizontal.first; i < horizontal.last; ++i) {
        const Pack<V> pack = Load<V>(in + ((row * w.height + j) * w.width + i) * w.channels + channel);
        for (int lane = 0; lane < V; ++lane) {
          const float value = Read(pack.values[lane]);
          // This order of operands propagates NaN.
          if (!is_max) result[lane] += value;
          else if (!(value <= result[lane])) result[lane] = value;
        }
      }
    const float share = is_max ? 1.f : 1.f / ((vertical.last - vertical.first) * (horizontal.last - horizontal.first));
    Pack<V> pack;
    for (int lane = 0; lane < V; ++lane) pack.values[lane] = Store(result[lane] * share);
    Save(out + static_cast<Size>(index) * V, pack);
  }
}

extern "C" __global__ void pool_vector(const T* in, T* out, unsigned rows, Window window, int is_max) {
  Pool<kVector>(in, out, rows, window, is_max != 0);
}

extern "C" __global__ void pool_scalar(const T* in, T* out, unsigned rows, Window window, int is_max) {
  Pool<1>(in, out, rows, window, is_max != 0);
}

/** One block per row and 32 packs of channels; its 8 warps divide the places. */
template <int V>
__device__ void GlobalPool(const T* in, T* out, int places, int channels, bool is_max) {
  __shared__ float partial[8][32][V];
  const Size row = blockIdx.x;
  const int channel = (blockIdx.y * 32 + threadIdx.x) * V;
  float result[V];
  for (int lane = 0; lane < V; ++lane) result[lane] = is_max ? -INFINITY : 0;
  if (channel < channels)
    for (int place = threadIdx.y; place < places; place += 8) {
      const Pack<V> pack = Load<V>(in + (row * places + place) * channels + channel);
      for (int lane = 0; lane < V; ++lane) {
        const float value = Read(pack.values[lane]);
        if (!is_max) result[lane] += value;
        else if (!(value <= result[lane])) result[lane] = value;
      }
    }
  for (int lane = 0; lane < V; ++lane) partial[threadIdx.y][threadIdx.x][lane] = result[lane];
  __syncthreads();
  if (threadIdx.y != 0 || channel >= channels) return;
  Pack<V> pack;
  for (int lane = 0; lane < V; ++lane) {
    float value = result[lane];
    for (int warp = 1; warp < 8; ++warp) {
      const float next = partial[warp][threadIdx.x][lane];
      if (!is_max) value += next;
      else if (!(next <= value)) value = next;
    }
    pack.values[lane] = Store(is_max ? value : value / places);
  }
  Save(out + row * channels + channel, pack);
}

extern "C" __global__ void global_pool_vector(const T* in, T* out, int places, int channels, int is_max) {
  GlobalPool<kVector>(in, out, places, channels, is_max != 0);
}

extern "C" __global__ void global_pool_scalar(const T* in, T* out, int places, int channels, int is_max) {
  GlobalPool<1>(in, out, places, channels, is_max != 0);
}

struct Depthwise {
  Window window;
  int dilation_y, dilation_x, multiplier, kind;
  float alpha;
};

/** `S` filter columns and `X` adjacent outputs are compile-time constants, so that each input is read once. */
template <int V, int S, int STRIDE, int X>
__device__ void DepthwiseTile(const T* in, const T* filter, const float* bias, T* out, unsigned rows, const Depthwise& d) {
  const Window& w = d.window;
  const int packs = w.channels / V;
  const int tiles = (w.out_width + X - 1) / X;
  EACH(index, rows * w.out_height * tiles * packs) {
    const int channel = static_cast<int>(index % packs) * V;
    unsigned rest = index / packs;
    const int x = static_cast<int>(rest % tiles) * X;
    rest /= tiles;
    const int y = static_cast<int>(rest % w.out_height);
    const Size row = rest / w.out_height;
    float sums[X][V];
    for (int lane = 0; lane < V; ++lane)
      for (int out_x = 0; out_x < X; ++out_x) sums[out_x][lane] = bias[channel + lane];
    for (int r = 0; r < w.rows_of; ++r) {
      const int in_y = y * w.stride_y - w.top + r;
      if (in_y < 0 || in_y >= w.height) continue;
      Pack<V> weights[S];
#pragma unroll
      for (int s = 0; s < S; ++s) weights[s] = Load<V>(filter + (r * S + s) * w.channels + channel);
#pragma unroll
      for (int column = 0; column < (X - 1) * STRIDE + S; ++column) {
        const int in_x = x * STRIDE - w.left + column;
        if (in_x < 0 || in_x >= w.width) continue;
        const Pack<V> pack = Load<V>(in + ((row * w.height + in_y) * w.width + in_x) * w.channels + channel);
#pragma unroll
        for (int out_x = 0; out_x < X; ++out_x) {
          const int s = column - out_x * STRIDE;
          if (s < 0 || s >= S) continue;
#pragma unroll
          for (int lane = 0; lane < V; ++lane)
            sums[out_x][lane] = fmaf(Read(pack.values[lane]), Read(weights[s].values[lane]), sums[out_x][lane]);
        }
      }
    }
#pragma unroll
    for (int out_x = 0; out_x < X; ++out_x) {
      if (x + out_x >= w.out_width) break;
      Pack<V> pack;
      for (int lane = 0; lane < V; ++lane) pack.values[lane] = Store(Activate(d.kind, d.alpha, sums[out_x][lane]));
      Save(out + ((row * w.out_height + y) * w.out_width + x + out_x) * w.channels + channel, pack);
    }
  }
}

#define DEPTHWISE(S, STRIDE)                                                                             \
  extern "C" __global__ void depthwise_##S##_##STRIDE(const T* in, const T* filter, const float* bias, T* out, \
                                                      unsigned rows, Depthwise d) {                          \
    DepthwiseTile<kVector, S, STRIDE, 2>(in, filter, bias, out, rows, d);                                \
  }
DEPTHWISE(3, 1)
DEPTHWISE(3, 2)
DEPTHWISE(5, 1)
DEPTHWISE(5, 2)

/** Any filter, stride, dilation and multiplier; one output per thread. `window.channels` are the input's. */
extern "C" __global__ void depthwise_any(const T* in, const T* filter, const float* bias, T* out, unsigned rows,
                                         Depthwise d) {
  const Window& w = d.window;
  const int out_channels = w.channels * d.multiplier;
  EACH(index, rows * w.out_height * w.out_width * out_channels) {
    const int out_channel = static_cast<int>(index % out_channels);
    unsigned rest = index / out_channels;
    const int x = static_cast<int>(rest % w.out_width);
    rest /= w.out_width;
    const int y = static_cast<int>(rest % w.out_height);
    const Size row = rest / w.out_height;
    float sum = bias[out_channel];
    for (int r = 0; r < w.rows_of; ++r)
      for (int s = 0; s < w.columns_of; ++s) {
        const int in_y = y * w.stride_y - w.top + r * d.dilation_y;
        const int in_x = x * w.stride_x - w.left + s * d.dilation_x;
        if (in_y < 0 || in_y >= w.height || in_x < 0 || in_x >= w.width) continue;
        const Size place = (row * w.height + in_y) * w.width + in_x;
        sum = fmaf(Read(in[place * w.channels + out_channel / d.multiplier]),
                   Read(filter[(r * w.columns_of + s) * out_channels + out_channel]), sum);
      }
    out[index] = Store(Activate(d.kind, d.alpha, sum));
  }
}

/** Copies an image into a border of zeros. */
extern "C" __global__ void pad(const T* in, T* out, unsigned rows, int height, int width, int channels, int out_height,
                               int out_width, int top, int left) {
  EACH(index, rows * out_height * out_width * channels) {
    const int channel = static_cast<int>(index % channels);
    unsigned rest = index / channels;
    const int x = static_cast<int>(rest % out_width) - left;
    rest /= out_width;
    const int y = static_cast<int>(rest % out_height) - top;
    const bool is_inside = x >= 0 && x < width && y >= 0 && y < height;
    out[index] = is_inside ? in[(static_cast<Size>(rest / out_height * height + y) * width + x) * channels + channel] : Store(0);
  }
}

/** Copies `channels` of each place to channel `offset` of a place with `out_channels`. */
extern "C" __global__ void place_channels(const T* in, T* out, unsigned places, int channels, int out_channels, int offset) {
  EACH(index, places * channels)
  out[static_cast<Size>(index / channels) * out_channels + offset + index % channels] = in[index];
}

struct Extent { int height, width, channels; };

__device__ Size Repeating(Size row, int y, int x, int channel, Extent extent) {
  return ((row * extent.height + (extent.height == 1 ? 0 : y)) * extent.width + (extent.width == 1 ? 0 : x)) *
             extent.channels + (extent.channels == 1 ? 0 : channel);
}

/** A sum or product; a dimension of 1 is broadcast. */
extern "C" __global__ void merge(const T* left, const T* right, T* out, unsigned rows, Extent left_extent,
                                 Extent right_extent, Extent extent, int is_product) {
  EACH(index, rows * extent.height * extent.width * extent.channels) {
    const int channel = static_cast<int>(index % extent.channels);
    unsigned rest = index / extent.channels;
    const int x = static_cast<int>(rest % extent.width);
    rest /= extent.width;
    const int y = static_cast<int>(rest % extent.height);
    const Size row = rest / extent.height;
    const float a = Read(left[Repeating(row, y, x, channel, left_extent)]);
    const float b = Read(right[Repeating(row, y, x, channel, right_extent)]);
    out[index] = Store(is_product ? a * b : a + b);
  }
}

extern "C" __global__ void widen(const T* in, float* out, unsigned count) {
  EACH(index, count) out[index] = Read(in[index]);
}

extern "C" __global__ void narrow(const float* in, T* out, unsigned count) {
  EACH(index, count) out[index] = Store(in[index]);
}

/** All activations of float32 values except softmax. */
extern "C" __global__ void activate_float(const float* in, float* out, unsigned count, int kind, float alpha) {
  EACH(index, count) out[index] = Activate(kind, alpha, in[index]);
}

/** Along `classes`; one warp per row. */
extern "C" __global__ void softmax(const float* in, float* out, unsigned rows, int classes) {
  const Size row = blockIdx.x * static_cast<Size>(blockDim.y) + threadIdx.y;
  if (row >= rows) return;
  const float* from = in + row * classes;
  float largest = -INFINITY;
  for (int index = threadIdx.x; index < classes; index += 32) largest = fmaxf(largest, from[index]);
  for (int distance = 16; distance > 0; distance /= 2)
    largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, distance));
  float sum = 0;
  for (int index = threadIdx.x; index < classes; index += 32) sum += expf(from[index] - largest);
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, distance);
  for (int index = threadIdx.x; index < classes; index += 32) out[row * classes + index] = expf(from[index] - largest) / sum;
}

/** Pseudo-random numbers between -1 and 1 for tuning, because kernels run faster on zeros. */
extern "C" __global__ void noise(T* out, unsigned count) {
  EACH(index, count) {
    unsigned bits = static_cast<unsigned>(index) * 2654435761u;
    bits ^= bits >> 15;
    bits *= 2246822519u;
    bits ^= bits >> 13;
    out[index] = Store(static_cast<int>(bits) * (1.f / 2147483648.f));
  }
}
)cuda";

}  // namespace fovea::cuda
