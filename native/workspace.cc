#include "workspace.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace fovea {
namespace {

using Sets = std::vector<const std::vector<Program>*>;

Sets SetsOf(const Model& model, Workspace::Programs bound) {
  if (bound == Workspace::Programs::kUsual) return {&model.programs()};
  return {&model.programs(), &model.programs_alone()};
}

std::size_t Largest(const Sets& sets, std::size_t Program::* bytes) {
  std::size_t largest = 0;
  for (const auto* programs : sets)
    for (const Program& program : *programs) largest = std::max(largest, program.*bytes);
  return largest;
}

}  // namespace

Workspace::Workspace(const Model& model, Programs bound)
    : model_(model),
      values_(Largest(SetsOf(model, bound), &Program::arena_bytes)),
      scratchpad_(Largest(SetsOf(model, bound), &Program::scratchpad_bytes)),
      stream_(model.engine()),
      pixels_(model.ProgramFor(1), model.Pixels()) {
  for (const Program& program : model.programs()) programs_.push_back(Bind(program));
  if (bound == Programs::kAll)
    for (const Program& program : model.programs_alone()) programs_alone_.push_back(Bind(program));
}

Workspace::BoundProgram Workspace::Bind(const Program& program) {
  std::vector<BoundCall> bound;
  for (const Call& call : program.calls) {
    BoundCall next{call.primitive.get(true), {}, call.kernel.get(), {}, nullptr, 0};
    for (const Argument& argument : call.arguments) {
      if (argument.kind == Argument::Kind::kConstant) {
        next.arguments.push_back({argument.name, argument.constant.get()});
        continue;
      }
      std::byte* place = argument.kind == Argument::Kind::kScratchpad
                             ? scratchpad_.data()
                             : values_.data() + program.buffers[argument.buffer].offset;
      if (argument.name == DNNL_ARG_SRC) next.places.source = place;
      if (argument.name == DNNL_ARG_SRC_1) next.places.addend = place;
      if (argument.name == DNNL_ARG_DST) next.places.result = place;
      if (argument.kind == Argument::Kind::kScratchpad) next.places.scratchpad = place;
      memories_.emplace_back(argument.desc, model_.engine(), place);
      next.arguments.push_back({argument.name, memories_.back().get()});
    }
    if (call.is_clearing) {
      const Buffer& buffer = program.buffers[call.clears];
      next.clears = values_.data() + buffer.offset;
      next.clear_bytes = buffer.bytes;
    }
    bound.push_back(std::move(next));
  }
  return {program, std::move(bound)};
}

void Workspace::Run(const Images& images, std::int64_t rows, float* probabilities) {
  RunProgram(programs_[static_cast<std::size_t>(rows - 1)], images, probabilities);
}

void Workspace::RunByTeam(const Images& images, std::int64_t rows, float* probabilities) {
  RunProgram(programs_alone_[static_cast<std::size_t>(rows - 1)], images, probabilities);
}

void Workspace::RunProgram(const BoundProgram& bound, const Images& images, float* probabilities) {
  const Program& program = bound.program;
  const auto count = static_cast<std::size_t>(program.rows);
  pixels_.Convert(images, count * model_.RowValues(), values_.data() + program.buffers[program.input.buffer].offset);
  for (const BoundCall& call : bound.calls) Execute(call);
  stream_.wait();
  std::memcpy(probabilities, PlaceOf(program, program.output), count * model_.Classes() * sizeof(float));
}

void Workspace::Execute(const BoundCall& call) {
  if (call.clears != nullptr) std::memset(call.clears, 0, call.clear_bytes);
  if (call.kernel != nullptr) return call.kernel->Run(call.places);
  const auto status = dnnl_primitive_execute(call.primitive, stream_.get(), static_cast<int>(call.arguments.size()),
                                             call.arguments.data());
  dnnl::error::wrap_c_api(status, "a primitive could not be executed");
}

}  // namespace fovea
