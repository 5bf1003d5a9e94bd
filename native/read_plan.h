#pragma once

#include <napi.h>

#include "plan.h"

namespace fovea {

/** Copies a plan from JavaScript. Lengths and names are checked; TypeScript checked the rest.
 * @throws Napi::Error */
Plan ReadPlan(const Napi::Object& source);

}  // namespace fovea
