#pragma once

#include <string>

namespace fovea {

/** The instruction sets that oneDNN uses. The environment variable ONEDNN_MAX_CPU_ISA may lower them. */
struct Processor {
  std::string instructions;
  bool has_bfloat16;
  bool has_int8;
  bool has_avx2;
  bool has_avx512;
  /** Matrix instructions for bfloat16 and int8. */
  bool has_amx;
};

Processor DescribeProcessor();

/** "3.2.1" */
std::string OneDnnVersion();

/** Sets the number of threads for batches of the calling thread. */
void SetThreads(int threads);

}  // namespace fovea
