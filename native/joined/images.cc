// The addon's functions for images, in one translation unit: see binding.gyp.
#include "../photo_task.cc"
#include "../resample_task.cc"
#include "../resampling_argument.cc"
