#include "resampling_argument.h"

#include <string>
#include <utility>

namespace fovea {
namespace {

[[noreturn]] void Fail(Napi::Env env, const std::string& message) { throw Napi::TypeError::New(env, message); }

Interpolation ToInterpolation(const Napi::Object& from) {
  const std::string name = from.Get("interpolation").ToString().Utf8Value();
  for (const auto& [known, value] : {std::pair{"nearest", Interpolation::kNearest},
                                     std::pair{"bilinear", Interpolation::kBilinear},
                                     std::pair{"bicubic", Interpolation::kBicubic},
                                     std::pair{"lanczos3", Interpolation::kLanczos3}})
    if (name == known) return value;
  Fail(from.Env(), name + " is no interpolation.");
}

}  // namespace

std::int64_t ToInteger(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) Fail(from.Env(), std::string(name) + " is no number.");
  return value.As<Napi::Number>().Int64Value();
}

Resampling ToResampling(const Napi::Value& value) {
  if (!value.IsObject()) Fail(value.Env(), "Expected a resampling.");
  const auto from = value.As<Napi::Object>();
  Resampling how;
  how.width = ToInteger(from, "width");
  how.height = ToInteger(from, "height");
  how.channels = ToInteger(from, "channels");
  how.to_grey = from.Get("toGrey").ToBoolean();
  how.box_left = ToInteger(from, "boxLeft");
  how.box_top = ToInteger(from, "boxTop");
  how.box_width = ToInteger(from, "boxWidth");
  how.box_height = ToInteger(from, "boxHeight");
  how.full_width = ToInteger(from, "fullWidth");
  how.full_height = ToInteger(from, "fullHeight");
  how.left = ToInteger(from, "left");
  how.top = ToInteger(from, "top");
  how.out_width = ToInteger(from, "outWidth");
  how.out_height = ToInteger(from, "outHeight");
  how.interpolation = ToInterpolation(from);
  how.antialias = from.Get("antialias").ToBoolean();
  how.align_corners = from.Get("alignCorners").ToBoolean();
  if (!how.IsSound()) throw Napi::RangeError::New(value.Env(), "A part of the picture lies outside it.");
  return how;
}

bool IsBytes(const Napi::Value& value) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
}

}  // namespace fovea
