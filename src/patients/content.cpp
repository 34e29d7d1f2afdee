#include "patients/content.hpp"

#include <algorithm>

#include "text/ascii.hpp"
#include "text/phone.hpp"

namespace medflow::inline v1::patients {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool has_letter(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_ascii_letter)) return true;
  text::TokenList tokens;
  text::add_name_tokens(text, tokens);
  return !tokens.empty();
}

bool has_part(const PersonName& name) {
  return has_letter(name.family) || std::any_of(name.given.begin(), name.given.end(), has_letter);
}

class Errors {
 public:
  explicit Errors(std::vector<FieldError> known = {}) : all_(std::move(known)) {}

  void add(std::string pointer, std::string_view code, std::string_view message) {
    if (all_.size() < field_errors_max)
      all_.push_back({.pointer = std::move(pointer), .code = std::string(code), .message = std::string(message)});
  }
  std::vector<FieldError> take() { return std::move(all_); }

 private:
  std::vector<FieldError> all_;
};

std::string item(std::string_view list, std::size_t i, std::string_view member = {}) {
  std::string pointer = "/" + std::string(list) + "/" + std::to_string(i);
  if (!member.empty()) pointer.append("/").append(member);
  return pointer;
}

void check_names(const Patient& patient, Errors& errors) {
  for (std::size_t i = 0; i < patient.names.size(); ++i)
    if (!has_part(patient.names[i]))
      errors.add(item("names", i), "name.empty", "a name needs a family or a given part with a letter");
  if (patient.names.empty() && !patient.unidentified)
    errors.add("/names", "required", "give a name, or say that the patient is unidentified");
}

/// Somewhere it is tomorrow already; a civil date has no zone to tell.
bool is_to_come(const PartialDate& date, Date today) { return date.first().days() > today.days() + 1; }

/// As far as both are known.
bool is_before(const PartialDate& one, const PartialDate& other) {
  if (one.year != other.year || one.month == 0 || other.month == 0) return one.year < other.year;
  if (one.month != other.month || one.day == 0 || other.day == 0) return one.month < other.month;
  return one.day < other.day;
}

void check_birth(const Patient& patient, Date today, Errors& errors) {
  if (!patient.birth) return;
  if (is_to_come(patient.birth->date, today)) errors.add("/birth/date", "date.future", "the date is in the future");
  if (patient.birth->date.year < 1850) errors.add("/birth/date", "date.implausible", "the date is before 1850");
}

void check_death(const Patient& patient, Date today, Errors& errors) {
  if (!patient.deceased || !patient.deceased->at) return;
  const PartialDate& at = *patient.deceased->at;
  if (is_to_come(at, today)) errors.add("/deceased/at", "date.future", "the date is in the future");
  if (patient.birth && is_before(at, patient.birth->date))
    errors.add("/deceased/at", "date.order", "the death is before the birth");
}

void check_identifiers(const Patient& patient, Errors& errors) {
  for (std::size_t i = 0; i < patient.identifiers.size(); ++i) {
    const Identifier& identifier = patient.identifiers[i];
    if (normalise_identifier(identifier.value).empty())
      errors.add(item("identifiers", i, "value"), "required", "the identifier needs a letter or a digit");
    if (identifier.valid_from && identifier.valid_to && *identifier.valid_to < *identifier.valid_from)
      errors.add(item("identifiers", i, "valid_to"), "date.order", "the last day is before the first");
  }
}

void check_contacts(const Patient& patient, Errors& errors) {
  for (std::size_t i = 0; i < patient.phones.size(); ++i)
    if (!patient.phones[i].e164.starts_with('+')) errors.add(item("phones", i, "e164"), "format.e164", text::no_phone);
  for (std::size_t i = 0; i < patient.addresses.size(); ++i)
    if (!patient.addresses[i].country.empty() && !text::is_country(patient.addresses[i].country))
      errors.add(item("addresses", i, "country"), "format.country",
                 "write two upper-case letters (ISO 3166-1 alpha-2)");
}

constexpr std::string_view mask = "****";

}  // namespace

std::string masked(std::string_view value) {
  std::size_t from = value.size();
  for (int shown = 0; from > 0 && shown < 4; --from)
    if ((static_cast<unsigned char>(value[from - 1]) & 0xC0U) != 0x80U) ++shown;  // where a code point begins
  return std::string(mask).append(from == 0 ? std::string_view() : value.substr(from));
}

