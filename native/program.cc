#include "program.h"

namespace fovea {
namespace {

constexpr std::size_t kAlignment = 64;

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
  program.arena_bytes = PlaceBuffers(program.buffers, lives, kAlignment);
}

}  // namespace fovea
