#include "adapters/json/codec.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "patients/patients.fields.hpp"
#include "services/services.fields.hpp"
#include "tenants/tenants.fields.hpp"
#include "users/users.fields.hpp"

using namespace medflow;

namespace {

template <class T>
Error refused(std::string_view json) {
  T object;
  Error error;
  CHECK_FALSE(json::decode(json, type_of<T>, &object, error));
  return error;
}

template <class T>
T read(std::string_view json) {
  T object;
  Error error;
  const bool ok = json::decode(json, type_of<T>, &object, error);
  CAPTURE(error.code.name);
  CAPTURE(error.detail);
  if (!error.fields.empty()) CAPTURE(error.fields[0].pointer);
  REQUIRE(ok);
  return object;
}

template <class T>
std::string written(const T& object, json::Secrets secrets = json::Secrets::leave_out) {
  std::string out;
  json::encode(type_of<T>, &object, out, secrets);
  return out;
}

bool names(const Error& error, std::string_view pointer, std::string_view code) {
  return std::any_of(error.fields.begin(), error.fields.end(),
                     [&](const FieldError& field) { return field.pointer == pointer && field.code == code; });
}

struct Sums {
  Money total{};
  std::uint64_t revision = 0;
  std::int64_t delta = 0;
  std::uint8_t small = 0;
  std::vector<std::vector<std::string>> table{};
  std::string hidden = "seed";
};

struct Opening {
  TimeOfDay from{};
  LocalDateTime first{};
};

}  // namespace

namespace medflow {
template <>
struct Described<Sums> {
  static constexpr std::string_view name = "Sums";
  static constexpr Field fields[] = {field<&Sums::total>(1, "total"), field<&Sums::revision>(2, "revision"),
                                     field<&Sums::delta>(3, "delta"), field<&Sums::small>(4, "small"),
                                     field<&Sums::table>(5, "table"), field<&Sums::hidden>(6, "hidden", secret)};
};
template <>
struct Described<Opening> {
  static constexpr std::string_view name = "Opening";
  static constexpr Field fields[] = {field<&Opening::from>(1, "from"), field<&Opening::first>(2, "first")};
};
}  // namespace medflow

