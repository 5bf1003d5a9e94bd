#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>

namespace fovea {

/**
 * The OpenMP threads that a batch gets while no other batch runs in this process.
 *
 * One thread leads the team for all instances. OpenMP keeps the threads of a team for the thread that led it: if each
 * inference thread led its own team, the process would have more OpenMP threads than cores, and libgomp would let them sleep
 * between steps, which costs more than the steps of a small network.
 */
class Team {
 public:
  static Team& OfProcess();

  /** Runs `work` by `threads` OpenMP threads when the team is free; returns when it has ended, and throws what it threw. */
  void Run(int threads, const std::function<void()>& work);

  /** As `Run`, but returns false at once, without running it, while the team is not free. */
  bool TryRun(int threads, const std::function<void()>& work);

 private:
  Team();
  /** The caller holds `taken_`. */
  void HandOver(int threads, const std::function<void()>& work);
  void Lead();

  std::mutex taken_;
  std::mutex mutex_;
  std::condition_variable changed_;
  /** Null while the leader waits. */
  const std::function<void()>* work_ = nullptr;
  int threads_ = 1;
  std::exception_ptr failure_;
};

/** A batch that runs, from its construction to its destruction. */
class RunningBatch {
 public:
  RunningBatch();
  ~RunningBatch();
  RunningBatch(const RunningBatch&) = delete;
  RunningBatch& operator=(const RunningBatch&) = delete;

  /** Whether it is the only one of this process. */
  bool IsAlone() const;
};

}  // namespace fovea
