#include <malloc.h>
#include <napi.h>

#include <dnnl.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

#include "image_statistics.h"
#include "instance.h"
#include "model.h"
#include "photo_task.h"
#include "png.h"
#include "processor.h"
#include "read_plan.h"
#include "resample_task.h"
#include "small_jpeg.h"

namespace {

using fovea::Instance;

/** Runs `work` and turns C++ exceptions into JavaScript errors with a `code`. */
template <typename Work>
auto Translated(Napi::Env env, const Work& work) -> decltype(work()) {
  const auto fail = [env](const char* code, const char* message) {
    Napi::Error error = Napi::Error::New(env, message);
    error.Set("code", code);
    return error;
  };
  try {
    return work();
  } catch (const Napi::Error&) {
    throw;
  } catch (const dnnl::error& error) {
    throw fail(error.status == dnnl_unimplemented ? "unimplemented" : "failed", error.what());
  } catch (const std::invalid_argument& error) {
    throw fail("malformed", error.what());
  } catch (const std::exception& error) {
    throw fail("failed", error.what());
  }
}

bool IsArray(const Napi::Value& value, napi_typedarray_type type) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

class NativeInstance : public Napi::ObjectWrap<NativeInstance> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "NativeInstance",
                       {InstanceMethod<&NativeInstance::Predict>("predict"),
                        InstanceMethod<&NativeInstance::Observe>("observe"),
                        InstanceMethod<&NativeInstance::Dispose>("dispose")});
  }

  /** `(key, plan, largestRows, threads, threadsAlone)` */
  explicit NativeInstance(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeInstance>(info) {
    if (info.Length() != 5 || !info[0].IsString() || !info[1].IsObject() || !info[2].IsNumber() || !info[3].IsNumber() ||
        !info[4].IsNumber())
      throw Napi::TypeError::New(info.Env(), "Expected a key, a plan, the largest portion, the threads and those alone.");
    const auto largest_rows = info[2].As<Napi::Number>().Int64Value();
    const fovea::Threads threads{info[3].As<Napi::Number>().Int32Value(), info[4].As<Napi::Number>().Int32Value()};
    if (largest_rows < 1 || largest_rows > kLargestPortion || threads.usual < 1 || threads.usual > kMostThreads ||
        threads.alone < 1 || threads.alone > kMostThreads)
      throw Napi::RangeError::New(info.Env(), "The largest portion or the threads are out of range.");
    Translated(info.Env(), [&] {
      // Both allocate: a std::bad_alloc outside of `Translated` would end the process.
      const auto plan = fovea::ReadPlan(info[1].As<Napi::Object>());
      const std::string key = info[0].As<Napi::String>().Utf8Value();
      instance_ = std::make_unique<Instance>(fovea::SharedModel(key, plan, largest_rows, threads));
    });
  }

 private:
  static constexpr std::int64_t kLargestPortion = 4096;
  static constexpr int kMostThreads = 1024;

  struct Batch {
    fovea::Images images;
    std::int64_t rows;
    float* out;
    std::size_t out_length;
  };

  /** `(images, rows, probabilities)` */
  void Predict(const Napi::CallbackInfo& info) {
    const Batch batch = ReadBatch(info);
    if (batch.out_length < static_cast<std::size_t>(batch.rows) * instance_->model().Classes())
      throw Napi::RangeError::New(info.Env(), "The probabilities are shorter than the rows.");
    Translated(info.Env(), [&] { instance_->Run(batch.images, batch.rows, batch.out); });
  }

  /** `(images, rows, ranges)`: runs one portion and widens the ranges. */
  void Observe(const Napi::CallbackInfo& info) {
    const Batch batch = ReadBatch(info);
    const fovea::Model& model = instance_->model();
    if (batch.rows > model.LargestRows() || batch.out_length != 2 * model.ProgramFor(batch.rows).values.size())
      throw Napi::RangeError::New(info.Env(), "The rows or the ranges are of another length.");
    Translated(info.Env(), [&] {
      std::vector<float> probabilities(static_cast<std::size_t>(batch.rows) * model.Classes());
      instance_->Run(batch.images, batch.rows, probabilities.data());
      instance_->Observe(batch.rows, batch.out);
    });
  }

  void Dispose(const Napi::CallbackInfo&) { instance_.reset(); }

  static fovea::Images ReadImages(const Napi::Value& value) {
    if (IsArray(value, napi_uint8_array)) return {value.As<Napi::Uint8Array>().Data(), nullptr};
    if (IsArray(value, napi_float32_array)) return {nullptr, value.As<Napi::Float32Array>().Data()};
    throw Napi::TypeError::New(value.Env(), "Expected uint8 or float32 images.");
  }

  Batch ReadBatch(const Napi::CallbackInfo& info) const {
    if (instance_ == nullptr) throw Napi::Error::New(info.Env(), "The instance was disposed.");
    if (info.Length() != 3 || !info[1].IsNumber() || !IsArray(info[2], napi_float32_array))
      throw Napi::TypeError::New(info.Env(), "Expected images, rows and a float32 result.");
    const fovea::Images images = ReadImages(info[0]);
    const auto rows = info[1].As<Napi::Number>().Int64Value();
    const auto out = info[2].As<Napi::Float32Array>();
    const auto available = static_cast<std::int64_t>(info[0].As<Napi::TypedArray>().ElementLength() / instance_->model().RowValues());
    if (rows < 1 || rows > available) throw Napi::RangeError::New(info.Env(), "The images are fewer than the rows.");
    return {images, rows, const_cast<float*>(out.Data()), out.ElementLength()};
  }

  std::unique_ptr<Instance> instance_;
};

