// What the servers of a hospital have acknowledged, and what is wrong with what is stored.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medflow::campaign {

/// A change of a patient: each takes what it found along, so that one that is lost is missed.
struct Patched {
  std::uint64_t revision = 0;  ///< that it made
  std::string before{};        ///< the mark that it found
  std::string after{};         ///< and the one that it left
  bool certain = true;         ///< false where its client was told nothing: it may be there or not
};

class Patient {
 public:
  Patient(std::string its_id, std::string its_mrn, std::string its_family)
      : id(std::move(its_id)), mrn(std::move(its_mrn)), family(std::move(its_family)) {}

  const std::string id;
  const std::string mrn;
  const std::string family;

  /// The newest revision that somebody has been told of.
  std::uint64_t revision() const {
    const std::lock_guard lock(mutex_);
    return revision_;
  }
  void patched(Patched patch) {
    const std::lock_guard lock(mutex_);
    if (patch.certain) revision_ = std::max(revision_, patch.revision);
    patches_.push_back(std::move(patch));
  }
  /// In the order of their revisions; of one revision those that are certain first.
  std::vector<Patched> patches() const {
    const std::lock_guard lock(mutex_);
    auto sorted = patches_;
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
      return a.revision != b.revision ? a.revision < b.revision : a.certain && !b.certain;
    });
    return sorted;
  }

 private:
  mutable std::mutex mutex_{};
  std::uint64_t revision_ = 1;
  std::vector<Patched> patches_{};
};

/// An acknowledged call, to be found in the audit log once.
struct Acknowledged {
  std::string request{};
  std::string_view operation{};
};

class Problems {
 public:
  void add(const std::string& what) {
    constexpr std::size_t shown = 20;
    const std::lock_guard lock(mutex_);
    if (++count_ <= shown) std::cout << "problem: " << what << std::endl;
  }
  void expect(bool holds, const std::string& what) {
    if (!holds) add(what);
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_{};
  std::size_t count_ = 0;
};

}  // namespace medflow::campaign
