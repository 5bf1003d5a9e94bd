#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>

namespace fovea {

/**
 * Decides by measurement whether the team runs the portions of one size, or the threads of their instance. Threads may share it.
 *
 * Where other programs want the cores too, the steps of a network wait for threads that do not run, and a team may be many times
 * slower than one thread. So a team that loses pauses, twice as long each time, until it wins again.
 */
class PortionTime {
 public:
  using Duration = std::chrono::steady_clock::duration;

  /** To be called before a portion. */
  bool ShouldTeamRun() {
    if (runs_ < kFirstRuns || shortest_ < kLeastForTeam.count()) return false;
    if (paused_ <= 0) return true;
    --paused_;
    return false;
  }

  /** Of a portion by the threads of its instance. */
  void Note(Duration took) {
    for (auto shortest = shortest_.load(); took.count() < shortest && !shortest_.compare_exchange_weak(shortest, took.count());) {
    }
    if (runs_ < kFirstRuns) ++runs_;
  }

  void NoteTeam(Duration took) {
    pause_ = took.count() < shortest_ ? 0 : std::clamp(2 * pause_, 1, kLongestPause);
    paused_ = pause_.load();
  }

 private:
  /** The first run also fills the caches. */
  static constexpr int kFirstRuns = 3;
  /** In portions. */
  static constexpr int kLongestPause = 512;
  /** Waking the team takes up to a tenth of it. */
  static constexpr Duration kLeastForTeam = std::chrono::milliseconds(1);

  std::atomic<int> runs_{0};
  std::atomic<Duration::rep> shortest_{std::numeric_limits<Duration::rep>::max()};
  std::atomic<int> pause_{0};
  std::atomic<int> paused_{0};
};

}  // namespace fovea
