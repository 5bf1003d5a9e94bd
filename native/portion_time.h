#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace fovea {

/** How a team runs portions: its threads divide each step, or each takes whole portions (`lanes.h`). */
enum class TeamWay { kSteps, kLanes };

/**
 * Decides by measurement whether the team runs the portions of one size, or the threads of their instance. Threads may share it.
 *
 * Where other programs want the cores too, the steps of a network wait for threads that do not run, and a team may be many times
 * slower than one thread. So a team that loses pauses, twice as long each time, until it wins again.
 */
class PortionTime {
 public:
  using Duration = std::chrono::steady_clock::duration;

  /** To be called before `portions` are run. */
  bool ShouldTeamRun(TeamWay way, std::int64_t portions) {
    if (runs_ < kFirstRuns || portions * shortest_ < kLeastForTeam.count()) return false;
    std::atomic<int>& paused = TrialOf(way).paused;
    if (paused <= 0) return true;
    --paused;
    return false;
  }

  /** Of a portion by the threads of its instance. */
  void Note(Duration took) {
    for (auto shortest = shortest_.load(); took.count() < shortest && !shortest_.compare_exchange_weak(shortest, took.count());) {
    }
    if (runs_ < kFirstRuns) ++runs_;
  }

  void NoteTeam(TeamWay way, std::int64_t portions, Duration took) {
    Trial& trial = TrialOf(way);
    // The first run after a pause wakes threads and fills the caches of their cores.
    if (!trial.is_warm.exchange(true)) return;
    const bool has_won = took.count() < portions * shortest_;
    trial.pause = has_won ? 0 : std::clamp(2 * trial.pause, 1, kLongestPause);
    trial.paused = trial.pause.load();
    trial.is_warm = has_won;
  }

 private:
  struct Trial {
    std::atomic<int> pause{0};
    std::atomic<int> paused{0};
    std::atomic<bool> is_warm{false};
  };

  Trial& TrialOf(TeamWay way) { return trials_[static_cast<std::size_t>(way)]; }

  /** The first run also fills the caches. */
  static constexpr int kFirstRuns = 3;
  /** In portions. */
  static constexpr int kLongestPause = 128;
  /** Waking the team takes up to a tenth of it. */
  static constexpr Duration kLeastForTeam = std::chrono::milliseconds(1);

  std::atomic<int> runs_{0};
  std::atomic<Duration::rep> shortest_{std::numeric_limits<Duration::rep>::max()};
  std::array<Trial, 2> trials_;
};

}  // namespace fovea
