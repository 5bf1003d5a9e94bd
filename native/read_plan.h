#pragma once

#include <napi.h>

#include "plan.h"

namespace fovea {

/** Reads a plan of JavaScript, which must keep its weights while the plan is used. Lengths and names are checked; TypeScript checked the rest.
 * @throws Napi::Error */
Plan ReadPlan(const Napi::Object& source);

}  // namespace fovea
