#pragma once

#include <napi.h>

#include "resample.h"

namespace fovea {

/** @throws Napi::TypeError, Napi::RangeError when a part lies outside of its whole */
Resampling ToResampling(const Napi::Value& from);

std::int64_t ToInteger(const Napi::Object& from, const char* name);

bool IsBytes(const Napi::Value& value);

}  // namespace fovea
