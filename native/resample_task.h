#pragma once

#include <napi.h>

namespace fovea {

/** `(pixels, how, out)` → a promise; resamples on one of libuv's threads. Both arrays belong to the thread until then. */
Napi::Value ResampleInBackground(const Napi::CallbackInfo& info);

}  // namespace fovea
