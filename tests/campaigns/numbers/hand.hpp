// One of those who issue invoices: drafts, issues, asks for what must fail, and asks again for what was answered.
#pragma once

#include <random>

#include "tests/campaigns/numbers/desk.hpp"

namespace medflow::campaign {

class Hand {
 public:
  Hand(Shared& shared, std::size_t number, Desk& desk);

  /// Until it has made its attempts, and nobody is to be killed any more.
  void run();

 private:
  std::size_t place() const { return number_ % places; }
  Uuid new_id();
  void attempt();
  void make_draft();
  bool spoil();
  void issue(bool settles);
  void give_up();
  template <class Ask>
  Reply until_answered(Ask ask);

  Shared& shared_;
  const std::size_t number_;
  HandRecord& me_;
  Desk& desk_;
  std::mt19937_64 random_;
};

}  // namespace medflow::campaign
