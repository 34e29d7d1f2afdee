#include "kernel/validate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "patients/patients.fields.hpp"
#include "tenants/tenants.fields.hpp"
#include "users/users.fields.hpp"

using namespace medflow;

namespace {

template <class T>
std::vector<FieldError> broken(T& object) {
  std::vector<FieldError> errors;
  kernel::validate(type_of<T>, &object, errors);
  return errors;
}

/// The code of the only field that is wrong; empty where none is.
template <class T>
std::string only(T object, std::string_view pointer) {
  const auto errors = broken(object);
  if (errors.empty()) return {};
  CHECK(errors.size() == 1);
  CHECK(errors[0].pointer == pointer);
  return errors[0].code;
}

patients::Register of_name(patients::PersonName name) { return {.names = {std::move(name)}}; }

tenants::Provision provision() {
  return {.slug = "mercy", .name = "Mercy", .default_zone = {"Europe/London"}, .currency = *Currency::parse("EUR")};
}

struct Shapes {
  std::int64_t small = 0;
  std::vector<Uuid> ids{};
  Date day{};
  PartialDate about{};
  Instant at{};
  patients::Sex sex = patients::Sex::unknown;
  Money price{.currency = *Currency::parse("EUR")};
  std::string note{};
};

}  // namespace

namespace medflow {
template <>
struct Described<Shapes> {
  using T = Shapes;
  static constexpr std::string_view name = "Shapes";
  static constexpr Field fields[] = {field<&T::small>(1, "small", none, {.min = -5, .max = 5}),
                                     field<&T::ids>(2, "ids"),
                                     field<&T::day>(3, "day"),
                                     field<&T::about>(4, "about"),
                                     field<&T::at>(5, "at"),
                                     field<&T::sex>(6, "sex"),
                                     field<&T::price>(7, "price"),
                                     field<&T::note>(8, "note", none, {.max = 10, .text = TextRule::note})};
};
}  // namespace medflow

TEST_CASE("R4: texts become NFC in place, and their length counts code points") {
  patients::Register request = of_name({.family = "Mu\xCC\x88ller"});  // u and a combining diaeresis
  CHECK(broken(request).empty());
  CHECK(request.names[0].family == "M\xC3\xBCller");

  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "u\xCC\x88";
  patients::Register longest = of_name({.family = umlauts});
  CHECK(broken(longest).empty());
  CHECK(longest.names[0].family.size() == 200);
  CHECK(only(of_name({.family = umlauts + "u"}), "/names/0/family") == "text.too_long");
  CHECK(only(of_name({.family = std::string(101, 'a')}), "/names/0/family") == "text.too_long");
}

TEST_CASE("R4: what is no UTF-8 and what controls the display is refused") {
  CHECK(only(of_name({.family = "a\xC0\xAF"}), "/names/0/family") == "text.invalid_utf8");
  CHECK(only(of_name({.family = "a\x01"}), "/names/0/family") == "text.control_character");
  CHECK(only(of_name({.family = std::string("a\0b", 3)}), "/names/0/family") == "text.control_character");
  CHECK(only(of_name({.family = "a\x7F"}), "/names/0/family") == "text.control_character");
  CHECK(only(of_name({.family = "a\xC2\x85"}), "/names/0/family") == "text.control_character");
  CHECK(only(of_name({.family = "a\xE2\x80\xAE"}), "/names/0/family") == "text.control_character");
  CHECK(only(of_name({.family = "a\nb"}), "/names/0/family") == "text.control_character");
  CHECK(only(Shapes{.note = "a\n\tb"}, "") == "");
  CHECK(only(Shapes{.note = "a\rb"}, "/note") == "text.control_character");
}

TEST_CASE("R9: all errors at once, with pointers into lists, at most 100") {
  patients::Register request{.names = {{.given = {"a", std::string(101, 'b')}}, {.script = "Latin"}},
                             .identifiers = {{.system = "no-uri", .value = std::string(65, 'x')}},
                             .phones = {{}},
                             .emails = {"a@example.org", "nobody"},
                             .zone = Zone{"Europe/Nowhere"}};
  const auto errors = broken(request);
  const auto has = [&](std::string_view pointer, std::string_view code) {
    return std::any_of(errors.begin(), errors.end(),
                       [&](const FieldError& error) { return error.pointer == pointer && error.code == code; });
  };
  CHECK(errors.size() == 7);
  CHECK(has("/names/0/given/1", "text.too_long"));
  CHECK(has("/names/1/script", "text.too_long"));
  CHECK(has("/identifiers/0/system", "format.uri"));
  CHECK(has("/identifiers/0/value", "text.too_long"));
  CHECK(has("/phones/0/e164", "required"));
  CHECK(has("/emails/1", "format.email"));
  CHECK(has("/zone", "zone.unknown"));

  patients::Register many;
  many.facilities.assign(100, *FacilityId::parse("0192f3a4-1111-7222-8333-444455556666"));
  for (auto& names = many.names; names.size() < 10;)
    names.push_back({.given = {"\x01", "\x01", "\x01", "\x01", "\x01"}, .prefix = "\x01", .suffix = "\x01"});
  for (auto& flags = many.flags; flags.size() < 50;) flags.push_back({});
  CHECK(broken(many).size() == 100);
}

TEST_CASE("no message repeats what was given") {
  patients::Register request = of_name({.family = "Canary\x01", .script = "Canary"});
  for (const FieldError& error : broken(request))
    CHECK((error.message + error.pointer).find("Canary") == std::string::npos);
}

