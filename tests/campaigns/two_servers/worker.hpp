// One client of both servers: each of its calls goes to the other one than the call before.
#pragma once

#include <atomic>
#include <cstdint>
#include <random>
#include <string>

#include "tests/campaigns/marked.hpp"
#include "tests/campaigns/served.hpp"
#include "tests/campaigns/two_servers/record.hpp"

namespace medflow::campaign {

inline constexpr double refused_within_s = 60;

class Worker {
 public:
  Worker(Ports ports, std::string email, Record& record, std::atomic<std::int64_t>& left, std::uint64_t seed);

  /// Until no operations are left, or too much has gone wrong.
  void run();

 private:
  Caller& next() { return callers_[++turn_ % 2]; }
  bool acknowledge(const Answer& answer, std::string_view operation);
  void step(std::uint64_t number);
  void enrol();
  void seek(const Patient& patient, Caller& at, std::string_view why);
  void read(const Patient& patient);
  void patch(Patient& patient);
  void sign_in_anew();
  void renew();
  void sign_out();

  std::array<Caller, 2> callers_;
  const std::string email_;
  Record& record_;
  std::atomic<std::int64_t>& left_;
  std::mt19937_64 random_;
  std::size_t turn_;
  std::uint64_t made_ = 0;
  std::string access_{};
  std::string refresh_{};
};

}  // namespace medflow::campaign
