#include "model.h"

#include <map>
#include <mutex>

#include "builder.h"
#include "processor.h"
#include "team.h"
#include "weights.h"

namespace fovea {

Model::Model(const Plan& plan, std::int64_t largest_rows, Threads threads)
    : engine_(dnnl::engine::kind::cpu, 0),
      threads_(threads),
      times_(static_cast<std::size_t>(largest_rows)),
      row_values_(static_cast<std::size_t>(plan.input_shape[0] * plan.input_shape[1] * plan.input_shape[2])),
      classes_(static_cast<std::size_t>(plan.classes)),
      pixels_(plan.pixels) {
  if (plan.precision == Precision::kFloat16) throw dnnl::error(dnnl_unimplemented, "float16 on a CPU");
  Weights weights(engine_, dnnl::stream(engine_));
  const auto build = [&](std::vector<Program>& programs) {
    for (std::int64_t rows = 1; rows <= largest_rows; ++rows) programs.push_back(Builder(plan, weights, engine_, rows).Build());
  };
  // Primitives depend on the number of threads of the thread that creates them. Packing weights by several threads here would
  // give this thread a team of its own, see `Team`.
  if (threads.alone > threads.usual && !plan.keeps_values)
    Team::OfProcess().Run(threads.alone, [&] { build(programs_alone_); });
  SetThreads(threads.usual);
  build(programs_);
  if (threads.usual == 1 && !programs_alone_.empty()) lanes_ = std::make_unique<Lanes>(*this);
}

std::shared_ptr<const Model> SharedModel(const std::string& key, const Plan& plan, std::int64_t largest_rows, Threads threads) {
  // Global, because instances live in several threads, each with its own JavaScript environment. The references are weak, so
  // that a model is freed with its last instance.
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const Model>> models;
  const std::lock_guard<std::mutex> lock(mutex);
  if (auto model = models[key].lock()) return model;
  auto model = std::make_shared<const Model>(plan, largest_rows, threads);
  models[key] = model;
  for (auto entry = models.begin(); entry != models.end();)
    entry = entry->second.expired() ? models.erase(entry) : std::next(entry);
  return model;
}

}  // namespace fovea
