// Whether two kinds of call take the same time: interleaved pairs, so that what the machine does meanwhile meets both alike, and
// Welch's t over the times of each.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace medflow::campaign {

inline double seconds_of(const std::function<void()>& call) {
  const auto from = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

inline Moments moments(const std::vector<double>& values) {
  Moments m;
  for (const double value : values) m.mean += value;
  m.mean /= static_cast<double>(values.size());
  for (const double value : values) m.variance += (value - m.mean) * (value - m.mean);
  m.variance /= static_cast<double>(values.size() - 1);
  return m;
}

/// Welch's t for two samples of equal size. Times have a long tail that is the machine's: what lies beyond the 95th percentile of
/// both together is left out, by one threshold for both.
struct Comparison {
  double median_a = 0;
  double median_b = 0;
  double t = 0;

  double difference() const { return median_a - median_b; }
  /// The oracle: |t| < 4.5, and medians within 1 ms or 5 %.
  bool same() const {
    const double apart = std::abs(difference());
    return std::abs(t) < 4.5 && (apart <= 1e-3 || apart <= 0.05 * std::max(median_a, median_b));
  }
};

inline Comparison compare(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  const auto rank = all.begin() + static_cast<std::ptrdiff_t>(all.size() * 95 / 100);
  std::nth_element(all.begin(), rank, all.end());
  const double cut = *rank;
  const auto kept = [&](std::vector<double> values) {
    std::erase_if(values, [&](double value) { return value > cut; });
    return values;
  };
  const std::vector<double> kept_a = kept(a);
  const std::vector<double> kept_b = kept(b);
  const Moments of_a = moments(kept_a);
  const Moments of_b = moments(kept_b);
  const double error = std::sqrt(of_a.variance / static_cast<double>(kept_a.size()) +
                                 of_b.variance / static_cast<double>(kept_b.size()));
  return {.median_a = median(a), .median_b = median(b), .t = (of_a.mean - of_b.mean) / error};
}

/// Times `size` pairs; which of the two is first changes from pair to pair. `between` is not timed.
inline Comparison time_pairs(std::uint64_t size, const std::function<void(std::uint64_t)>& a,
                             const std::function<void(std::uint64_t)>& b,
                             const std::function<void(std::uint64_t)>& between) {
  std::vector<double> times_a;
  std::vector<double> times_b;
  for (std::uint64_t i = 0; i < size; ++i) {
    const auto time_a = [&] { times_a.push_back(seconds_of([&] { a(i); })); };
    const auto time_b = [&] { times_b.push_back(seconds_of([&] { b(i); })); };
    if (i % 2 == 0) {
      time_a();
      time_b();
    } else {
      time_b();
      time_a();
    }
    between(i);
  }
  return compare(times_a, times_b);
}

inline void print(const std::string& what, std::uint64_t size, const Comparison& comparison) {
  std::cout << what << ": " << size << " pairs, medians " << comparison.median_a * 1e3 << " and "
            << comparison.median_b * 1e3 << " ms, difference " << comparison.difference() * 1e6
            << " us, t = " << comparison.t << (comparison.same() ? ": the same" : ": DIFFERENT") << std::endl;
}

}  // namespace medflow::campaign
