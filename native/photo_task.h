#pragma once

#include <napi.h>

namespace fovea {

/** `(file, how, place, out)` → a promise of `decoded`, `not plain` or `late` (`native/index.ts`) */
Napi::Value DecodePhotoInBackground(const Napi::CallbackInfo& info);

}  // namespace fovea
