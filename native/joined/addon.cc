// The addon's functions for models, in one translation unit: see binding.gyp.
#include "../addon.cc"
#include "../pixels.cc"
#include "../read_plan.cc"
#include "../weights.cc"
