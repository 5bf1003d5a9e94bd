#include <napi.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "../read_plan.h"
#include "instance.h"
#include "model.h"
#include "status.h"

namespace {

using fovea::cuda::Check;
using fovea::cuda::Instance;
using fovea::cuda::Type;

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
  } catch (const fovea::cuda::Unsupported& error) {
    throw fail("unimplemented", error.what());
  } catch (const fovea::cuda::OutOfMemory& error) {
    throw fail("out_of_memory", error.what());
  } catch (const std::invalid_argument& error) {
    throw fail("malformed", error.what());
  } catch (const std::exception& error) {
    throw fail("failed", error.what());
  }
}

bool IsArray(const Napi::Value& value, napi_typedarray_type type) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

/** The stored type for a plan's precision. */
Type TypeOf(fovea::Precision precision) {
  switch (precision) {
    case fovea::Precision::kFloat16:
      return Type::kFloat16;
    case fovea::Precision::kBfloat16:
      return Type::kBfloat16;
    case fovea::Precision::kFloat32:
      return Type::kFloat32;
    case fovea::Precision::kInt8:
      break;
  }
  throw fovea::cuda::Unsupported("int8 on a card");
}

class CudaInstance : public Napi::ObjectWrap<CudaInstance> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "CudaInstance",
        {InstanceAccessor<&CudaInstance::SaturationRows>("saturationRows"),
         InstanceMethod<&CudaInstance::Predict>("predict"), InstanceMethod<&CudaInstance::Profile>("profile"),
         InstanceMethod<&CudaInstance::Dispose>("dispose")});
  }

  /** `(key, plan, sizes)` */
  explicit CudaInstance(const Napi::CallbackInfo& info) : Napi::ObjectWrap<CudaInstance>(info) {
    if (info.Length() != 3 || !info[0].IsString() || !info[1].IsObject() || !info[2].IsArray())
      throw Napi::TypeError::New(info.Env(), "Expected a key, a plan and the batch sizes.");
    Translated(info.Env(), [&] {
      const std::string key = info[0].As<Napi::String>().Utf8Value();
      const fovea::Plan plan = fovea::ReadPlan(info[1].As<Napi::Object>());
      const auto sizes = ReadSizes(info[2].As<Napi::Array>());
      instance_ = std::make_unique<Instance>(fovea::cuda::SharedModel(key, plan, TypeOf(plan.precision), sizes));
    });
  }

 private:
  static constexpr std::int64_t kLargestSize = 4096;

  static std::vector<std::int64_t> ReadSizes(const Napi::Array& array) {
    std::vector<std::int64_t> sizes;
    for (std::uint32_t index = 0; index < array.Length(); ++index) {
      const Napi::Value value = array.Get(index);
      const std::int64_t size = value.IsNumber() ? value.As<Napi::Number>().Int64Value() : 0;
      if (size < 1 || size > kLargestSize || (!sizes.empty() && size <= sizes.back()))
        throw Napi::RangeError::New(array.Env(), "The batch sizes are out of range or order.");
      sizes.push_back(size);
    }
    if (sizes.empty()) throw Napi::RangeError::New(array.Env(), "There is no batch size.");
    return sizes;
  }

  /** `(pixels, rows, probabilities)` */
  void Predict(const Napi::CallbackInfo& info) {
    Instance& instance = Get(info.Env());
    if (info.Length() != 3 || !IsArray(info[0], napi_uint8_array) || !info[1].IsNumber() ||
        !IsArray(info[2], napi_float32_array))
      throw Napi::TypeError::New(info.Env(), "Expected uint8 pixels, rows and a float32 result.");
    const auto pixels = info[0].As<Napi::Uint8Array>();
    const auto rows = info[1].As<Napi::Number>().Int64Value();
    auto out = info[2].As<Napi::Float32Array>();
    const fovea::cuda::Model& model = instance.model();
    if (rows < 1 || rows > static_cast<std::int64_t>(pixels.ElementLength() / model.RowBytes()) ||
        rows > static_cast<std::int64_t>(out.ElementLength() / model.Classes()))
      throw Napi::RangeError::New(info.Env(), "The pixels or the probabilities are fewer than the rows.");
    Translated(info.Env(), [&] { instance.Run(pixels.Data(), rows, out.Data()); });
  }

  Napi::Value SaturationRows(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(Get(info.Env()).model().SaturationRows()));
  }

  /** `(size)` → `[[layer, microseconds], …]` of the program of this batch size */
  Napi::Value Profile(const Napi::CallbackInfo& info) {
    const fovea::cuda::Model& model = Get(info.Env()).model();
    const std::int64_t rows = info.Length() == 1 && info[0].IsNumber() ? info[0].As<Napi::Number>().Int64Value() : 0;
    for (const fovea::cuda::Program& program : model.programs()) {
      if (program.rows != rows) continue;
      return Translated(info.Env(), [&] {
        Napi::Array lines = Napi::Array::New(info.Env());
        for (const auto& [layer, microseconds] : model.Profile(program)) {
          Napi::Array line = Napi::Array::New(info.Env(), 2);
          line.Set(0U, layer);
          line.Set(1U, microseconds);
          lines.Set(lines.Length(), line);
        }
        return lines;
      });
    }
    throw Napi::RangeError::New(info.Env(), "There is no program of this batch size.");
  }

  void Dispose(const Napi::CallbackInfo&) { instance_.reset(); }

  Instance& Get(Napi::Env env) {
    if (instance_ == nullptr) throw Napi::Error::New(env, "The instance was disposed.");
    return *instance_;
  }

  std::unique_ptr<Instance> instance_;
};

/** `{name, memoryBytes, freeBytes, major, minor}` of this process's card.
 * @throws an error with the driver's message when there is no card */
Napi::Value DescribeCard(const Napi::CallbackInfo& info) {
  return Translated(info.Env(), [&] {
    int device = 0;
    Check(cudaGetDevice(&device), "cudaGetDevice");
    cudaDeviceProp properties{};
    Check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
    std::size_t free_bytes = 0;
    std::size_t all_bytes = 0;
    Check(cudaMemGetInfo(&free_bytes, &all_bytes), "cudaMemGetInfo");
    Napi::Object card = Napi::Object::New(info.Env());
    card.Set("name", static_cast<const char*>(properties.name));
    card.Set("memoryBytes", static_cast<double>(all_bytes));
    card.Set("freeBytes", static_cast<double>(free_bytes));
    card.Set("major", properties.major);
    card.Set("minor", properties.minor);
    return card;
  });
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("cudnnVersion", static_cast<double>(cudnnGetVersion()));
  exports.Set("describeCard", Napi::Function::New(env, DescribeCard));
  exports.Set("CudaInstance", CudaInstance::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(fovea_cuda, Initialize)
