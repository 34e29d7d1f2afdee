// A client that goes on asking until it is answered, whatever becomes of the database meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/campaigns/acknowledged.hpp"
#include "tests/campaigns/marked.hpp"
#include "tests/campaigns/served.hpp"

namespace medflow::campaign {

/// Of all clients. Thread-safe.
class Record {
 public:
  using Clock = std::chrono::steady_clock;

  Problems problems{};

  void registered(std::shared_ptr<Patient> patient);
  void acknowledged(std::string request, std::string_view operation);
  /// A call was answered that there is no database.
  void turned_away() { ++turned_away_; }

  std::vector<std::shared_ptr<Patient>> patients() const;
  std::vector<Acknowledged> calls() const;
  std::uint64_t refusals() const { return turned_away_; }
  /// The longest time without an acknowledged call since this was asked last.
  double longest_silence();
  /// Returns when a call has been acknowledged that began after now, or something is wrong.
  void wait_for_service();

  /// Lets no client begin a call, and returns when none is under way; `resume` lets them go on.
  void pause();
  void resume();
  void end();
  /// Before each call of a client: false where it is to end.
  bool enter();
  void leave();

 private:
  mutable std::mutex mutex_{};  // guards what follows
  std::condition_variable changed_{};
  std::vector<std::shared_ptr<Patient>> patients_{};
  std::vector<Acknowledged> calls_{};
  Clock::time_point last_ = Clock::now();
  double longest_ = 0;
  unsigned inside_ = 0;
  bool paused_ = false;
  bool ended_ = false;
  std::atomic<std::uint64_t> turned_away_{0};
};

class Worker {
 public:
  Worker(std::uint16_t port, std::string access, Record& record, std::uint64_t seed)
      : caller_(port), access_(std::move(access)), record_(record), random_(seed) {}

  /// Until the record says that it is over.
  void run();

 private:
  bool unavailable(const Answer& answer, std::string_view operation);
  bool acknowledge(const Answer& answer, std::string_view operation);
  Answer insist_on_reading(const Patient& patient);
  void enrol();
  void read(const Patient& patient);
  void patch(Patient& patient);

  Caller caller_;
  const std::string access_;
  Record& record_;
  std::mt19937_64 random_;
  std::vector<std::shared_ptr<Patient>> own_{};
};

}  // namespace medflow::campaign