TEST_CASE("a patient survives the way to JSON and back") {
  patients::Patient patient{.revision = 7,
                            .mrn = "MF-00000001-8",
                            .names = {{.family = "Müller \"<&>\" \xE2\x80\xA8", .given = {"Anna\n", "李"}}},
                            .birth = patients::Birth{.date = *PartialDate::parse("1980-05"), .estimated = true},
                            .sex_admin = patients::Sex::other,
                            .zone = Zone{"Europe/London"},
                            .deceased = patients::Deceased{.at = *PartialDate::parse("2024-02-29")},
                            .extensions = {{.url = "https://example.org/a", .value = "1"}},
                            .created_at = Instant{1'700'000'000'000'000}};
  patient.id = *PatientId::parse("0192f3a4-1111-7222-8333-444455556666");
  patient.created_by = *UserId::parse("0192f3a4-1111-7222-8333-444455556667");
  const std::string text = written(patient);
  const auto back = read<patients::Patient>(text);
  CHECK(written(back) == text);
  CHECK(back.id == patient.id);
  CHECK(back.names == patient.names);
  CHECK(back.birth == patient.birth);
  CHECK(back.deceased == patient.deceased);
  CHECK(back.zone == patient.zone);
  CHECK(back.updated_by.is_nil());
}

TEST_CASE("R2: instants are RFC 3339 in UTC, dates ISO 8601") {
  const std::string text =
      written(patients::Patient{.birth = patients::Birth{.date = *PartialDate::parse("1980-05-12")},
                                .created_at = Instant{1'700'000'000'000'000}});
  CHECK(text.find(R"("date":"1980-05-12")") != std::string::npos);
  CHECK(text.find(R"("created_at":"2023-11-14T22:13:20Z")") != std::string::npos);
  CHECK(names(refused<patients::Patient>(R"({"created_at":"2016-12-31T23:59:60Z"})"), "/created_at", "format.instant"));
  CHECK(names(refused<patients::Patient>(R"({"birth":{"date":"1981-02-29"}})"), "/birth/date", "format.partial_date"));
}

TEST_CASE("R2: times of day and local times are texts without a zone") {
  const auto opening = read<Opening>(R"({"from":"09:30","first":"2026-03-08T02:30:00"})");
  CHECK(opening.from.text() == "09:30");
  CHECK(written(opening) == R"({"from":"09:30","first":"2026-03-08T02:30"})");
  CHECK(names(refused<Opening>(R"({"from":"24:00"})"), "/from", "format.time"));
  CHECK(names(refused<Opening>(R"({"from":"09:30:00"})"), "/from", "format.time"));
  CHECK(names(refused<Opening>(R"({"from":570})"), "/from", "type.mismatch"));
  for (const char* text : {"2026-03-08", "2026-03-08T02:30Z", "2026-03-08T02:30+01:00", "2026-02-29T02:30", ""})
    CHECK(names(refused<Opening>(R"({"first":")" + std::string(text) + "\"}"), "/first", "format.local_date_time"));
}

TEST_CASE("what has no value is absent; texts and lists are always there") {
  const std::string text = written(patients::Patient{});
  CHECK(text.find("\"birth\"") == std::string::npos);
  CHECK(text.find("\"id\"") == std::string::npos);
  CHECK(text.find("\"deleted_at\"") == std::string::npos);
  CHECK(text.find(R"("mrn":"")") != std::string::npos);
  CHECK(text.find(R"("names":[])") != std::string::npos);
}

TEST_CASE("SEC-1: text is harmless in HTML and JavaScript") {
  const auto name = patients::PersonName{.family = "</script>&\xE2\x80\xA8\xE2\x80\xA9\xE2\x82\xAC\x01\\\""};
  const std::string text = written(name);
  CHECK(text.find(R"("\u003c/script\u003e\u0026\u2028\u2029€\u0001\\\"")") != std::string::npos);
  CHECK(read<patients::PersonName>(text) == name);
}

TEST_CASE("long texts are escaped whole, wherever their pieces end") {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string value(1021 + shift, 'a');
    for (int i = 0; i < 900; ++i) value += "\xE2\x80\xA8<é";
    const patients::PersonName name{.family = value};
    const std::string text = written(name);
    CHECK(text.find('<') == std::string::npos);
    CHECK(text.find("\xE2\x80\xA8") == std::string::npos);
    CHECK(read<patients::PersonName>(text) == name);
  }
}

TEST_CASE("secrets are in no answer") {
  auth::Login login{.email = "a@example.org", .password = Secret("correct horse")};
  CHECK(written(login).find("correct") == std::string::npos);
  CHECK(written(Sums{}).find("seed") == std::string::npos);
  SUBCASE("but a client sends them") {
    const auto back = read<auth::Login>(written(login, json::Secrets::write));
    CHECK(back.password.reveal() == "correct horse");
  }
  SUBCASE("and with escapes they arrive whole") {
    CHECK(read<auth::Login>(R"({"email":"a","password":"a\u00e9\n\"b"})").password.reveal() == "a\xC3\xA9\n\"b");
  }
}

TEST_CASE("R6: money is whole minor units, and numbers are never rounded") {
  const auto sums =
      read<Sums>(R"({"total":{"amount":-9223372036854775808,"currency":"JPY"},"delta":9223372036854775807})");
  CHECK(sums.total.minor == std::numeric_limits<std::int64_t>::min());
  CHECK(sums.total.currency.exponent == 0);
  CHECK(sums.delta == std::numeric_limits<std::int64_t>::max());
  CHECK(written(sums).find(R"("total":{"amount":-9223372036854775808,"currency":"JPY"})") != std::string::npos);
  for (const char* number : {"1.0", "1e2", "0.5", "-1E0"})
    CHECK(names(refused<Sums>(std::string(R"({"delta":)") + number + "}"), "/delta", "type.mismatch"));
  for (const char* number : {"9223372036854775808", "18446744073709551616", "-9223372036854775809"})
    CHECK(names(refused<Sums>(std::string(R"({"delta":)") + number + "}"), "/delta", "number.out_of_range"));
  CHECK(names(refused<Sums>(R"({"small":256})"), "/small", "number.out_of_range"));
  CHECK(names(refused<Sums>(R"({"revision":-1})"), "/revision", "number.out_of_range"));
  CHECK(names(refused<Sums>(R"({"total":{"amount":1,"currency":"XQQ"}})"), "/total/currency", "currency.unknown"));
  CHECK(names(refused<Sums>(R"({"total":{"amount":1}})"), "/total/currency", "required"));
}

TEST_CASE("lists within lists") {
  const auto sums = read<Sums>(R"({"table":[["a","b"],[],["c"]]})");
  REQUIRE(sums.table.size() == 3);
  CHECK(sums.table[0] == std::vector<std::string>{"a", "b"});
  CHECK(names(refused<Sums>(R"({"table":[["a"],["b",1]]})"), "/table/1/1", "type.mismatch"));
}

TEST_CASE("R9: all errors at once, each with its pointer") {
  const Error error = refused<patients::Register>(
      R"({"names":[{"family":5},{"use":"stage","given":["a",true]}],"birth":{},"phones":{},"a/b~c":{"x":[1,{}]},
          "emails":["a"],"emails":["b"],"id":"nothing","interpreter":"yes"})");
  CHECK(error.code == codes::invalid);
  CHECK(error.fields.size() == 10);
  CHECK(names(error, "/names/0/family", "type.mismatch"));
  CHECK(names(error, "/names/1/use", "enum.unknown"));
  CHECK(names(error, "/names/1/given/1", "type.mismatch"));
  CHECK(names(error, "/birth/date", "required"));
  CHECK(names(error, "/phones", "type.mismatch"));
  CHECK(names(error, "/a~1b~0c", "member.unknown"));
  CHECK(names(error, "/emails", "member.duplicate"));
  CHECK(names(error, "/id", "format.uuid"));
  CHECK(names(error, "/interpreter", "type.mismatch"));
  CHECK(names(error, "/sex_admin", "required"));
}

TEST_CASE("R9: at most 100 errors, and none repeats what was sent") {
  std::string json = R"({"sex_admin":"Canary-1","x":"Canary-2")";
  for (int i = 0; i < 200; ++i) json += ",\"y" + std::to_string(i) + "\":1";
  const Error error = refused<patients::Register>(json + ",\"" + std::string(5000, 'z') + "\":1}");
  CHECK(error.fields.size() == 100);
  for (const FieldError& field : error.fields) {
    CHECK(field.message.find("Canary") == std::string::npos);
    CHECK(field.pointer.size() < 100);
  }
}

TEST_CASE("null is absent for an optional, removal for a change, and wrong for the rest") {
  const auto request = read<patients::Register>(R"({"sex_admin":"female","birth":null,"zone":null})");
  CHECK_FALSE(request.birth);
  CHECK_FALSE(request.zone);
  const auto patch = read<patients::Patch>(
      R"({"id":"0192f3a4-1111-7222-8333-444455556666","birth":null,"sex_admin":"male","deceased":{"cause":null}})");
  CHECK(patch.birth.removes());
  CHECK(patch.sex_admin.sets());
  CHECK(patch.sex_admin.value() == patients::Sex::male);
  CHECK(patch.names.keeps());
  REQUIRE(patch.deceased.sets());
  CHECK(patch.deceased.value().cause.removes());
  CHECK(patch.deceased.value().at.keeps());
  CHECK(
      written(patch) ==
      R"({"id":"0192f3a4-1111-7222-8333-444455556666","birth":null,"sex_admin":"male","deceased":{"cause":null},"force":false,"reason":""})");
  CHECK(names(refused<patients::Register>(R"({"sex_admin":"male","mrn":null})"), "/mrn", "type.mismatch"));
  CHECK(names(refused<patients::Register>(R"({"sex_admin":"male","names":[null]})"), "/names/0", "type.mismatch"));
}

TEST_CASE("R4: bytes that are no UTF-8 have a code of their own") {
  CHECK(refused<Sums>("{\"hidden\":\"a\xC0\xAF\"}").code == codes::invalid_utf8);
  CHECK(refused<Sums>("{\"hidden\":\"\xED\xA0\x80\"}").code == codes::invalid_utf8);
  CHECK(refused<Sums>("{\"hidden\":\"\xF4\x90\x80\x80\"}").code == codes::invalid_utf8);
  CHECK(refused<Sums>("{\"hidden\":\"\xE2\x82\"}").code == codes::invalid_utf8);
  CHECK(read<Sums>("{\"hidden\":\"\xF0\x9F\x8F\xA5\"}").hidden == "\xF0\x9F\x8F\xA5");
}

TEST_CASE("what is not JSON is malformed, and only the place is said") {
  for (const char* text :
       {"", " ", "{", "{\"delta\":1", "{\"delta\":1}}", "{\"delta\":1} x", "{'delta':1}", "{\"delta\":01}",
        "{\"delta\":1,}", "{\"delta\":NaN}", "{\"delta\":1 /* no */}", "\xEF\xBB\xBF{}"}) {
    CAPTURE(text);
    const Error error = refused<Sums>(text);
    CHECK(error.code == codes::malformed);
    CHECK(error.fields.empty());
  }
  CHECK(refused<Sums>(R"({"delta": Canary})").detail == "Not JSON at byte 10.");
  CHECK(names(refused<Sums>("[]"), "", "type.mismatch"));
  CHECK(read<Sums>(" \n{ \"delta\" : -0 }\r\n\t").delta == 0);
}

TEST_CASE("R13: depth, items and size have limits") {
  const auto nested = [](std::size_t depth) {
    return R"({"x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  CHECK(refused<Sums>(nested(32)).code == codes::invalid);
  CHECK(refused<Sums>(nested(33)).code == codes::malformed);
  CHECK(refused<Sums>(std::string(2'000'000, '[')).code == codes::too_large);

  Sums answer;
  Error larger;
  const std::string long_text = R"({"hidden":")" + std::string(json::bytes_max, 'x') + "\"}";
  CHECK_FALSE(json::decode(long_text, type_of<Sums>, &answer, larger));
  larger = {};
  CHECK(json::decode(long_text, type_of<Sums>, &answer, larger, 2 * json::bytes_max));

  std::string many = R"({"table":[)";
  for (std::size_t i = 0; i < json::items_max; ++i) many += "[],";
  CHECK(names(refused<Sums>(many + "[]]}"), "/table", "list.too_long"));
  many.back() = ']';
  CHECK(read<Sums>(many + "}").table.size() == json::items_max);

  // A list with a limit of its own is not read beyond it.
  std::string listed = R"({"sex_admin":"male","names":[)";
  for (int i = 0; i < 11; ++i) listed += i == 0 ? "{}" : ",{}";
  const Error error = refused<patients::Register>(listed + "]}");
  CHECK(error.fields.size() == 1);
  CHECK(names(error, "/names", "list.too_long"));
}

TEST_CASE("a request may be put together from path, body and flags") {
  patients::Update request;
  json::Given given;
  Error error;
  const Type& type = type_of<patients::Update>;
  given.add(type, type.fields[0]);  // id, by the path
  REQUIRE(json::merge(R"({"revision":3,"mrns":1})", type, &request, given, error) == false);
  CHECK(names(error, "/mrns", "member.unknown"));

  error = {};
  given = {};
  given.add(type, type.fields[0]);
  REQUIRE(json::merge(R"({"revision":3})", type, &request, given, error));
  CHECK(request.revision == 3U);
  CHECK(json::require(type, given, error));

  CHECK_FALSE(json::merge(R"({"id":"0192f3a4-1111-7222-8333-444455556666"})", type, &request, given, error));
  CHECK(names(error, "/id", "member.duplicate"));

  error = {};
  CHECK_FALSE(json::require(type, json::Given{}, error));
  CHECK(error.code == codes::invalid);
  CHECK(names(error, "/id", "required"));
}

TEST_CASE("USR-4: the tenant may be named in the body of a sign-in") {
  std::string tenant;
  const json::Extra extra{.name = "tenant", .text = &tenant};
  const Type& type = type_of<auth::Login>;
  const auto run = [&](std::string_view json) {
    auth::Login login;
    json::Given given;
    Error error;
    json::merge(json, type, &login, given, error, extra);
    return error;
  };
  CHECK(run(R"({"email":"a@example.org","tenant":"mercy","password":"p"})").fields.empty());
  CHECK(tenant == "mercy");
  CHECK(names(run(R"({"tenant":["mercy"]})"), "/tenant", "type.mismatch"));
  CHECK(names(run(R"({"tenant":7})"), "/tenant", "type.mismatch"));
  CHECK(names(run(R"({"tenant":"a","tenant":"b"})"), "/tenant", "member.duplicate"));
}

TEST_CASE("PRV-4: a list that is sent takes the place of one that a member begins with") {
  const std::string start = R"({"code":"C","name":"Consultation")";
  CHECK(read<services::Create>(start + "}").reminders_min == std::vector<std::uint32_t>{1440, 120});
  CHECK(read<services::Create>(start + R"(,"reminders_min":[60]})").reminders_min == std::vector<std::uint32_t>{60});
  CHECK(read<services::Create>(start + R"(,"reminders_min":[]})").reminders_min.empty());
}
