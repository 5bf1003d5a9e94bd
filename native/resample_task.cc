#include "resample_task.h"

#include <string>
#include <utility>

#include "resample.h"
#include "resampling_argument.h"

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

}  // namespace

Napi::Value ResampleInBackground(const Napi::CallbackInfo& info) {
  if (info.Length() != 3 || !IsBytes(info[0]) || !IsBytes(info[2]))
    throw Napi::TypeError::New(info.Env(), "Expected pixels, a resampling and the result.");
  const Resampling how = ToResampling(info[1]);
  const auto pixels = info[0].As<Napi::Uint8Array>();
  const auto out = info[2].As<Napi::Uint8Array>();
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