std::vector<FieldError> unmask(std::vector<Identifier>& said, std::span<const Identifier> stored) {
  std::vector<const Identifier*> meant(said.size());
  // What is stored may begin like a mask itself.
  for (std::size_t i = 0; i < said.size(); ++i)
    for (const Identifier& each : stored)
      if (said[i].value.starts_with(mask) && each.system == said[i].system && each.value == said[i].value)
        meant[i] = &each;
  // Two may look alike: the one that is the same in all else is meant rather.
  for (const bool in_all_else : {true, false}) {
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (meant[i] != nullptr || !said[i].value.starts_with(mask)) continue;
      for (const Identifier& each : stored) {
        Identifier shown = each;
        shown.value = masked(each.value);
        const bool alike = shown.system == said[i].system && shown.value == said[i].value;
        if (!alike || (in_all_else && shown != said[i])) continue;
        if (std::find(meant.begin(), meant.end(), &each) != meant.end()) continue;
        meant[i] = &each;
        break;
      }
    }
  }
  Errors errors;
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (meant[i] != nullptr) {
      said[i].value = meant[i]->value;
    } else if (said[i].value.starts_with(mask)) {
      errors.add(item("identifiers", i, "value"), "identifier.masked",
                 "it is masked, and stands for none that is stored");
    }
  }
  return errors.take();
}

std::vector<FieldError> content_errors(const Patient& patient, Date today, std::vector<FieldError> known) {
  Errors errors(std::move(known));
  check_names(patient, errors);
  check_birth(patient, today, errors);
  check_death(patient, today, errors);
  check_identifiers(patient, errors);
  check_contacts(patient, errors);
  for (std::size_t i = 0; i < patient.extensions.size(); ++i)
    if (patient.extensions[i].value.size() > 2048)
      errors.add(item("extensions", i, "value"), "text.too_long", "at most 2,048 bytes");
  if (patient.status != PatientStatus::active && patient.status != PatientStatus::inactive)
    errors.add("/status", "enum.unknown", "only active and inactive can be set");
  return errors.take();
}

void require_content(const Patient& patient, Date today, std::vector<FieldError> known) {
  Error error{.code = codes::invalid};
  error.fields = content_errors(patient, today, std::move(known));
  if (!error.fields.empty()) throw Failure(std::move(error));
}

void normalise_phones(Patient& patient, std::span<const Phone> known, std::string_view country) {
  for (Phone& phone : patient.phones) {
    const auto same = [&](const Phone& one) { return one.e164 == phone.e164; };
    if (std::any_of(known.begin(), known.end(), same)) continue;
    phone.e164 = text::e164_of(phone.e164, country).value_or("");
  }
}

Birth birth_of_age(const Age& age, Date today) {
  if (age.years.has_value() == age.months.has_value())
    throw Failure(codes::invalid, "/age", "required", "give the age in years or in months");
  if (age.years)
    return {.date = {.year = static_cast<std::int16_t>(today.year - static_cast<int>(*age.years))}, .estimated = true};
  const int months = today.year * 12 + today.month - 1 - static_cast<int>(*age.months);
  return {.date = {.year = static_cast<std::int16_t>(months / 12), .month = static_cast<std::uint8_t>(months % 12 + 1)},
          .estimated = true};
}

std::string normalise_identifier(std::string_view value) {
  std::string normal;
  for (char c : value)
    if (!is_space(c) && c != '.' && c != '-') normal.push_back(text::ascii_lower(c));
  return normal;
}

std::string normalise_email(std::string_view email) { return text::ascii_lower(email); }

NameEntry name_entry(const Patient& patient) {
  NameEntry entry;
  const auto add = [&](const PersonName& name, std::string& family, std::string& given_names) {
    text::add_name_tokens(name.family, entry.tokens, family);
    for (const std::string& given : name.given) text::add_name_tokens(given, entry.tokens, given_names);
  };
  std::string unsorted;  // lists are sorted by the first name alone
  for (const PersonName& name : patient.names) {
    if (&name == &patient.names.front())
      add(name, entry.family, entry.given);
    else
      add(name, unsorted, unsorted);
  }
  if (patient.birth) entry.birth = patient.birth->date.first().days();
  entry.revision = static_cast<std::uint32_t>(patient.revision);
  return entry;
}

bool name_matches(const Patient& patient, std::span<const text::QueryToken> query) {
  text::TokenList tokens;
  for (const PersonName& name : patient.names) {
    text::add_name_tokens(name.family, tokens);
    for (const std::string& given : name.given) text::add_name_tokens(given, tokens);
  }
  const auto begins_a_token = [&](std::string_view form) {
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (tokens[i].starts_with(form)) return true;
    return false;
  };
  return std::all_of(query.begin(), query.end(), [&](const text::QueryToken& word) {
    return std::any_of(word.alternatives.begin(), word.alternatives.end(), [&](const std::vector<std::string>& forms) {
      return std::all_of(forms.begin(), forms.end(), begins_a_token);
    });
  });
}

}  // namespace medflow::inline v1::patients
