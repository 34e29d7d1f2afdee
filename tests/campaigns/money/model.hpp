// A hospital's money as somebody would keep it by hand: plain maps and whole numbers, written from the rules alone. It shares nothing with the
// library, not even a header.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace medflow::campaign::naive {

using Amount = std::int64_t;
__extension__ using Wide = __int128;
using Party = int;  ///< 0 and above: a patient; below: payer -1 - party
using Currency = int;

inline constexpr std::size_t none = SIZE_MAX;
inline constexpr int currencies = 2;

inline bool is_patient(Party party) { return party >= 0; }
inline Party payer_party(int payer) { return -1 - payer; }

/// How this hospital reckons.
struct Terms {
  bool inclusive = false;
  bool half_even = false;
  Amount cash_rounding = 0;
  std::array<int, currencies> exponents{2, 3};
};

struct Off {
  bool percent = true;
  Amount value = 0;
};

struct AskedLine {
  Amount quantity = 0;  ///< in ten-thousandths
  Amount price = 0;     ///< in millionths
  int tax = 0;          ///< which of the tax codes; 0 for none
  std::optional<Off> off{};
};

/// In millionths, by tax code.
inline constexpr std::array<Amount, 3> rates{0, 55'000, 200'000};

struct AskedInvoice {
  int patient = 0;
  Currency currency = 0;
  std::vector<AskedLine> lines{};
  std::optional<Off> off{};
  std::vector<std::pair<Party, Amount>> shares{};
};

enum class Status { draft, issued, voided, discarded };

/// What one party has to do with an invoice.
struct Standing {
  Amount charged = 0;
  Amount paid = 0;
  Amount credited = 0;  ///< of what was owed
  Amount surplus = 0;   ///< credited beyond what was owed and given up: a deposit now
  Amount written_off = 0;
  Amount taken_back = 0;  ///< of that, by credit notes
  Amount owed() const { return charged - paid - credited - written_off; }
};

struct Note {
  std::vector<std::pair<std::size_t, Amount>> lines{};
  Amount net = 0, tax = 0, rounding = 0, total = 0;
  std::vector<std::pair<Party, Amount>> parts{};  ///< payers, then the patient
};

struct Invoice {
  AskedInvoice asked{};
  Status status = Status::draft;
  std::uint64_t revision = 1;
  std::vector<Amount> nets{};
  std::vector<Amount> offs{};                        ///< what is taken off the lines, without its tax
  std::map<int, std::pair<Amount, Amount>> taxes{};  ///< base and tax, by tax code
  Amount net = 0, tax = 0, rounding = 0, total = 0;
  int due = 0;  ///< day
  std::map<Party, Standing> parties{};
  std::vector<Note> notes{};

  Amount patient_share() const;
  Amount owed(Party party) const;
  Amount sum(Amount Standing::*part) const;
  Amount balance() const;
  std::string settlement() const;
};

enum class Method { cash, card, bank, mobile, payer, deposit };
enum class State { pending, succeeded, failed, cancelled };

struct Payment {
  Party party = 0;
  Currency currency = 0;
  Method method = Method::cash;
  State state = State::succeeded;
  Amount amount = 0;
  std::vector<std::pair<std::size_t, Amount>> allocations{};
  std::uint64_t revision = 1;
  std::size_t shift = none;

  Amount allocated() const;
  Amount to(std::size_t invoice) const;
};

enum class RefundState { requested, approved, completed, failed, rejected };

struct Refund {
  std::size_t payment = 0;
  std::size_t invoice = none;
  Amount amount = 0;
  Method method = Method::cash;
  RefundState state = RefundState::requested;
  std::uint64_t revision = 1;
  std::size_t shift = none;
};

enum class WriteOffState { requested, approved, rejected };

struct WriteOff {
  std::size_t invoice = 0;
  Party party = 0;
  Amount amount = 0;
  WriteOffState state = WriteOffState::requested;
  std::uint64_t revision = 1;
};

struct Shift {
  Currency currency = 0;
  Amount opening = 0;
  bool open = true;
  Amount expected = 0, variance = 0;  ///< of a closed one
  std::uint64_t revision = 1;
};

/// Each act answers "ok" and has its effect, or the code of what is wrong and has none.
class Model {
 public:
  explicit Model(Terms terms, std::string plant = {}) : terms_(terms), plant_(std::move(plant)) {}

  std::string draft(const AskedInvoice& asked);
  std::string change(std::size_t at, std::uint64_t revision, const AskedInvoice& asked);
  std::string issue(std::size_t at, std::uint64_t revision, int day);
  std::string bill(const AskedInvoice& asked, int day);
  std::string discard(std::size_t at, std::uint64_t revision);
  std::string void_it(std::size_t at, std::uint64_t revision);
  /// Of lines so much of their net; none: all that is left.
  std::string credit(std::size_t at, const std::vector<std::pair<std::size_t, Amount>>& lines);

  std::string pay(Payment payment, bool keep_as_deposit);
  std::string resolve(std::size_t at, State state);
  std::string allocate(std::size_t at, std::uint64_t revision,
                       const std::vector<std::pair<std::size_t, Amount>>& allocations);

  std::string ask_refund(const Refund& refund);
  std::string approve_refund(std::size_t at, std::uint64_t revision);
  std::string reject_refund(std::size_t at, std::uint64_t revision);
  std::string complete_refund(std::size_t at, std::uint64_t revision, bool failed);

  std::string ask_write_off(const WriteOff& write_off);
  std::string decide_write_off(std::size_t at, std::uint64_t revision, bool agree);

  std::string open_shift(Currency currency, Amount opening);
  std::string close_shift(std::size_t at, std::uint64_t revision, Amount counted);

  /// By the ids of invoices: which of equal due days comes first.
  void named(std::size_t invoice, const std::string& id) { names_[invoice] = id; }

  Amount deposit(Party party, Currency currency) const;
  Amount refunded(std::size_t payment) const;
  Amount expected(std::size_t shift) const;

  std::vector<Invoice> invoices{};
  std::vector<Payment> payments{};
  std::vector<Refund> refunds{};
  std::vector<WriteOff> write_offs{};
  std::vector<Shift> shifts{};
  std::map<std::pair<std::string, Currency>, Amount> accounts{};  ///< debit − credit
  std::map<std::pair<Party, Currency>, Amount> deposits{};

 private:
  Amount divided(Wide dividend, Wide divisor) const;
  std::vector<Amount> parted(Amount amount, const std::vector<Amount>& weights) const;
  bool reckon(Invoice& invoice) const;
  bool lead_to(const Payment& payment, const std::vector<std::pair<std::size_t, Amount>>& before) const;
  std::vector<std::pair<std::size_t, Amount>> oldest_first(Party party, Currency currency, Amount amount) const;
  void take_in(const Payment& payment);
  void debit(const std::string& account, Currency currency, Amount amount) { accounts[{account, currency}] += amount; }
  void to_deposit(Party party, Currency currency, Amount amount);
  void receivable(Party party, Currency currency, Amount amount);
  /// What comes of services, and what of it was taken off.
  void earn(Currency currency, Amount net, Amount off);
  Amount left_for(const Refund& refund, std::size_t except) const;
  Amount held(std::size_t invoice, std::size_t at, const Payment& changed) const;

  Terms terms_;
  std::string plant_;
  std::map<std::size_t, std::string> names_{};
};

}  // namespace medflow::campaign::naive
