#include "resample_task.h"

#include <string>
#include <utility>

#include "resample.h"

namespace fovea {
namespace {

class ResampleWorker : public Napi::AsyncWorker {
 public:
  ResampleWorker(const Napi::Uint8Array& pixels, const Resampling& how, const Napi::Uint8Array& out)
      : Napi::AsyncWorker(pixels.Env(), "fovea resample"),
        deferred_(Napi::Promise::Deferred::New(pixels.Env())),
        pixels_(Napi::Persistent(pixels.As<Napi::Object>())),
        out_(Napi::Persistent(out.As<Napi::Object>())),
        from_(pixels.Data()),
        to_(const_cast<std::uint8_t*>(out.Data())),
        how_(how) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

  void Execute() override { Resample(how_, from_, to_); }
  void OnOK() override { deferred_.Resolve(Env().Undefined()); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference pixels_;
  Napi::ObjectReference out_;
  const std::uint8_t* from_;
  std::uint8_t* to_;
  Resampling how_;
};

[[noreturn]] void Fail(Napi::Env env, const std::string& message) { throw Napi::TypeError::New(env, message); }

std::int64_t Integer(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) Fail(from.Env(), std::string(name) + " is no number.");
  return value.As<Napi::Number>().Int64Value();
}

Interpolation ToInterpolation(const Napi::Object& from) {
  const std::string name = from.Get("interpolation").ToString().Utf8Value();
  for (const auto& [known, value] : {std::pair{"nearest", Interpolation::kNearest},
                                     std::pair{"bilinear", Interpolation::kBilinear},
                                     std::pair{"bicubic", Interpolation::kBicubic},
                                     std::pair{"lanczos3", Interpolation::kLanczos3}})
    if (name == known) return value;
  Fail(from.Env(), name + " is no interpolation.");
}

Resampling ToResampling(const Napi::Object& from) {
  Resampling how;
  how.width = Integer(from, "width");
  how.height = Integer(from, "height");
  how.channels = Integer(from, "channels");
  how.to_grey = from.Get("toGrey").ToBoolean();
  how.box_left = Integer(from, "boxLeft");
  how.box_top = Integer(from, "boxTop");
  how.box_width = Integer(from, "boxWidth");
  how.box_height = Integer(from, "boxHeight");
  how.full_width = Integer(from, "fullWidth");
  how.full_height = Integer(from, "fullHeight");
  how.left = Integer(from, "left");
  how.top = Integer(from, "top");
  how.out_width = Integer(from, "outWidth");
  how.out_height = Integer(from, "outHeight");
  how.interpolation = ToInterpolation(from);
  how.antialias = from.Get("antialias").ToBoolean();
  how.align_corners = from.Get("alignCorners").ToBoolean();
  return how;
}

bool IsBytes(const Napi::Value& value) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
}

}  // namespace

Napi::Value ResampleInBackground(const Napi::CallbackInfo& info) {
  if (info.Length() != 3 || !IsBytes(info[0]) || !info[1].IsObject() || !IsBytes(info[2]))
    Fail(info.Env(), "Expected pixels, a resampling and the result.");
  const Resampling how = ToResampling(info[1].As<Napi::Object>());
  const auto pixels = info[0].As<Napi::Uint8Array>();
  const auto out = info[2].As<Napi::Uint8Array>();
  if (!how.IsSound()) throw Napi::RangeError::New(info.Env(), "A part of the picture lies outside it.");
  const auto expected = static_cast<std::size_t>(how.width * how.height * how.channels);
  const auto wanted = static_cast<std::size_t>(how.out_width * how.out_height * how.OutChannels());
  if (pixels.ElementLength() != expected || out.ElementLength() != wanted)
    throw Napi::RangeError::New(info.Env(), "The pixels are not as many as the sizes say.");
  auto* worker = new ResampleWorker(pixels, how, out);
  const Napi::Promise promise = worker->Promise();
  worker->Queue();
  return promise;
}

}  // namespace fovea
