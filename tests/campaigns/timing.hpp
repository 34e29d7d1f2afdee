// Whether two kinds of call take the same time: interleaved pairs, so that what the machine does meanwhile meets both alike, and
// Welch's t over the times of each.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
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

/// The times of pairs, kept in a file as well where one is named: a campaign that was broken off goes on behind the last whole pair.
class KeptPairs {
 public:
  explicit KeptPairs(const std::string& file) {
    if (file.empty()) return;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line) && !in.eof();) {  // a line without its end was broken off
      double one = 0;
      double other = 0;
      if (!(std::istringstream(line) >> one >> other)) throw std::runtime_error(file + ": holds no times");
      a.push_back(one);
      b.push_back(other);
    }
    in.close();
    out_.open(file, std::ios::trunc);
    out_.precision(9);
    for (std::size_t i = 0; i < a.size(); ++i) out_ << a[i] << ' ' << b[i] << '\n';
    if (!out_.flush()) throw std::runtime_error(file + ": cannot be written");
  }

  /// Keeps the last pair.
  void keep() {
    if (out_.is_open() && !(out_ << a.back() << ' ' << b.back() << std::endl))
      throw std::runtime_error("the times cannot be kept");
  }

  std::vector<double> a{};
  std::vector<double> b{};

 private:
  std::ofstream out_{};
};

/// Times `size` pairs; which of the two is first changes from pair to pair. `between` is not timed. `file` keeps the times.
inline Comparison time_pairs(std::uint64_t size, const std::function<void(std::uint64_t)>& a,
                             const std::function<void(std::uint64_t)>& b,
                             const std::function<void(std::uint64_t)>& between, const std::string& file = {}) {
  KeptPairs kept(file);
  for (std::uint64_t i = kept.a.size(); i < size; ++i) {
    const auto time_a = [&] { kept.a.push_back(seconds_of([&] { a(i); })); };
    const auto time_b = [&] { kept.b.push_back(seconds_of([&] { b(i); })); };
    if (i % 2 == 0) {
      time_a();
      time_b();
    } else {
      time_b();
      time_a();
    }
    kept.keep();
    between(i);
  }
  return compare(kept.a, kept.b);
}

inline void print(const std::string& what, std::uint64_t size, const Comparison& comparison) {
  std::cout << what << ": " << size << " pairs, medians " << comparison.median_a * 1e3 << " and "
            << comparison.median_b * 1e3 << " ms, difference " << comparison.difference() * 1e6
            << " us, |t| = " << std::abs(comparison.t) << (comparison.same() ? ": the same" : ": DIFFERENT")
            << std::endl;
}

}  // namespace medflow::campaign
