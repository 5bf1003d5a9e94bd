#include "instance.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "processor.h"
#include "team.h"

namespace fovea {
namespace {

using Clock = std::chrono::steady_clock;

std::size_t Largest(const Model& model, std::size_t Program::* bytes) {
  std::size_t largest = 0;
  for (const auto* programs : {&model.programs(), &model.programs_alone()})
    for (const Program& program : *programs) largest = std::max(largest, program.*bytes);
  return largest;
}

}  // namespace

Instance::Instance(std::shared_ptr<const Model> model)
    : model_(std::move(model)),
      values_(Largest(*model_, &Program::arena_bytes)),
      scratchpad_(Largest(*model_, &Program::scratchpad_bytes)),
      stream_(model_->engine()),
      pixels_(model_->ProgramFor(1), model_->Pixels()) {
  for (const Program& program : model_->programs()) programs_.push_back(Bind(program));
  for (const Program& program : model_->programs_alone()) programs_alone_.push_back(Bind(program));
}

Instance::BoundProgram Instance::Bind(const Program& program) {
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
      memories_.emplace_back(argument.desc, model_->engine(), place);
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

void Instance::Run(const Images& images, std::int64_t rows, float* probabilities) {
  const RunningBatch batch;
  for (std::int64_t done = 0; done < rows;) {
    const std::int64_t portion = std::min(rows - done, model_->LargestRows());
    const auto first = static_cast<std::size_t>(done);
    RunPortion(images.Skip(first * model_->RowValues()), portion, probabilities + first * model_->Classes(), batch.IsAlone());
    done += portion;
  }
}

void Instance::RunPortion(const Images& images, std::int64_t rows, float* probabilities, bool is_alone) {
  const auto index = static_cast<std::size_t>(rows - 1);
  PortionTime& time = model_->TimeOf(rows);
  if (is_alone && !programs_alone_.empty() && time.ShouldTeamRun()) {
    const auto start = Clock::now();
    const auto run = [&] { RunProgram(programs_alone_[index], images, probabilities); };
    if (Team::OfProcess().TryRun(model_->threads().alone, run)) return time.NoteTeam(Clock::now() - start);
  }
  const auto start = Clock::now();
  SetThreads(model_->threads().usual);
  RunProgram(programs_[index], images, probabilities);
  time.Note(Clock::now() - start);
}

void Instance::RunProgram(const BoundProgram& bound, const Images& images, float* probabilities) {
  const Program& program = bound.program;
  const auto count = static_cast<std::size_t>(program.rows);
  pixels_.Convert(images, count * model_->RowValues(), values_.data() + program.buffers[program.input.buffer].offset);
  for (const BoundCall& call : bound.calls) Execute(call);
  stream_.wait();
  std::memcpy(probabilities, values_.data() + program.buffers[program.output.buffer].offset,
              count * model_->Classes() * sizeof(float));
}

void Instance::Execute(const BoundCall& call) {
  if (call.clears != nullptr) std::memset(call.clears, 0, call.clear_bytes);
  if (call.kernel != nullptr) return call.kernel->Run(call.places);
  const auto status = dnnl_primitive_execute(call.primitive, stream_.get(), static_cast<int>(call.arguments.size()),
                                             call.arguments.data());
  dnnl::error::wrap_c_api(status, "a primitive could not be executed");
}

void Instance::Observe(std::int64_t rows, float* ranges) const {
  const Program& program = model_->ProgramFor(rows);
  for (std::size_t index = 0; index < program.values.size(); ++index) {
    const Value& value = program.values[index];
    const auto* numbers = reinterpret_cast<const float*>(values_.data() + program.buffers[value.buffer].offset);
    const auto [low, high] = std::minmax_element(numbers, numbers + value.desc.get_size() / sizeof(float));
    ranges[2 * index] = std::min(ranges[2 * index], *low);
    ranges[2 * index + 1] = std::max(ranges[2 * index + 1], *high);
  }
}

}  // namespace fovea