TEST_CASE("EXT-1: at most 32 extensions of at most 2,048 characters") {
  const patients::Extension one{.url = "https://example.org/a", .value = std::string(2048, 'x')};
  patients::Register request;
  request.extensions.assign(32, one);
  CHECK(only(request, "") == "");
  request.extensions.push_back(one);
  CHECK(only(request, "/extensions") == "list.too_long");
  CHECK(only(patients::Register{.extensions = {{.url = one.url, .value = one.value + "x"}}}, "/extensions/0/value") ==
        "text.too_long");
}

TEST_CASE("R10: a page is of 1 to 200") {
  CHECK(only(patients::List{.limit = 1}, "") == "");
  CHECK(only(patients::List{.limit = 200}, "") == "");
  CHECK(only(patients::List{.limit = 0}, "/limit") == "number.out_of_range");
  CHECK(only(patients::List{.limit = 201}, "/limit") == "number.out_of_range");
}

TEST_CASE("what is required must be there") {
  patients::Get get;
  CHECK(only(get, "/id") == "required");
  tenants::Provision nothing;
  CHECK(broken(nothing).size() == 4);
  CHECK(only(provision(), "") == "");
  imports::Patients without_content;
  CHECK(only(without_content, "/content") == "required");
  auth::Login login{.email = "a@example.org"};
  CHECK(only(login, "/password") == "required");
}

TEST_CASE("forms of text are checked") {
  const auto slug = [](std::string text) {
    auto request = provision();
    request.slug = std::move(text);
    return only(request, "/slug");
  };
  CHECK(slug("st-mary-2") == "");
  CHECK(slug("ab") == "text.too_short");
  CHECK(slug(std::string(41, 'a')) == "text.too_long");
  CHECK(slug("Mercy") == "format.slug");
  CHECK(slug("a b") == "format.slug");
  CHECK(slug("caf\xC3\xA9") == "format.slug");

  const auto email = [](std::string text) {
    return only(patients::Register{.emails = {std::move(text)}}, "/emails/0");
  };
  for (const char* good : {"a@example.org", "a.b+c@sub.example.org", "root@localhost", "\xC3\xBC@ex\xC3\xA4mple.org"})
    CHECK(email(good) == "");
  for (const char* bad :
       {"a", "@example.org", "a@", "a@b", "a@@example.org", "a b@example.org", "a@exa mple.org", ".a@example.org",
        "a@-x.org", "a@example..org", "a@example.org.", "\"a\"@example.org", "a@b.org,c@d.org"})
    CHECK(email(bad) == "format.email");

  const auto uri = [](std::string text) {
    return only(patients::Register{.extensions = {{.url = std::move(text)}}}, "/extensions/0/url");
  };
  for (const char* good : {"https://example.org/a?b#c", "urn:oid:2.16.840.1.113883", "http://a/%41"})
    CHECK(uri(good) == "");
  for (const char* bad :
       {"example.org", "/a", "http:", "1a:b", "http://a b", "http://a/%4", "http://a/<b>", "ht\xC3\xBC:a"})
    CHECK(uri(bad) == "format.uri");
}

TEST_CASE("numbers, days, words and currencies that C++ lets through are refused") {
  CHECK(only(Shapes{.small = -5}, "") == "");
  CHECK(only(Shapes{.small = -6}, "/small") == "number.out_of_range");
  CHECK(only(Shapes{.day = {.year = 2023, .month = 2, .day = 29}}, "/day") == "date.invalid");
  CHECK(only(Shapes{.about = {.year = 1980, .month = 13}}, "/about") == "date.invalid");
  CHECK(only(Shapes{.about = {.year = 1980, .month = 0, .day = 5}}, "/about") == "date.invalid");
  CHECK(only(Shapes{.at = {std::numeric_limits<std::int64_t>::max()}}, "/at") == "instant.out_of_range");
  CHECK(only(Shapes{.sex = static_cast<patients::Sex>(9)}, "/sex") == "enum.unknown");
  CHECK(only(Shapes{.price = {.minor = 5, .currency = {.letters = {'X', 'Q', 'Q'}}}}, "/price") == "currency.unknown");
  CHECK(only(Shapes{.ids = {Uuid{}}}, "/ids/0") == "required");
}

TEST_CASE("of a partial update only what is given is checked") {
  patients::Patch patch{.id = *PatientId::parse("0192f3a4-1111-7222-8333-444455556666")};
  CHECK(only(patch, "") == "");
  patch.gender_identity = Change<std::string>(std::string(61, 'x'));
  CHECK(only(patch, "/gender_identity") == "text.too_long");
  patch.gender_identity = Change<std::string>::removed();
  CHECK(only(patch, "") == "");
  patch.birth = patients::BirthPatch{.date = PartialDate{.year = 1980, .month = 2, .day = 30}};
  CHECK(only(patch, "/birth/date") == "date.invalid");
}

TEST_CASE("passwords are NFC too, and may hold anything") {
  auth::Login login{.email = "a@example.org", .password = Secret("u\xCC\x88\n")};
  CHECK(broken(login).empty());
  CHECK(login.password.reveal() == "\xC3\xBC\n");
}

TEST_CASE("a broken request is a failure with all its fields") {
  patients::List list{.limit = 0};
  try {
    kernel::require_valid(type_of<patients::List>, &list);
    FAIL("accepted");
  } catch (const Failure& failure) {
    CHECK(failure.error.code == codes::invalid);
    CHECK(failure.error.fields.size() == 1);
  }
}
