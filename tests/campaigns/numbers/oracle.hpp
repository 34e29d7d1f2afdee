// Reads what is stored and says what is wrong with it: by the rows alone, and by what those who issue were told. Shares no code with issuing.
#pragma once

#include "tests/campaigns/numbers/shared.hpp"
#include "tests/campaigns/peephole.hpp"

namespace medflow::campaign {

class Oracle {
 public:
  Oracle(Shared& shared, const Peephole& peephole) : shared_(shared), peephole_(peephole) {}

  /// One snapshot, while invoices are issued: in each series the numbers run from 1 to the last one.
  void glance();
  /// Everything there is, when nobody issues any more: the same, and as it was acknowledged. `admin` asks the hospital itself.
  void check_all(const Session& admin);

 private:
  struct Stored;
  Stored read() const;
  void check_numbers(const Stored& stored) const;
  void check_known(const Stored& stored) const;
  void check_order() const;
  void check_books(const Session& admin) const;

  Shared& shared_;
  const Peephole& peephole_;
};

}  // namespace medflow::campaign
