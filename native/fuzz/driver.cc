#include <zlib.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

/** A zlib stream of random length, level and repetition, behind the prefix of a target. */
Bytes Seed(std::mt19937& random) {
  Bytes plain(random() % 4096);
  const unsigned symbols = 1 + random() % 256;
  for (std::uint8_t& byte : plain) byte = static_cast<std::uint8_t>(random() % symbols);
  Bytes input(3 + compressBound(plain.size()));
  input[0] = static_cast<std::uint8_t>(plain.size());
  input[1] = static_cast<std::uint8_t>(plain.size() >> 8);
  const std::size_t prefix = random() % 2 == 0 ? 2 : 3;
  if (prefix == 3) input[2] = static_cast<std::uint8_t>(random());
  uLongf length = input.size() - prefix;
  compress2(input.data() + prefix, &length, plain.data(), plain.size(), static_cast<int>(random() % 10));
  input.resize(prefix + length);
  return input;
}

/** Flips, replaces, removes, repeats or cuts some bytes. */
void Mutate(Bytes& input, std::mt19937& random) {
  for (unsigned left = random() % 8; left > 0 && !input.empty(); --left) {
    const std::size_t at = random() % input.size();
    switch (random() % 5) {
      case 0:
        input[at] ^= static_cast<std::uint8_t>(1u << random() % 8);
        break;
      case 1:
        input[at] = static_cast<std::uint8_t>(random());
        break;
      case 2:
        input.erase(input.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 3:
        input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), input[random() % input.size()]);
        break;
      default:
        if (random() % 8 == 0) input.resize(at);
    }
  }
}

}  // namespace

/** `(seconds, seed)`: runs the target of libFuzzer's form on mutated streams. GCC has no libFuzzer; with Clang,
 * `-fsanitize=fuzzer` replaces this file. */
int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: %s SECONDS SEED\n", arguments[0]);
    return 2;
  }
  std::mt19937 random(static_cast<unsigned>(std::atoi(arguments[2])));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(arguments[1]));
  unsigned long runs = 0;
  for (; std::chrono::steady_clock::now() < end; ++runs) {
    Bytes input = Seed(random);
    Mutate(input, random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%lu runs\n", runs);
  return 0;
}
