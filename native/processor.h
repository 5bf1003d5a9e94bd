#pragma once

#include <string>

namespace fovea {

/** What oneDNN found the processor to be good at; the environment may hold it back. */
struct Processor {
  std::string instructions;
  bool has_bfloat16;
  bool has_int8;
  bool has_avx512;
  /** Instructions for whole matrices of bfloat16 and int8. */
  bool has_amx;
};

Processor DescribeProcessor();

/** "3.2.1" */
std::string OneDnnVersion();

/** How many threads a batch may use that the calling thread runs. */
void SetThreads(int threads);

}  // namespace fovea
