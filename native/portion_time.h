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
    // The first run after a pause wakes threads and fills the caches of their cores.
    if (!is_team_warm_.exchange(true)) return;
    const bool has_won = took.count() < shortest_;
    pause_ = has_won ? 0 : std::clamp(2 * pause_, 1, kLongestPause);
    paused_ = pause_.load();
    is_team_warm_ = has_won;
  }

 private:
  /** The first run also fills the caches. */
  static constexpr int kFirstRuns = 3;
  /** In portions. */
  static constexpr int kLongestPause = 128;
  /** Waking the team takes up to a tenth of it. */
  static constexpr Duration kLeastForTeam = std::chrono::milliseconds(1);

  std::atomic<int> runs_{0};
  std::atomic<Duration::rep> shortest_{std::numeric_limits<Duration::rep>::max()};
  std::atomic<int> pause_{0};
  std::atomic<int> paused_{0};
  std::atomic<bool> is_team_warm_{false};
};

}  // namespace fovea
