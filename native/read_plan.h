#pragma once

#include <napi.h>

#include "plan.h"

namespace fovea {

/** Copies a plan out of JavaScript. TypeScript has checked its meaning; here lengths and names are checked again.
 * @throws Napi::Error */
Plan ReadPlan(const Napi::Object& source);

}  // namespace fovea
