#include "jobs/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "text/ascii.hpp"

namespace medflow::inline v1::jobs {
namespace {

/// 29 February comes every eight years at worst, on a certain day of the week every forty.
constexpr std::int32_t days_ahead_max = 45 * 366;
constexpr std::size_t text_max = 200;

constexpr std::string_view month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                            "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct FieldForm {
  unsigned min = 0;
  unsigned max = 0;
  std::span<const std::string_view> names{};  ///< of `min` and those after it
};
constexpr FieldForm forms[] = {{.min = 0, .max = 59},
                               {.min = 0, .max = 23},
                               {.min = 1, .max = 31},
                               {.min = 1, .max = 12, .names = month_names},
                               {.min = 0, .max = 7, .names = weekday_names}};

/// What stands before `mark`; `text` is what stands behind it, empty where there is none.
std::string_view cut(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view before = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return before;
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<unsigned> value_of(const FieldForm& form, std::string_view text) {
  for (std::size_t i = 0; i < form.names.size(); ++i)
    if (text::ascii_lower(text) == form.names[i]) return form.min + static_cast<unsigned>(i);
  const auto value = number(text);
  return value && *value >= form.min && *value <= form.max ? value : std::nullopt;
}

/// The bits of one item of a list; none where it is wrong.
std::uint64_t item_bits(const FieldForm& form, std::string_view item) {
  const bool stepped = item.find('/') != std::string_view::npos;
  const bool ranged = item.find('-') != std::string_view::npos;
  std::string_view step_text = item;
  std::string_view to_text = cut(step_text, '/');
  const std::string_view from_text = cut(to_text, '-');
  auto from = value_of(form, from_text);
  auto to = from;
  if (ranged) {
    to = value_of(form, to_text);
  } else if (from_text == "*") {
    from = form.min;
    to = form.max;
  } else if (stepped) {
    to = form.max;
  }
  const auto step = stepped ? number(step_text) : 1U;
  if (!from || !to || !step || *from > *to || *step == 0) return 0;
  std::uint64_t bits = 0;
  for (std::uint64_t value = *from; value <= *to; value += *step) bits |= std::uint64_t{1} << value;
  return bits;
}

std::uint64_t field_bits(const FieldForm& form, std::string_view list) {
  std::uint64_t all = 0;
  for (;;) {
    const bool last = list.find(',') == std::string_view::npos;
    const std::uint64_t bits = item_bits(form, cut(list, ','));
    if (bits == 0) return 0;
    all |= bits;
    if (last) return all;
  }
}

template <class Bits>
bool has(Bits bits, std::int32_t value) {
  return ((bits >> static_cast<unsigned>(value)) & 1U) != 0;
}

}  // namespace

std::optional<Cron> Cron::parse(std::string_view text) {
  std::array<std::string_view, std::size(forms)> fields{};
  std::array<std::uint64_t, std::size(forms)> bits{};
  if (text.size() > text_max) return std::nullopt;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    fields[i] = cut(text, ' ');
    bits[i] = field_bits(forms[i], fields[i]);
    if (bits[i] == 0) return std::nullopt;
  }
  if (text.find_first_not_of(' ') != std::string_view::npos) return std::nullopt;
  return Cron{.minutes = bits[0],
              .hours = static_cast<std::uint32_t>(bits[1]),
              .days = static_cast<std::uint32_t>(bits[2]),
              .months = static_cast<std::uint16_t>(bits[3]),
              .weekdays = static_cast<std::uint8_t>((bits[4] | bits[4] >> 7U) & 0x7FU),
              .either_day = !fields[2].starts_with('*') && !fields[4].starts_with('*')};
}

bool Cron::on_day(std::int32_t day) const {
  const Date date = Date::from_days(day);
  if (!has(months, date.month)) return false;
  const bool in_days = has(days, date.day);
  const bool in_weekdays = has(weekdays, ((day + 4) % 7 + 7) % 7);  // 1 January 1970 was a Thursday
  return either_day ? in_days || in_weekdays : in_days && in_weekdays;
}

// Later times on the wall are never earlier ones in truth, by the rule for gaps and for what is shown twice: so the first that lies behind
// `after` is the one, and none up to what the clocks show at `after` does.
std::optional<Instant> next_run(const Cron& cron, const Zone& zone, Instant after) {
  const LocalDateTime shown = local_in(zone, after);
  const std::int32_t first_day = shown.date.days();
  std::int32_t minute = shown.time.minutes + 1;
  for (std::int32_t day = first_day; day <= first_day + days_ahead_max; ++day, minute = 0) {
    if (!cron.on_day(day)) continue;
    for (; minute < 1'440; ++minute) {
      if (!has(cron.hours, minute / 60) || !has(cron.minutes, minute % 60)) continue;
      const LocalDateTime wall{.date = Date::from_days(day), .time = {static_cast<std::uint16_t>(minute)}};
      const Instant at = meaning_of(zone, wall).first;
      if (after < at) return at;
    }
  }
  return std::nullopt;
}

}  // namespace medflow::inline v1::jobs
