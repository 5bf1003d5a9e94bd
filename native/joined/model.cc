// The model and its programs, in one translation unit: see binding.gyp.
#include "../builder.cc"
#include "../instance.cc"
#include "../lanes.cc"
#include "../model.cc"
#include "../processor.cc"
#include "../program.cc"
#include "../winograd.cc"
#include "../workspace.cc"
