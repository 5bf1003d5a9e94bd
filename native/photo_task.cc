#include "photo_task.h"

#include <sys/resource.h>

#include <exception>
#include <thread>

#include "photo.h"
#include "resampling_argument.h"

namespace fovea {
namespace {

const char* NameOf(jpeg::Outcome outcome) {
  switch (outcome) {
    case jpeg::Outcome::kDecoded: return "decoded";
    case jpeg::Outcome::kLate: return "late";
    case jpeg::Outcome::kNotPlain: break;
  }
  return "not plain";
}

/** The share of a core beside another thread that computes: 10 %. */
constexpr int kNiceness = 10;

/** Runs `work` on a thread of its own: a thread may lower its priority, but not raise it again. */
template <typename Work>
void RunAtLowPriority(const Work& work) {
  std::exception_ptr failure;
  std::thread thread([&] {
    // 0: this thread. Linux has a niceness for each.
    setpriority(PRIO_PROCESS, 0, kNiceness);
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure != nullptr) std::rethrow_exception(failure);
}

class PhotoWorker : public Napi::AsyncWorker {
 public:
  PhotoWorker(const Napi::Uint8Array& file, const Photo& photo, const Napi::Object& place, const Napi::Uint8Array& out)
      : Napi::AsyncWorker(file.Env(), "fovea photo"),
        deferred_(Napi::Promise::Deferred::New(file.Env())),
        file_(Napi::Persistent(file.As<Napi::Object>())),
        out_(Napi::Persistent(out.As<Napi::Object>())),
        photo_(photo),
        timeout_(ToInteger(place, "timeoutMs")),
        is_low_priority_(place.Get("isLowPriority").ToBoolean()) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

  void Execute() override {
    photo_.deadline = std::chrono::steady_clock::now() + timeout_;
    const auto decode = [this] { outcome_ = DecodePhoto(photo_, BestKernels()); };
    if (is_low_priority_) RunAtLowPriority(decode);
    else decode();
  }
  void OnOK() override { deferred_.Resolve(Napi::String::New(Env(), NameOf(outcome_))); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference file_;
  Napi::ObjectReference out_;
  Photo photo_;
  std::chrono::milliseconds timeout_;
  bool is_low_priority_;
  jpeg::Outcome outcome_ = jpeg::Outcome::kNotPlain;
};

/** Where the result lies in `out`, whose rows are `width` pixels long. */
Target ToTarget(const Napi::Object& place, const Resampling& how, const Napi::Uint8Array& out) {
  const std::int64_t channels = how.OutChannels();
  const std::int64_t left = ToInteger(place, "left");
  const std::int64_t top = ToInteger(place, "top");
  const std::int64_t width = ToInteger(place, "width");
  const auto bytes = static_cast<std::int64_t>(out.ElementLength());
  const bool fits = width >= 1 && width <= bytes / channels && left >= 0 && left <= width - how.out_width && top >= 0 &&
                    top <= bytes / (width * channels) - how.out_height;
  if (!fits) throw Napi::RangeError::New(place.Env(), "The result lies outside of the pixels.");
  std::uint8_t* const pixels = const_cast<std::uint8_t*>(out.Data());
  return {pixels + (top * width + left) * channels, channels, width * channels, channels};
}

}  // namespace

Napi::Value DecodePhotoInBackground(const Napi::CallbackInfo& info) {
  if (info.Length() != 4 || !IsBytes(info[0]) || !info[2].IsObject() || !IsBytes(info[3]))
    throw Napi::TypeError::New(info.Env(), "Expected a file, a resampling, a place and the pixels.");
  const auto file = info[0].As<Napi::Uint8Array>();
  const auto place = info[2].As<Napi::Object>();
  const auto out = info[3].As<Napi::Uint8Array>();
  Photo photo;
  photo.bytes = file.Data();
  photo.size = file.ElementLength();
  photo.how = ToResampling(info[1]);
  photo.is_png = place.Get("isPng").ToBoolean();
  const std::int64_t orientation = ToInteger(place, "orientation");
  if (orientation < 1 || orientation > 8) throw Napi::RangeError::New(info.Env(), "There are eight orientations.");
  if (photo.is_png && (orientation != 1 || photo.how.channels != 3))
    throw Napi::RangeError::New(info.Env(), "A PNG is upright and in colour.");
  photo.orientation = static_cast<int>(orientation);
  photo.target = ToTarget(place, photo.how, out);
  auto* worker = new PhotoWorker(file, photo, place, out);
  const Napi::Promise promise = worker->Promise();
  worker->Queue();
  return promise;
}

}  // namespace fovea
