#include "doctors/content.hpp"

#include <algorithm>
#include <string>

#include "doctors/doctors.hpp"

namespace medflow::inline v1::doctors {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_colour(std::string_view text) {
  return text.size() == 7 && text.front() == '#' && std::all_of(text.begin() + 1, text.end(), is_hex);
}

}  // namespace

bool is_npi(std::string_view text) {
  if (text.size() != 10 || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  const std::string digits = "80840" + std::string(text);
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int weighed = i % 2 == 0 ? digit : 2 * digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 == 0;
}

std::optional<Date> licensed_until(const Doctor& doctor) {
  std::optional<Date> last;
  for (const Registration& registration : doctor.registrations) {
    if (!registration.valid_to) return std::nullopt;
    if (!last || *last < *registration.valid_to) last = registration.valid_to;
  }
  return last;
}

void check_content(const Doctor& doctor, kernel::FieldErrors& errors) {
  if (!doctor.npi.empty() && !is_npi(doctor.npi))
    errors.add("/npi", "npi.check", "the check digit does not fit: 10 digits are needed");
  if (!doctor.colour.empty() && !is_colour(doctor.colour))
    errors.add("/colour", "format.colour", "write # and six hexadecimal digits");
  for (std::size_t i = 0; i < doctor.extensions.size(); ++i)
    if (doctor.extensions[i].value.size() > 2048)
      errors.add(kernel::item_pointer("/extensions", i, "value"), "text.too_long", "at most 2,048 bytes");
}

}  // namespace medflow::inline v1::doctors
