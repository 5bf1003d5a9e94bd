#pragma once

#include <cstdint>

#include "jpeg_kernels.h"

namespace fovea::jpeg {

/**
 * @param counts codes of each length from 1 to 16
 * @param symbols of all codes, shortest first
 * @returns false when there are more codes than their lengths allow, or symbols that no coefficient has
 * @source ITU-T T.81, annex C
 */
bool MakeHuffmanTable(const std::uint8_t* counts, const std::uint8_t* symbols, bool is_dc, HuffmanTable& table);

}  // namespace fovea::jpeg
