#include "text/phone.hpp"

#include <algorithm>
#include <cstdint>

#include "text/digit_pattern.hpp"
#include "text/phone_plans.hpp"

namespace medflow::text {
namespace {

constexpr std::size_t digits_max = 15;  // E.164, 6.2.1
constexpr std::size_t calling_code_max = 3;
constexpr std::size_t national_min = 2;

/// The digits alone, and whether a plus stood before them.
struct Typed {
  std::string digits{};
  bool plus = false;
};

std::optional<Typed> read(std::string_view text) {
  Typed typed;
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      typed.digits.push_back(c);
    } else if (c == '+' && typed.digits.empty() && !typed.plus) {
      typed.plus = true;
    } else if (std::string_view(" -./()").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return typed;
}

const PhonePlan* plan_of(std::string_view country) {
  if (country.empty()) return nullptr;
  const auto plans = phone_plans();
  const auto found =
      std::find_if(plans.begin(), plans.end(), [&](const PhonePlan& plan) { return plan.country == country; });
  return found == plans.end() ? nullptr : &*found;
}

const PhonePlan* main_plan_of(unsigned calling_code) {
  const auto plans = phone_plans();
  const auto found = std::find_if(plans.begin(), plans.end(), [&](const PhonePlan& plan) {
    return plan.main && plan.calling_code == calling_code;
  });
  return found == plans.end() ? nullptr : &*found;
}

enum class Length : std::uint8_t { fine, too_short, too_long, none_such };

Length length_of(const PhonePlan& plan, std::string_view number) {
  if (number.size() >= 32) return Length::too_long;
  if ((plan.lengths >> number.size() & 1U) != 0) return Length::fine;
  if (plan.lengths >> number.size() == 0) return Length::too_long;
  return (plan.lengths & ((1U << number.size()) - 1)) == 0 ? Length::too_short : Length::none_such;
}

/// What is left of a number without the prefix that is dialled within the country.
std::string without_prefix(const PhonePlan& plan, std::string number) {
  if (plan.national_prefix.empty()) return number;
  const auto prefix = fit_prefix(plan.national_prefix, number);
  if (!prefix) return number;
  std::string rest = number.substr(prefix->length);
  if (!plan.transform.empty() && prefix->captured[prefix->groups - 1]) {
    std::string whole;
    for (std::size_t i = 0; i < plan.transform.size(); ++i)
      if (plan.transform[i] == '\\') {
        whole += prefix->captured[static_cast<std::size_t>(plan.transform[++i] - '1')].value_or("");
      } else {
        whole.push_back(plan.transform[i]);
      }
    rest = whole + rest;
  }
  return fits(plan.number, number) && !fits(plan.number, rest) ? number : rest;
}

/// The same, if something is left that may be a number.
std::string national(const PhonePlan& plan, const std::string& number) {
  std::string rest = without_prefix(plan, number);
  const Length length = length_of(plan, rest);
  return length == Length::fine || length == Length::too_long ? rest : number;
}

/// Countries that share a calling code share what is possible.
std::optional<std::string> made(const PhonePlan& plan, const std::string& number) {
  const PhonePlan* main = main_plan_of(plan.calling_code);
  if (main == nullptr || length_of(*main, number) != Length::fine) return std::nullopt;
  std::string whole = "+" + std::to_string(plan.calling_code) + number;
  if (whole.size() > 1 + digits_max) return std::nullopt;
  return whole;
}

/// Of a number that begins with its calling code.
std::optional<std::string> international(std::string_view digits) {
  if (digits.size() <= national_min || digits.front() == '0') return std::nullopt;
  unsigned code = 0;
  for (std::size_t i = 0; i < calling_code_max && i < digits.size(); ++i) {
    code = code * 10 + static_cast<unsigned>(digits[i] - '0');
    if (const PhonePlan* plan = main_plan_of(code))
      return made(*plan, national(*plan, std::string(digits.substr(i + 1))));
  }
  return std::nullopt;
}

/// How many digits of a number are what is dialled in the country before a calling code.
std::size_t international_prefix(const PhonePlan& plan, std::string_view digits) {
  if (plan.international_prefix.empty()) return 0;
  const auto prefix = fit_prefix(plan.international_prefix, digits);
  if (!prefix) return 0;
  return prefix->length < digits.size() && digits[prefix->length] == '0' ? 0 : prefix->length;
}

}  // namespace

bool has_phone_plan(std::string_view country) { return plan_of(country) != nullptr; }

std::optional<std::string> e164_of(std::string_view text, std::string_view country) {
  const auto typed = read(text);
  if (!typed || typed->digits.empty()) return std::nullopt;
  const std::string& digits = typed->digits;
  const PhonePlan* plan = plan_of(country);
  const bool both = typed->plus && digits.front() == '0';  // "+0049" is meant as either
  if (typed->plus && !both) return international(digits);
  if (plan == nullptr) return std::nullopt;
  if (const std::size_t prefix = international_prefix(*plan, digits); prefix != 0)
    return international(std::string_view(digits).substr(prefix));
  if (both) return std::nullopt;
  // The calling code of the country without the plus, where the number makes no sense with it.
  const std::string code = std::to_string(plan->calling_code);
  if (digits.starts_with(code)) {
    const std::string rest = without_prefix(*plan, digits.substr(code.size()));
    if ((!fits(plan->number, digits) && fits(plan->number, rest)) || length_of(*plan, digits) == Length::too_long)
      return made(*plan, national(*plan, rest));
  }
  return made(*plan, national(*plan, digits));
}

}  // namespace medflow::text
