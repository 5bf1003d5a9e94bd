#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/**
 * Decompresses a whole zlib stream of known length. zlib took 1.5 times as long to inflate a small PNG, because it can
 * suspend anywhere.
 * @param in `in_bytes`: the whole stream, without trailing bytes
 * @param out `out_bytes`: the stream must fill it exactly; undefined when the result is false
 * @returns false for a stream that is damaged, truncated, of another length, or needs a dictionary
 * @source RFC 1950, RFC 1951
 */
bool Inflate(const std::uint8_t* in, std::size_t in_bytes, std::uint8_t* out, std::size_t out_bytes);

}  // namespace fovea
