// Reads what is stored and says what is wrong with it: by the rows alone, and by what the makers know. Shares no code with booking.
#pragma once

#include <optional>

#include "tests/campaigns/booking/engines.hpp"
#include "tests/campaigns/booking/shared.hpp"

namespace medflow::campaign {

class Oracle {
 public:
  Oracle(Shared& shared, const Peephole& peephole) : shared_(shared), peephole_(peephole) {}

  /// One snapshot of a day, while it is booked.
  void glance(std::uint64_t day);
  /// The same of a day that nobody books any more; its visits are those that the makers have written down.
  void check_day(std::uint64_t day);
  /// Everything there is.
  void check_all();

 private:
  struct Stored;
  Stored read(std::optional<std::uint64_t> day) const;
  void check_rows(const Stored& stored, bool with_patients) const;
  void check_claims(const Stored& stored) const;
  void check_known(const Stored& stored, std::uint64_t from_final, std::int64_t from, std::int64_t to);

  Shared& shared_;
  const Peephole& peephole_;
};

}  // namespace medflow::campaign
