#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/**
 * Decompresses a whole zlib stream whose length is known beforehand. It need not be able to stop anywhere and go on, as
 * zlib is, whose part of decoding a small PNG took half as long again.
 * @param in `in_bytes`, the stream and nothing behind it
 * @param out `out_bytes`, which the stream must fill to the last; undefined where it is refused
 * @returns false for every stream that is damaged, cut, longer or shorter, or needs a dictionary
 * @source RFC 1950, RFC 1951
 */
bool Inflate(const std::uint8_t* in, std::size_t in_bytes, std::uint8_t* out, std::size_t out_bytes);

}  // namespace fovea
