// What was acknowledged, by whichever server: the oracle compares what is stored with it.
#pragma once

#include <array>
#include <memory>
#include <random>
#include <set>

#include "tests/campaigns/acknowledged.hpp"

namespace medflow::campaign {

/// The two servers of the hospital.
using Ports = std::array<std::uint16_t, 2>;

/// Thread-safe.
class Record {
 public:
  Problems problems{};

  void registered(std::shared_ptr<Patient> patient) {
    const std::lock_guard lock(mutex_);
    if (!numbers_.insert(patient->mrn).second) problems.add("the record number " + patient->mrn + " was given twice");
    patients_.push_back(std::move(patient));
  }
  /// One of them, often one of the first few, which everybody wants; null where there is none yet.
  std::shared_ptr<Patient> any(std::mt19937_64& random) const {
    constexpr std::size_t wanted_by_all = 8;
    const std::lock_guard lock(mutex_);
    if (patients_.empty()) return nullptr;
    const std::size_t among = random() % 4 == 0 ? std::min(wanted_by_all, patients_.size()) : patients_.size();
    return patients_[random() % among];
  }
  std::vector<std::shared_ptr<Patient>> patients() const {
    const std::lock_guard lock(mutex_);
    return patients_;
  }

  void acknowledged(std::string request, std::string_view operation) {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.request = std::move(request), .operation = operation});
  }
  std::vector<Acknowledged> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  /// A call was not answered in time: it may have done what it was to do. `made` says that it was to make a patient.
  void late(bool made) {
    const std::lock_guard lock(mutex_);
    ++late_;
    late_registrations_ += made ? 1U : 0U;
  }
  std::uint64_t late_calls() const {
    const std::lock_guard lock(mutex_);
    return late_;
  }
  std::uint64_t late_registrations() const {
    const std::lock_guard lock(mutex_);
    return late_registrations_;
  }
  /// A search on one server for somebody whom the other has just registered.
  void sought() {
    const std::lock_guard lock(mutex_);
    ++sought_;
  }
  std::uint64_t searches() const {
    const std::lock_guard lock(mutex_);
    return sought_;
  }
  /// Two wanted to change the same.
  void lost_race() {
    const std::lock_guard lock(mutex_);
    ++races_;
  }
  std::uint64_t lost_races() const {
    const std::lock_guard lock(mutex_);
    return races_;
  }
  /// How long a session lived on at one server after the other had ended it.
  void refused_after(double seconds) {
    const std::lock_guard lock(mutex_);
    refused_after_.push_back(seconds);
  }
  std::vector<double> refusals() const {
    const std::lock_guard lock(mutex_);
    auto sorted = refused_after_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

 private:
  mutable std::mutex mutex_{};  // guards what follows
  std::vector<std::shared_ptr<Patient>> patients_{};
  std::set<std::string> numbers_{};
  std::vector<Acknowledged> calls_{};
  std::vector<double> refused_after_{};
  std::uint64_t sought_ = 0;
  std::uint64_t races_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t late_registrations_ = 0;
};

}  // namespace medflow::campaign
