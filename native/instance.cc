#include "instance.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "lanes.h"
#include "processor.h"

namespace fovea {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Instance::Instance(std::shared_ptr<const Model> model)
    : model_(std::move(model)), workspace_(*model_, Workspace::Programs::kAll) {}

void Instance::Run(const Images& images, std::int64_t rows, float* probabilities) {
  const RunningBatch batch;
  std::int64_t largest = model_->LargestRows();
  if (model_->lanes() != nullptr && batch.IsAlone()) {
    const LaneDivision division = LaneDivision::Of(rows, model_->threads().alone, largest);
    if (division.portion > 0) {
      if (RunByLanes(images, rows, division, probabilities, batch)) return;
      // The time of such portions decides whether the lanes run later batches.
      largest = division.portion;
    }
  }
  for (std::int64_t done = 0; done < rows;) {
    const std::int64_t portion = std::min(rows - done, largest);
    const auto first = static_cast<std::size_t>(done);
    RunPortion(images.Skip(first * model_->RowValues()), portion, probabilities + first * model_->Classes(), batch.IsAlone());
    done += portion;
  }
}

bool Instance::RunByLanes(const Images& images, std::int64_t rows, const LaneDivision& division, float* probabilities,
                          const RunningBatch& batch) {
  PortionTime& time = model_->TimeOf(division.portion);
  if (!time.ShouldTeamRun(TeamWay::kLanes, division.portions)) return false;
  const auto start = Clock::now();
  const auto run = [&] { model_->lanes()->Run(images, rows, division, probabilities, workspace_, batch); };
  if (!Team::OfProcess().TryRun(model_->threads().alone, run)) return false;
  if (batch.IsAlone()) time.NoteTeam(TeamWay::kLanes, division.portions, Clock::now() - start);
  return true;
}

void Instance::RunPortion(const Images& images, std::int64_t rows, float* probabilities, bool is_alone) {
  PortionTime& time = model_->TimeOf(rows);
  if (is_alone && !model_->programs_alone().empty() && time.ShouldTeamRun(TeamWay::kSteps, 1)) {
    const auto start = Clock::now();
    const auto run = [&] { workspace_.RunByTeam(images, rows, probabilities); };
    if (Team::OfProcess().TryRun(model_->threads().alone, run))
      return time.NoteTeam(TeamWay::kSteps, 1, Clock::now() - start);
  }
  const auto start = Clock::now();
  SetThreads(model_->threads().usual);
  workspace_.Run(images, rows, probabilities);
  time.Note(Clock::now() - start);
}

void Instance::Observe(std::int64_t rows, float* ranges) const {
  const Program& program = model_->ProgramFor(rows);
  for (std::size_t index = 0; index < program.values.size(); ++index) {
    const Value& value = program.values[index];
    const auto* numbers = reinterpret_cast<const float*>(workspace_.PlaceOf(program, value));
    const auto [low, high] = std::minmax_element(numbers, numbers + value.desc.get_size() / sizeof(float));
    ranges[2 * index] = std::min(ranges[2 * index], *low);
    ranges[2 * index + 1] = std::max(ranges[2 * index + 1], *high);
  }
}

}  // namespace fovea
