#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <zlib.h>

#include "../inflate.h"

/** Decompresses the input as a zlib stream. The first two bytes are the expected length. An accepted stream must have zlib's
 * result. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t expected = data[0] | data[1] << 8;
  // PNG data is never empty, and the vectors below would have no address.
  if (expected == 0) return 0;
  // Exact allocations, so that AddressSanitizer sees every access beyond them.
  const std::vector<std::uint8_t> in(data + 2, data + size);
  std::vector<std::uint8_t> out(expected);
  if (!fovea::Inflate(in.data(), in.size(), out.data(), out.size())) return 0;
  std::vector<std::uint8_t> reference(expected + 1);
  uLongf length = reference.size();
  if (uncompress(reference.data(), &length, in.data(), in.size()) != Z_OK || length != expected ||
      std::memcmp(reference.data(), out.data(), expected) != 0)
    std::abort();
  return 0;
}
