#include "program.h"

#include <algorithm>
#include <limits>

namespace fovea {
namespace {

constexpr std::size_t kAlignment = 64;

struct Life {
  std::size_t first = std::numeric_limits<std::size_t>::max();
  std::size_t last = 0;

  void Include(std::size_t call) {
    first = std::min(first, call);
    last = std::max(last, call);
  }
  bool Meets(const Life& other) const { return first <= other.last && other.first <= last; }
};

std::vector<Life> LivesOf(const Program& program) {
  std::vector<Life> lives(program.buffers.size());
  for (std::size_t call = 0; call < program.calls.size(); ++call)
    for (const Argument& argument : program.calls[call].arguments)
      if (argument.kind == Argument::Kind::kBuffer) lives[argument.buffer].Include(call);
  lives[program.input.buffer].Include(0);
  lives[program.output.buffer].Include(program.calls.size());
  return lives;
}

}  // namespace

void PlaceBuffers(Program& program, bool keeps_values) {
  std::vector<Life> lives = LivesOf(program);
  if (keeps_values)
    for (Life& life : lives) life = {0, program.calls.size()};
  for (std::size_t index = 0; index < program.buffers.size(); ++index) {
    Buffer& buffer = program.buffers[index];
    // The lowest place that no buffer placed so far needs at the same time.
    std::vector<const Buffer*> taken;
    for (std::size_t other = 0; other < index; ++other)
      if (lives[other].Meets(lives[index])) taken.push_back(&program.buffers[other]);
    std::sort(taken.begin(), taken.end(), [](const Buffer* a, const Buffer* b) { return a->offset < b->offset; });
    std::size_t offset = 0;
    for (const Buffer* other : taken) {
      if (offset + buffer.bytes <= other->offset) break;
      const std::size_t end = other->offset + other->bytes;
      offset = std::max(offset, (end + kAlignment - 1) / kAlignment * kAlignment);
    }
    buffer.offset = offset;
    program.arena_bytes = std::max(program.arena_bytes, offset + buffer.bytes);
  }
}

}  // namespace fovea
