// What the processes of the campaign have in common: memory that outlives each of them. Whoever books writes down there what was asked
// for before it is asked, and what was answered: after a kill the next process finds out what became of it.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>

#include "medflow/medflow.hpp"

namespace medflow::campaign {

inline constexpr std::size_t hands_max = 64;
inline constexpr std::size_t groups_max = 13;  ///< of calendars that are booked together
inline constexpr std::size_t starts_of_day = 16;
inline constexpr std::size_t slots_max = 200;
inline constexpr std::size_t visits_max = 300;  ///< of one hand, open at once
inline constexpr std::int64_t minute_us = 60'000'000;
inline constexpr std::int64_t day_us = 1'440 * minute_us;
inline constexpr std::int64_t sunday_us = 1'795'305'600'000'000;  ///< 2026-11-22T00:00:00Z: when it begins
inline constexpr std::int64_t opens_us = 9 * 60 * minute_us;
inline constexpr std::int64_t step_us = 30 * minute_us;

/// A way of booking a group: the service and what it takes.
struct Way {
  Uuid service{};
  std::uint32_t duration_min = 30;
  std::uint32_t capacity = 1;
};

/// Calendars that are booked together, and the two services that are.
struct Group {
  std::array<Uuid, 3> resources{};
  std::array<ResourceKind, 3> kinds{};
  std::size_t count = 1;
  std::array<Way, 2> ways{};  ///< the second overlaps its neighbours
};

enum class State : std::uint8_t { none, held, booked, cancelled, lapsed };
enum class Asked : std::uint8_t { nothing, book, hold, confirm, move, cancel };

/// How far a visit has come, as its maker knows it.
struct Facts {
  State state = State::none;
  std::uint64_t revision = 0;
  std::int64_t start = 0;
};

struct Visit {
  std::atomic<Asked> asked{Asked::nothing};
  Uuid id{};
  Uuid patient{};
  std::uint8_t group = 0;
  std::uint8_t way = 0;
  bool overbook = false;
  std::uint8_t moves = 0;
  Facts now{};
  Facts was{};          ///< while something is asked: before it
  std::int64_t to = 0;  ///< while it is moved: whither
  std::int64_t expires = 0;
  std::array<char, 100> token{};
};

/// One of those who book; it alone touches its visits and patients.
struct HandRecord {
  std::atomic<std::uint64_t> arrived{0};  ///< at how many meeting points
  std::atomic<std::uint64_t> passed{0};   ///< how many of them it has left behind with what comes after
  std::atomic<std::uint64_t> lost_holds{0};
  std::uint64_t done_today = 0;
  std::uint64_t lives = 0;
  std::array<Uuid, groups_max> patients{};
  std::array<Visit, visits_max> visits{};
};

/// A visit that its maker has done with, and how it is to be found.
struct Final {
  std::atomic<bool> whole{false};
  Uuid id{};
  Facts facts{};
};

struct Counters {
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> good{0};
  std::atomic<std::uint64_t> booked{0};
  std::atomic<std::uint64_t> held{0};
  std::atomic<std::uint64_t> confirmed{0};
  std::atomic<std::uint64_t> moved{0};
  std::atomic<std::uint64_t> cancelled{0};
  std::atomic<std::uint64_t> taken{0};
  std::atomic<std::uint64_t> overlap{0};
  std::atomic<std::uint64_t> expired{0};
  std::atomic<std::uint64_t> too_many{0};
  std::atomic<std::uint64_t> revision{0};
  std::atomic<std::uint64_t> race_winners{0};
  std::atomic<std::uint64_t> race_losers{0};
  std::atomic<std::uint64_t> settled_there{0};
  std::atomic<std::uint64_t> settled_absent{0};
  std::atomic<std::uint64_t> snapshots{0};
  std::atomic<std::uint64_t> days_checked{0};
  std::atomic<std::uint64_t> excluded{0};  ///< refused by the table's exclusion alone
};

struct Shared {
  // What is to be done.
  std::uint64_t size = 0;
  std::uint64_t seed = 1;
  std::size_t hands = hands_max;
  std::size_t slots = slots_max;
  std::uint64_t each_day = 0;              ///< attempts of each hand once the slots have been raced for
  std::uint64_t time_passes_each = 3'000;  ///< attempts; then holds expire
  bool uniform = false;                    ///< no holds, and one service to a calendar

  std::atomic<bool> made{false};
  Uuid facility{};
  std::array<Group, groups_max> groups{};
  std::size_t groups_count = 0;

  std::atomic<std::int64_t> clock_us{sunday_us};
  std::atomic<std::uint64_t> ready{0};  ///< processes that had an engine open so far
  std::atomic<std::uint16_t> port{0};
  std::atomic<std::uint64_t> kills_left{0};
  std::atomic<std::uint64_t> last_day{UINT64_MAX};  ///< once it is known which it is
  std::atomic<std::uint64_t> checked_days{0};
  std::atomic<bool> finished{false};
  std::atomic<std::uint64_t> findings{0};
  Counters counters{};

  std::array<HandRecord, hands_max> hand{};
  std::atomic<std::uint64_t> finals_count{0};
  std::uint64_t finals_max = 0;

  Final* finals() { return reinterpret_cast<Final*>(this + 1); }

  /// In a file, where one is named: what a campaign that was broken off has left there is gone on with.
  static Shared& map(std::uint64_t finals_max, const std::string& file) {
    const std::size_t bytes = sizeof(Shared) + finals_max * sizeof(Final);
    const int kept = file.empty() ? -1 : ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const bool is_there = kept >= 0 && ::lseek(kept, 0, SEEK_END) >= static_cast<off_t>(sizeof(Shared));
    if (!file.empty() && (kept < 0 || ::ftruncate(kept, static_cast<off_t>(bytes)) != 0))
      throw std::runtime_error("cannot keep " + file);
    const int flags = file.empty() ? MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
    void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, kept, 0);
    if (place == MAP_FAILED) throw std::runtime_error("cannot share memory");
    auto& shared = is_there ? *static_cast<Shared*>(place) : *new (place) Shared{};
    shared.finals_max = finals_max;
    return shared;
  }

  void find(const std::string& what) {
    constexpr std::uint64_t shown = 20;
    if (findings.fetch_add(1) < shown) std::cout << "finding: " + what + "\n" << std::flush;
  }
  void expect(bool holds, const std::string& what) {
    if (!holds) find(what);
  }
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// Days are weekdays, from the Monday after `sunday_us` on.
inline std::int64_t midnight_of(std::uint64_t day) {
  const auto weeks = static_cast<std::int64_t>(day / 5), weekday = static_cast<std::int64_t>(day % 5);
  return sunday_us + (7 * weeks + 1 + weekday) * day_us;
}
inline std::int64_t start_of(std::uint64_t day, std::size_t index) {
  return midnight_of(day) + opens_us + static_cast<std::int64_t>(index) * step_us;
}

/// What all processes take for the time; one may be behind.
class SharedClock final : public Clock {
 public:
  explicit SharedClock(const Shared& shared, std::int64_t behind_us = 0) : shared_(shared), behind_us_(behind_us) {}
  Instant now() override { return {shared_.clock_us.load() - behind_us_}; }

 private:
  const Shared& shared_;
  std::int64_t behind_us_;
};

}  // namespace medflow::campaign
