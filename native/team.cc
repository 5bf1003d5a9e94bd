#include "team.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "processor.h"

namespace fovea {
namespace {

std::atomic<int> running{0};

std::vector<int> CoresOfThread() {
  cpu_set_t cores;
  std::vector<int> numbers;
  if (pthread_getaffinity_np(pthread_self(), sizeof cores, &cores) != 0) return numbers;
  for (int number = 0; number < CPU_SETSIZE; ++number)
    if (CPU_ISSET(number, &cores)) numbers.push_back(number);
  return numbers;
}

/** Gives each thread of a team a core of its own where they are as many: the scheduler may let two share a core for the whole
 * of a batch, which then lasts as long as by one thread. A larger machine has room for all. */
void Bind(int threads, const std::vector<int>& cores) {
  if (static_cast<int>(cores.size()) != threads) return;
#pragma omp parallel num_threads(threads)
  {
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(cores[static_cast<std::size_t>(omp_get_thread_num())], &core);
    pthread_setaffinity_np(pthread_self(), sizeof core, &core);
  }
}

}  // namespace

Team& Team::OfProcess() {
  // Never freed: its thread ends with the process.
  static Team& team = *new Team;
  return team;
}

Team::Team() { std::thread(&Team::Lead, this).detach(); }

void Team::Run(int threads, const std::function<void()>& work) {
  const std::lock_guard<std::mutex> taken(taken_);
  HandOver(threads, work);
}

bool Team::TryRun(int threads, const std::function<void()>& work) {
  const std::unique_lock<std::mutex> taken(taken_, std::try_to_lock);
  if (!taken) return false;
  HandOver(threads, work);
  return true;
}

void Team::HandOver(int threads, const std::function<void()>& work) {
  std::unique_lock<std::mutex> lock(mutex_);
  work_ = &work;
  threads_ = threads;
  changed_.notify_all();
  changed_.wait(lock, [this] { return work_ == nullptr; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Team::Lead() {
  // OpenMP's threads inherit the name.
  pthread_setname_np(pthread_self(), "batch-team");
  const std::vector<int> cores = CoresOfThread();
  int bound = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return work_ != nullptr; });
    SetThreads(threads_);
    if (std::exchange(bound, threads_) != threads_) Bind(threads_, cores);
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
