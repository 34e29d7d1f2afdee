#include "patients/mrn.hpp"

#include <algorithm>

#include "medflow/time.hpp"

namespace medflow::inline v1::patients {
namespace {

constexpr std::size_t serial_digits = 8;
constexpr std::size_t year_serial_digits = 6;

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

/// The number that `next` gives for a counter, in the tenant's form.
template <class Next>
std::string numbered(const settings::Settings& settings, FacilityId facility, int year, Next next) {
  using settings::MrnStrategy;
  const auto finish = [](const std::string& head, const std::string& digits) {
    return head + '-' + digits + '-' + luhn_digit(digits);
  };
  switch (settings.mrn_strategy) {
    case MrnStrategy::year_serial: {
      const std::string digits = padded(year, 4);
      return finish(settings.mrn_prefix, digits + padded(next("mrn." + digits), year_serial_digits));
    }
    case MrnStrategy::facility_serial: {
      // The first digits of an id tell its time, the last ones are random: those tell facilities apart.
      const std::string text = facility.text();
      const std::string mark = text.substr(text.size() - 6);
      return finish(settings.mrn_prefix + mark, padded(next("mrn." + text), serial_digits));
    }
    default:
      return finish(settings.mrn_prefix, padded(next("mrn"), serial_digits));
  }
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

std::string make_mrn(kernel::Work& work, const settings::Settings& settings, std::string_view given,
                     FacilityId facility, const Zone& zone) {
  using settings::MrnStrategy;
  if (settings.mrn_strategy == MrnStrategy::manual) {
    if (given.empty()) refuse("required", "this tenant gives record numbers by hand");
    if (check_digit_wrong(given)) refuse("mrn.check_digit", "the check digit is wrong");
    return std::string(given);
  }
  if (!given.empty()) refuse("mrn.not_manual", "this tenant makes record numbers itself");
  return numbered(settings, facility, date_in(zone, work.now()).year,
                  [&](std::string_view counter) { return work.next_number(counter); });
}

std::string foreseen_mrn(kernel::Work& work, const settings::Settings& settings, std::string_view given,
                         FacilityId facility, const Zone& zone) {
  if (settings.mrn_strategy == settings::MrnStrategy::manual) return std::string(given);
  return numbered(settings, facility, date_in(zone, work.now()).year,
                  [&](std::string_view counter) { return work.store().foreseen_number(counter); });
}

}  // namespace medflow::inline v1::patients
