#include "team.h"

#include <pthread.h>

#include <atomic>
#include <thread>
#include <utility>

#include "processor.h"

namespace fovea {
namespace {

std::atomic<int> running{0};

}  // namespace

Team& Team::OfProcess() {
  // Never freed: its thread ends with the process.
  static Team& team = *new Team;
  return team;
}

Team::Team() { std::thread(&Team::Lead, this).detach(); }

bool Team::TryRun(int threads, const std::function<void()>& work) {
  const std::unique_lock<std::mutex> taken(taken_, std::try_to_lock);
  if (!taken) return false;
  std::unique_lock<std::mutex> lock(mutex_);
  work_ = &work;
  threads_ = threads;
  changed_.notify_all();
  changed_.wait(lock, [this] { return work_ == nullptr; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return true;
}

void Team::Lead() {
  // OpenMP's threads inherit the name.
  pthread_setname_np(pthread_self(), "batch-team");
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return work_ != nullptr; });
    SetThreads(threads_);
    try {
      (*work_)();
    } catch (...) {
      failure_ = std::current_exception();
    }
    work_ = nullptr;
    changed_.notify_all();
  }
}

RunningBatch::RunningBatch() { ++running; }

RunningBatch::~RunningBatch() { --running; }

bool RunningBatch::IsAlone() const { return running == 1; }

}  // namespace fovea