/** `(width, height, channels)`, from argument `first` on */
fovea::PictureForm ReadForm(const Napi::CallbackInfo& info, std::size_t first, std::int64_t longest_side) {
  if (!info[first].IsNumber() || !info[first + 1].IsNumber() || !info[first + 2].IsNumber())
    throw Napi::TypeError::New(info.Env(), "Expected width, height and channels.");
  const auto width = info[first].As<Napi::Number>().Int64Value();
  const auto height = info[first + 1].As<Napi::Number>().Int64Value();
  const auto channels = info[first + 2].As<Napi::Number>().Int64Value();
  if (width < 1 || width > longest_side || height < 1 || height > longest_side || (channels != 1 && channels != 3))
    throw Napi::RangeError::New(info.Env(), "The width, the height or the channels are out of range.");
  return {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), static_cast<std::uint32_t>(channels)};
}

Napi::Uint8Array ReadPixels(const Napi::CallbackInfo& info, std::size_t at, const fovea::PictureForm& form) {
  if (!IsArray(info[at], napi_uint8_array)) throw Napi::TypeError::New(info.Env(), "Expected the pixels.");
  const auto pixels = info[at].As<Napi::Uint8Array>();
  if (pixels.ElementLength() != form.Bytes())
    throw Napi::RangeError::New(info.Env(), "The length of the pixels does not fit width, height and channels.");
  return pixels;
}

/** `(file, width, height, channels, pixels)` → whether the file was decoded */
template <bool (*Decode)(const std::uint8_t*, std::size_t, const fovea::PictureForm&, std::uint8_t*)>
Napi::Value DecodeHere(const Napi::CallbackInfo& info) {
  if (!IsArray(info[0], napi_uint8_array)) throw Napi::TypeError::New(info.Env(), "Expected a file.");
  const fovea::PictureForm form = ReadForm(info, 1, 1 << 15);
  Napi::Uint8Array pixels = ReadPixels(info, 4, form);
  const auto file = info[0].As<Napi::Uint8Array>();
  return Translated(info.Env(), [&] {
    return Napi::Boolean::New(info.Env(), Decode(file.Data(), file.ElementLength(), form, pixels.Data()));
  });
}

/** `(pixels, width, height, channels)` → `ImageStatistics` */
Napi::Value MeasureHere(const Napi::CallbackInfo& info) {
  const fovea::PictureForm form = ReadForm(info, 1, 1 << 24);
  const Napi::Uint8Array pixels = ReadPixels(info, 0, form);
  return Translated(info.Env(), [&] {
    const auto measured = fovea::Measure(pixels.Data(), form, fovea::BestKernels());
    Napi::Object statistics = Napi::Object::New(info.Env());
    statistics.Set("brightness", measured.brightness);
    statistics.Set("contrast", measured.contrast);
    statistics.Set("saturation", measured.saturation);
    statistics.Set("sharpness", measured.sharpness);
    return statistics;
  });
}

/** glibc by itself returns only the end of a heap to the system. */
void TrimHeap(const Napi::CallbackInfo&) { malloc_trim(0); }

/** Lets glibc keep all freed memory for the next allocation, until the process ends. */
void KeepFreedMemory(const Napi::CallbackInfo&) {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 1 << 28);
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  const fovea::Processor processor = fovea::DescribeProcessor();
  exports.Set("oneDnnVersion", fovea::OneDnnVersion());
  exports.Set("instructions", processor.instructions);
  exports.Set("hasBfloat16", processor.has_bfloat16);
  exports.Set("hasInt8", processor.has_int8);
  exports.Set("trimHeap", Napi::Function::New<TrimHeap>(env, "trimHeap"));
  exports.Set("keepFreedMemory", Napi::Function::New<KeepFreedMemory>(env, "keepFreedMemory"));
  exports.Set("decodePng", Napi::Function::New<DecodeHere<fovea::DecodePng>>(env, "decodePng"));
  exports.Set("decodeJpeg", Napi::Function::New<DecodeHere<fovea::DecodeSmallJpeg>>(env, "decodeJpeg"));
  exports.Set("decodePhoto", Napi::Function::New<fovea::DecodePhotoInBackground>(env, "decodePhoto"));
  exports.Set("resample", Napi::Function::New<fovea::ResampleInBackground>(env, "resample"));
  exports.Set("measurePixels", Napi::Function::New<MeasureHere>(env, "measurePixels"));
  exports.Set("NativeInstance", NativeInstance::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(fovea_native, Initialize)
