#include "adapters/json/binding.hpp"

#include <doctest/doctest.h>

#include <string>

#include "patients/patients.fields.hpp"
#include "users/users.fields.hpp"

using namespace medflow;

namespace {

template <class T>
Error set(T& object, std::string_view name, std::string_view text) {
  const Field* field = json::find_field(type_of<T>, name);
  REQUIRE(field != nullptr);
  Error error;
  const bool ok = json::set_from_text(*field, &object, text, error);
  CHECK(ok == (error.code.name.empty() && error.fields.empty()));
  return error;
}

bool names(const Error& error, std::string_view pointer, std::string_view code) {
  return error.fields.size() == 1 && error.fields[0].pointer == pointer && error.fields[0].code == code;
}

}  // namespace

TEST_CASE("parameters set scalars of every kind") {
  patients::List list;
  set(list, "name", "Anna, Maria");
  set(list, "limit", "20");
  set(list, "birth", "1980-05");
  CHECK(list.name == "Anna, Maria");
  CHECK(list.limit == 20);
  CHECK(list.birth->text() == "1980-05");

  patients::Update update;
  set(update, "id", "0192F3A4-1111-7222-8333-444455556666");
  set(update, "revision", "3");
  set(update, "interpreter", "true");
  set(update, "sex_admin", "female");
  set(update, "zone", "Asia/Tokyo");
  CHECK(update.id.text() == "0192f3a4-1111-7222-8333-444455556666");
  CHECK(update.revision == 3U);
  CHECK(update.interpreter);
  CHECK(update.sex_admin == patients::Sex::female);
  CHECK(update.zone->id == "Asia/Tokyo");
  CHECK(json::find_field(type_of<patients::List>, "nothing") == nullptr);
}

TEST_CASE("parameters that do not fit are named") {
  patients::List list;
  patients::Update update;
  for (const char* text : {"", "x", "1.5", "1e2", " 1", "+1", "0x10"})
    CHECK(names(set(list, "limit", text), "/limit", "type.mismatch"));
  CHECK(names(set(list, "limit", "4294967296"), "/limit", "number.out_of_range"));
  CHECK(names(set(list, "limit", "99999999999999999999"), "/limit", "number.out_of_range"));
  CHECK(names(set(update, "revision", "-1"), "/revision", "number.out_of_range"));
  CHECK(names(set(update, "interpreter", "yes"), "/interpreter", "type.mismatch"));
  CHECK(names(set(update, "sex_admin", "f"), "/sex_admin", "enum.unknown"));
  CHECK(names(set(update, "id", "1"), "/id", "format.uuid"));
}

TEST_CASE("lists come by commas and by repetition") {
  users::Invite invite;
  set(invite, "roles", "doctor,nurse");
  set(invite, "roles", "lab");
  CHECK(invite.roles == std::vector<Role>{Role::doctor, Role::nurse, Role::lab});
  CHECK(names(set(invite, "roles", "doctor,dentist"), "/roles", "enum.unknown"));

  patients::Patch patch;
  set(patch, "emails", "a@example.org");
  set(patch, "emails", "b@example.org");
  REQUIRE(patch.emails.sets());
  CHECK(patch.emails.value() == std::vector<std::string>{"a@example.org", "b@example.org"});
}

TEST_CASE("objects and lists of objects come as JSON") {
  patients::Register request;
  set(request, "birth", R"({"date":"1980-05-12"})");
  set(request, "names", R"({"family":"Muller"})");
  set(request, "names", R"([{"family":"Miller"},{"family":"Mueller"}])");
  CHECK(request.birth->date.text() == "1980-05-12");
  REQUIRE(request.names.size() == 3);
  CHECK(request.names[2].family == "Mueller");
  CHECK(names(set(request, "birth", R"({"date":"soon"})"), "/birth/date", "format.partial_date"));
  CHECK(names(set(request, "names", R"([{"given":"x"}])"), "/names/0/given", "type.mismatch"));
  CHECK(set(request, "birth", "1980-05-12").code == codes::malformed);
}
