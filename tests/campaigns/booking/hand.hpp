// One of those who book: races the others for each slot of a day, then books, holds, confirms, moves and cancels at random.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/campaigns/booking/desk.hpp"
#include "tests/campaigns/booking/shared.hpp"

namespace medflow::campaign {

class Hand {
 public:
  /// `stale`: whether what is refused may be refused by the table alone, which knows no alternatives.
  Hand(Shared& shared, std::size_t number, Desk& desk, bool stale);

  /// Until the last day is over. A process that follows one that was killed goes on where that one was.
  void run();

 private:
  Group& group_of(const Visit& visit) const { return shared_.groups.at(visit.group); }
  void meet();
  bool is_past() const { return point_ <= me_.passed; }
  void pass() {
    if (!is_past()) me_.passed = point_;
  }
  std::vector<std::size_t> order_of_day() const;
  void race(const std::vector<std::size_t>& order, std::size_t turn);
  void count_winners() const;
  void attempt();
  void tidy_up();

  Visit* free_visit();
  Visit* any_open();
  std::size_t open_visits() const;
  Wanted wanted_of(const Visit& visit) const;

  void book(Visit& visit);
  void hold_or_book();
  void confirm(Visit& visit);
  void move(Visit& visit);
  void cancel(Visit& visit);
  void with_wrong_revision(Visit& visit);

  void ask(Visit& visit, Asked what);
  bool unanswered(Visit& visit, const Reply& reply);
  void settle(Visit& visit);
  void settle_change(Visit& visit, Asked what);
  Reply get_until_answered(const Visit& visit);
  void keep(Visit& visit, const Reply& reply, State state);
  void forget(Visit& visit);
  void finish(Visit& visit, State state);
  bool has_lapsed(const Visit& visit) const { return visit.expires <= shared_.clock_us; }
  void refused(const Visit* visit, const Wanted& wanted, const Reply& reply, const char* what, bool may_have_lapsed);
  void check_alternatives(const Wanted& wanted, const Reply& reply);
  void check_overlap(const Visit* except, const Wanted& wanted) const;
  Uuid new_id();

  Shared& shared_;
  const std::size_t number_;
  HandRecord& me_;
  Desk& desk_;
  const bool stale_;
  std::mt19937_64 random_;
  std::uint64_t day_ = 0;
  std::uint64_t point_ = 0;  ///< the meeting point that comes next, or that was just left
  std::vector<std::int64_t> seen_alternatives_{};
};

}  // namespace medflow::campaign
