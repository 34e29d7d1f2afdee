// What the processes of the campaign have in common: memory that outlives each of them, so that whoever comes after a killed one finds out
// what became of what it had asked for.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>

#include "medflow/medflow.hpp"

namespace medflow::campaign {

inline constexpr std::size_t hands_max = 64;
inline constexpr std::size_t places = 2;  ///< the hospital's home numbers by the tenant's series, its annex by its own
inline constexpr std::int64_t noon_us = 1'795'305'600'000'000 + 43'200'000'000;  ///< 2026-11-22T12:00:00Z
inline constexpr std::int64_t attempt_takes_us = 10'000;                         ///< so much later is it each time

/// What a hand has asked for and was not answered yet.
enum class Asked : std::uint8_t { nothing, draft, issue };

/// One of those who issue; it alone touches this.
struct HandRecord {
  std::atomic<Asked> asked{Asked::nothing};
  std::atomic<std::uint64_t> done{0};  ///< attempts
  std::atomic<bool> finished{false};
  Uuid patient{};
  std::uint64_t lives = 0;
  Uuid invoice{};  ///< while something is asked
  std::uint64_t revision = 0;
  std::uint64_t begun = 0;  ///< when it was first asked to be issued, in tickets
  std::int64_t amount = 0;
};

/// What a hand has done with: an issue that was acknowledged, or a draft that was never to be issued.
struct Final {
  std::atomic<bool> whole{false};
  Uuid id{};
  std::uint64_t sequence = 0;  ///< 0: never issued
  std::uint64_t place = 0;
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;  ///< in tickets: what ended before something else began has the lower number
  std::int64_t amount = 0;
};

struct Counters {
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> issued{0};
  std::atomic<std::uint64_t> stale{0};
  std::atomic<std::uint64_t> early{0};
  std::atomic<std::uint64_t> discarded{0};
  std::atomic<std::uint64_t> replayed{0};
  std::atomic<std::uint64_t> unanswered{0};
  std::atomic<std::uint64_t> settled_there{0};  ///< by who came after a killed one: it was issued already
  std::atomic<std::uint64_t> settled_absent{0};
  std::atomic<std::uint64_t> commits{0};  ///< steps at which one can fail
  std::atomic<std::uint64_t> faults{0};
  std::atomic<std::uint64_t> snapshots{0};
};

struct Shared {
  std::uint64_t size = 0;
  std::uint64_t seed = 1;
  std::size_t hands = hands_max;
  std::uint64_t each = 0;  ///< attempts of each hand; more while there are kills to come

  std::atomic<bool> made{false};
  std::array<Uuid, places> facilities{};

  std::atomic<std::int64_t> clock_us{noon_us};
  std::atomic<std::uint64_t> tickets{1};
  std::atomic<std::uint64_t> ready{0};  ///< processes that had an engine open so far
  std::atomic<std::uint16_t> port{0};
  std::atomic<std::uint64_t> kills_left{0};
  std::atomic<bool> failing{false};  ///< commits may fail: while hands are at work
  std::atomic<bool> finished{false};
  std::atomic<std::uint64_t> findings{0};
  Counters counters{};

  std::array<HandRecord, hands_max> hand{};
  std::atomic<std::uint64_t> finals_count{0};
  std::uint64_t finals_max = 0;

  Final* finals() { return reinterpret_cast<Final*>(this + 1); }

  /// It is written down before it is forgotten: after a kill in between it stands there twice, which does no harm.
  void write_down(const Uuid& id, std::size_t place, std::uint64_t sequence, std::uint64_t begun, std::int64_t amount) {
    const std::uint64_t at = finals_count++;
    if (at >= finals_max) throw std::runtime_error("too little memory for what was done");
    Final& final = finals()[at];
    final.id = id;
    final.place = place;
    final.sequence = sequence;
    final.begun = begun;
    final.ended = tickets++;
    final.amount = amount;
    final.whole = true;
  }

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
