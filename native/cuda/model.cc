#include "model.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "builder.h"
#include "handles.h"

namespace fovea::cuda {
namespace {

/** Share of the best throughput. A batch size beyond it only adds latency. */
constexpr double kNearlyBest = 0.9;

}  // namespace

Model::Model(const Plan& plan, Type type, const std::vector<std::int64_t>& sizes)
    : kernels_(type),
      weights_(type),
      row_bytes_(static_cast<std::size_t>(plan.input_shape[0] * plan.input_shape[1] * plan.input_shape[2])),
      classes_(static_cast<std::size_t>(plan.classes)) {
  const Handles handles;
  Tuner tuner(handles, kernels_);
  for (const std::int64_t rows : sizes) {
    programs_.push_back(Builder(plan, type, weights_, kernels_, tuner, rows).Build());
    arena_bytes_ = std::max(arena_bytes_, programs_.back().arena_bytes);
    workspace_bytes_ = std::max(workspace_bytes_, programs_.back().workspace_bytes);
  }
  saturation_rows_ = MeasureSaturation(tuner);
}

std::int64_t Model::MeasureSaturation(const Tuner& tuner) const {
  const DeviceMemory arena = AllocateDevice(arena_bytes_);
  const DeviceMemory workspace = AllocateDevice(workspace_bytes_);
  std::vector<double> rates;
  for (const Program& program : programs_) {
    const Workplace at{tuner.handles(), program, arena.get(), workspace.get()};
    const double microseconds = tuner.Time([&] {
      for (const Call& call : program.calls) call.launch(at);
    });
    rates.push_back(static_cast<double>(program.rows) / microseconds);
  }
  const double enough = kNearlyBest * *std::max_element(rates.begin(), rates.end());
  const auto first = std::find_if(rates.begin(), rates.end(), [&](double rate) { return rate >= enough; });
  return programs_[static_cast<std::size_t>(first - rates.begin())].rows;
}

std::vector<Model::Measured> Model::Profile(const Program& program) const {
  const Handles handles;
  const Tuner tuner(handles, kernels_);
  const DeviceMemory arena = AllocateDevice(arena_bytes_);
  const DeviceMemory workspace = AllocateDevice(workspace_bytes_);
  const Workplace at{handles, program, arena.get(), workspace.get()};
  std::vector<Measured> measured;
  for (const Call& call : program.calls) measured.push_back({call.layer, tuner.Time([&] { call.launch(at); })});
  return measured;
}

std::shared_ptr<const Model> SharedModel(const std::string& key, const Plan& plan, Type type,
                                         const std::vector<std::int64_t>& sizes) {
  // Global, because instances live in several threads, each with its own JavaScript environment. The references are weak, so
  // that a model is freed with its last instance.
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const Model>> models;
  const std::lock_guard<std::mutex> lock(mutex);
  if (auto model = models[key].lock()) return model;
  auto model = std::make_shared<const Model>(plan, type, sizes);
  models[key] = model;
  for (auto entry = models.begin(); entry != models.end();)
    entry = entry->second.expired() ? models.erase(entry) : std::next(entry);
  return model;
}

}  // namespace fovea::cuda
