#include "patients/mrn.hpp"

#include <algorithm>
#include <utility>

#include "medflow/time.hpp"
#include "patients/entities.hpp"

namespace medflow::inline v1::patients {
namespace {

constexpr std::size_t serial_digits = 8;
constexpr std::size_t year_serial_digits = 6;
constexpr std::int64_t serial_end = 100'000'000;
constexpr std::int64_t year_serial_end = 1'000'000;

// A counter that says what kinds of numbers were ever given; 0 where that is not known.
constexpr std::string_view kinds_counter = "mrn.kinds";
constexpr std::int64_t only_counted = 1;
constexpr std::int64_t others_too = 2;

// So many of a counter's numbers are looked up when a store is opened, and nobody has them, before the next are taken on trust: somebody might
// have set it back. Not noticed is where that many numbers had been lost from there on, and others were given behind them.
constexpr std::int64_t checked_min = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string padded(std::int64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

[[noreturn]] void refuse(std::string_view code, std::string_view message) {
  throw Failure(codes::invalid, "/mrn", std::string(code), std::string(message));
}

/// A number of the form that is made here ("MF-00000001-8") carries its check digit; other forms are taken as they are.
bool check_digit_wrong(std::string_view mrn) {
  const std::size_t last = mrn.rfind('-');
  if (last == std::string_view::npos || last + 2 != mrn.size() || !is_digit(mrn.back())) return false;
  const std::string_view body = mrn.substr(0, last);
  const std::size_t dash = body.rfind('-');
  const std::string_view digits = body.substr(dash == std::string_view::npos ? 0 : dash + 1);
  if (digits.size() < serial_digits || !std::all_of(digits.begin(), digits.end(), is_digit)) return false;
  return luhn_digit(digits) != mrn.back();
}

/// The counter of a strategy, and what stands around its numbers.
struct Form {
  std::string counter{};
  std::string head{};
  std::string year{};
  std::size_t digits = serial_digits;

  std::string text(std::int64_t number) const {
    const std::string serial = year + padded(number, digits);
    return head + '-' + serial + '-' + luhn_digit(serial);
  }
};

Form form_of(const settings::Settings& settings, FacilityId facility, int year) {
  using settings::MrnStrategy;
  switch (settings.mrn_strategy) {
    case MrnStrategy::year_serial: {
      const std::string digits = padded(year, 4);
      return {.counter = "mrn." + digits, .head = settings.mrn_prefix, .year = digits, .digits = year_serial_digits};
    }
    case MrnStrategy::facility_serial: {
      // The first digits of an id tell its time, the last ones are random: those tell facilities apart.
      const std::string text = facility.text();
      return {.counter = "mrn." + text, .head = settings.mrn_prefix + text.substr(text.size() - 6)};
    }
    default:
      return {.counter = "mrn", .head = settings.mrn_prefix};
  }
}

/// Serials and those of years end in digits that no two of them share, as long as they have no more than their strategy gives them. Facilities
/// may have the same mark, and a mark may be part of a prefix.
bool is_counted(const settings::Settings& settings, std::int64_t number) {
  using settings::MrnStrategy;
  if (settings.mrn_strategy == MrnStrategy::serial) return number < serial_end;
  return settings.mrn_strategy == MrnStrategy::year_serial && number < year_serial_end;
}

bool anybody_registered(kernel::Work& work) {
  bool anybody = false;
  work.transaction().scan({.table = &kernel::Rows<Patient>::layout().table(), .limit = 1}, [&](storage::RowView) {
    anybody = true;
    return false;
  });
  return anybody;
}

/// Takes down what kind of number is being given.
void note_kind(kernel::Work& work, bool counted) {
  kernel::Store& store = work.store();
  if (!counted)
    store.raise_number(kinds_counter, others_too);
  else if (store.last_number(kinds_counter) == 0)
    store.raise_number(kinds_counter, anybody_registered(work) ? others_too : only_counted);
}

/// Whether the number that comes `ahead` others after the next one can be nobody's.
bool trusted(kernel::Store& store, std::string_view counter, std::int64_t ahead) {
  return store.last_number(kinds_counter) == only_counted && store.numbers_checked(counter) + ahead >= checked_min;
}

}  // namespace

char luhn_digit(std::string_view digits) {
  int sum = 0;
  bool twice = true;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const int value = (*digit - '0') * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

MadeMrn make_mrn(kernel::Work& work, const settings::Settings& settings, std::string_view given, FacilityId facility,
                 const Zone& zone) {
  MadeMrn made;
  if (settings.mrn_strategy == settings::MrnStrategy::manual) {
    if (given.empty()) refuse("required", "this tenant gives record numbers by hand");
    if (check_digit_wrong(given)) refuse("mrn.check_digit", "the check digit is wrong");
    made.text = given;
  } else {
    if (!given.empty()) refuse("mrn.not_manual", "this tenant makes record numbers itself");
    Form form = form_of(settings, facility, date_in(zone, work.now()).year);
    const std::int64_t number = work.next_number(form.counter);
    made.text = form.text(number);
    made.counter = std::move(form.counter);
    made.counted = is_counted(settings, number);
  }
  note_kind(work, made.counted);
  made.unused = made.counted && trusted(work.store(), made.counter, 0);
  return made;
}

void looked_up(kernel::Work& work, const MadeMrn& made, bool taken) {
  if (!made.counted) return;
  if (taken)
    work.store().raise_number(kinds_counter, others_too);  // and no number is taken on trust any more
  else
    work.store().note_checked(made.counter);
}

std::string foreseen_mrn(kernel::Work& work, const settings::Settings& settings, std::string_view given,
                         FacilityId facility, const Zone& zone) {
  if (settings.mrn_strategy == settings::MrnStrategy::manual) return std::string(given);
  kernel::Store& store = work.store();
  const Form form = form_of(settings, facility, date_in(zone, work.now()).year);
  const std::int64_t number = store.foreseen_number(form.counter);
  const std::int64_t ahead = number - store.last_number(form.counter) - 1;
  return is_counted(settings, number) && trusted(store, form.counter, ahead) ? std::string() : form.text(number);
}

}  // namespace medflow::inline v1::patients
