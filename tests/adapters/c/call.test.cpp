#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "adapters/json/codec.hpp"
#include "adapters/json/problem.hpp"
#include "tests/adapters/c/clinic.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("CAB-2: every operation of the registry is reached by its name, with any request, and none ends in a crash") {
  const Clinic clinic;
  const auto listed = must(with_out([](char** out) { return medflow_operations(out); })).text;
  const std::string big(100'000, '[');
  const std::string missing = R"({"id":"01890a5d-ac96-774b-bcce-b302099a8057"})";
  const std::vector<const char*> requests{nullptr,
                                          "{}",
                                          missing.c_str(),
                                          "",
                                          "{",
                                          "[]",
                                          "null",
                                          "7",
                                          "\"\xff\"",
                                          "{\"\xff\":1}",
                                          R"({"id":7})",
                                          R"({"no_such_member":1})",
                                          R"({"id":null,"id":null})",
                                          big.c_str()};
  for (const OperationRow& row : operations()) {
    const std::string name(row.operation->name);
    CAPTURE(name);
    CHECK(listed.find("{\"name\":\"" + name + "\",") != std::string::npos);
    for (const medflow_handle session : {clinic.root, clinic.admin, clinic.desk, clinic.visitor()}) {
      for (const char* request : requests) {
        if (name == "auth.logout") break;  // would end the sessions
        CAPTURE(request);
        const Answer answer = with_out([&](char** out) {
          return medflow_call_keyed(session, name.c_str(), request, row.operation->key_required ? "key" : nullptr, out);
        });
        CHECK(answer.status >= MEDFLOW_OK);
        CHECK(answer.status < MEDFLOW_INTERNAL);
        CHECK(answer.code() != "operation.unknown");
        CHECK(answer.code() != "handle.invalid");
        CHECK((answer.status == MEDFLOW_OK || answer.text.starts_with("{\"type\":\"/api/docs/errors#")));
      }
    }
  }
  const Answer gone = call(clinic.desk, "auth.logout", "{}");
  CHECK(gone.code() == "ok");
  CHECK(gone.text.empty());  // HTTP's 204
  CHECK(call(clinic.desk, "profile.get", "{}").code() == "unauthenticated");
}

TEST_CASE("CAB-2: an answer is byte for byte what the C++ call of the same operation answers in JSON") {
  const TemporaryFolder folder;
  std::string expected;
  std::string expected_error;
  std::string request;
  const std::string email = Hospital::email_of(Role::receptionist);
  {
    Hospital hospital = make_platform(storage::sqlcipher_engine(folder / "data"));
    const Session desk = hospital.as(Role::receptionist);
    const auto made = must(desk.call(patients::Register{.names = {{.family = "Müller", .given = {"Anna", "<b>"}}},
                                                        .birth = {{*PartialDate::parse("1985-03")}},
                                                        .emails = {"a@b.org"}}));
    request = R"({"id":")" + made.id.text() + "\"}";
    const auto read = must(desk.call(patients::Get{.id = made.id}));
    json::encode(*find_operation("patients.get")->output, &read, expected);
    const auto failed = desk.call(patients::Register{.emails = {"no address"}});
    REQUIRE_FALSE(failed.ok());
    json::encode_error(failed.error(), expected_error);
  }
  const medflow_handle platform = open_platform("sqlcipher:" + folder / "data", false);
  const medflow_handle desk = sign_in(platform, "saint-mary", email, Hospital::password);
  CHECK(call(desk, "patients.get", request).text == expected);
  CHECK(call(desk, "patients.register", R"({"emails":["no address"],"sex_admin":"unknown"})").text == expected_error);
  CHECK(medflow_release(platform) == MEDFLOW_OK);
}

TEST_CASE("CAB-1: a missing argument is named") {
  const Clinic clinic;
  medflow_handle made = 0;
  const auto named = [](const Answer& answer) { return answer.code() + " " + answer.member("pointer"); };
  CHECK(named(call(clinic.desk, nullptr, "{}")) == "invalid /operation");
  CHECK(named(with_out([&](char** out) { return medflow_visit(clinic.platform, nullptr, &made, out); })) ==
        "invalid /tenant");
  CHECK(named(with_out([&](char** out) { return medflow_visit(clinic.platform, "x", nullptr, out); })) ==
        "invalid /session");
  CHECK(named(with_out([&](char** out) { return medflow_authenticate(clinic.platform, nullptr, &made, out); })) ==
        "invalid /access_token");
  CHECK(named(with_out([&](char** out) { return medflow_operator(clinic.platform, nullptr, &made, out); })) ==
        "invalid /label");
  CHECK(named(with_out([&](char** out) { return medflow_operator(clinic.platform, "two words", &made, out); })) ==
        "invalid /label");
  CHECK(named(with_out([&](char** out) { return medflow_open(nullptr, nullptr, 0, &made, out); })) ==
        "invalid /engine");
  CHECK(named(with_out([&](char** out) { return medflow_make_root_key(nullptr, out); })) == "invalid /path");
  CHECK(named(with_out([&](char** out) {
          return medflow_call_content(clinic.admin, "imports.patients", "{}", nullptr, nullptr, 5, out);
        })) == "invalid /content");
  CHECK(named(with_out([&](char** out) {
          return medflow_call_reader(clinic.admin, "imports.patients", "{}", nullptr, nullptr, nullptr, out);
        })) == "invalid /read");
  CHECK(medflow_call(clinic.desk, "profile.get", "{}", nullptr) == MEDFLOW_OK);
  CHECK(medflow_call(clinic.desk, "no.such", "{}", nullptr) == MEDFLOW_NOT_FOUND);
  CHECK(medflow_size(nullptr) == 0);
  medflow_free(nullptr);
}

TEST_CASE("CAB-2, R11: a call with a key has its effect once, and what moves money needs one") {
  const Clinic clinic;
  const auto keyed = [&](const char* operation, const std::string& request, const char* key) {
    return with_out([&](char** out) { return medflow_call_keyed(clinic.desk, operation, request.c_str(), key, out); });
  };
  const Answer first = must(keyed("patients.register", anna, "key-1"));
  CHECK(must(keyed("patients.register", anna, "key-1")).text == first.text);
  const Answer second = must(keyed("patients.register", anna, "key-2"));
  CHECK(second.member("id") != first.member("id"));
  CHECK(must(keyed("patients.register", anna, nullptr)).member("id") != first.member("id"));
  CHECK(keyed("patients.register", R"({"names":[{"family":"Other"}],"sex_admin":"male"})", "key-1").code() ==
        "idempotency.mismatch");
  CHECK(keyed("patients.register", anna, "two words").code() == "idempotency.malformed");
  CHECK(keyed("patients.register", anna, "").member("pointer") == "/idempotency_key");
  CHECK(keyed("patients.register", anna, std::string(256, 'k').c_str()).member("pointer") == "/idempotency_key");
  CHECK(keyed("profile.get", "{}", "key-1").code() == "ok");  // without meaning for a read

  const std::string missing = R"({"id":"01890a5d-ac96-774b-bcce-b302099a8057"})";
  CHECK(call(clinic.desk, "invoices.issue", missing).code() == "idempotency.required");
  CHECK(keyed("invoices.issue", missing, nullptr).code() == "idempotency.required");
  CHECK(keyed("invoices.issue", missing, "key-1").code() == "not_found");
}

TEST_CASE("USR-3, CAB-2: failed sign-ins over the C ABI are counted by the address that the host names") {
  const Clinic clinic;
  int account = 0;
  const auto fails_from = [&](const char* address) {
    const medflow_handle visitor = clinic.visitor();
    must(with_out([&](char** out) { return medflow_caller(visitor, address, "Browser 1.0", nullptr, out); }));
    const std::string email = "nobody" + std::to_string(++account) + "@example.org";
    const Answer answer = call(visitor, "auth.login", R"({"email":")" + email + R"(","password":"a wrong password"})");
    CHECK(medflow_release(visitor) == MEDFLOW_OK);
    return answer;
  };
  for (int i = 0; i < 20; ++i) REQUIRE(fails_from("203.0.113.7").code() == "auth.failed");
  const Answer throttled = fails_from("203.0.113.7");
  CHECK(throttled.status == MEDFLOW_RATE_LIMITED);
  CHECK(throttled.code() == "auth.throttled");
  CHECK(fails_from("203.0.113.8").code() == "auth.throttled");  // of the same block
  CHECK(fails_from("198.51.100.7").code() == "auth.failed");
  CHECK(fails_from(nullptr).code() == "auth.failed");
}

TEST_CASE("CAB-1: what a host says of a caller is refused by what is wrong with it") {
  const Clinic clinic;
  const auto says = [&](const char* address, const char* user_agent, const char* request_id) {
    const Answer answer =
        with_out([&](char** out) { return medflow_caller(clinic.desk, address, user_agent, request_id, out); });
    return answer.code() + answer.member("pointer");
  };
  CHECK(says("2001:db8::7", "Browser 1.0", "01890a5d-ac96-774b-bcce-b302099a8057") == "ok");
  CHECK(says(nullptr, nullptr, nullptr) == "ok");
  CHECK(says(std::string(4097, '1').c_str(), nullptr, nullptr) == "invalid/address");
  CHECK(says(nullptr, std::string(4097, 'x').c_str(), nullptr) == "invalid/user_agent");
  CHECK(says(nullptr, "\xff", nullptr) == "text.invalid_utf8");
  CHECK(says(nullptr, nullptr, "") == "invalid/request_id");
  CHECK(says(nullptr, nullptr, "request 7") == "invalid/request_id");
}

TEST_CASE("CAB-1: what cannot be a request is refused by what is wrong with it") {
  const Clinic clinic;
  CHECK(call(clinic.desk, "no.such", "{}").code() == "operation.unknown");
  CHECK(call(clinic.desk, std::string(10'000, 'x').c_str(), "{}").code() == "invalid");
  CHECK(call(clinic.desk, "patients.register", "{\"mrn\":\"\xc3\x28\"}").code() == "text.invalid_utf8");
  CHECK(call(clinic.desk, "profile.\xff", "{}").code() == "text.invalid_utf8");
  CHECK(call(clinic.desk, "patients.register", "{\"names\":").code() == "malformed");
  CHECK(call(clinic.desk, "patients.register", "{\"reason\":\"" + std::string(json::bytes_max, 'x') + "\"}").code() ==
        "too_large");
  const auto unknown = call(clinic.desk, "patients.register", R"({"nmaes":[],"sex_admin":"male"})");
  CHECK(unknown.code() == "invalid");
  CHECK(unknown.member("pointer") == "/nmaes");
}

TEST_CASE("CAB-1: a platform opens only as its options say") {
  const TemporaryFolder folder;
  medflow_handle platform = 1;
  const auto open = [&](const std::string& options, bool with_key) {
    const Answer answer = with_out([&](char** out) {
      return medflow_open(options.c_str(), with_key ? clinic_key.data() : nullptr, with_key ? clinic_key.size() : 0,
                          &platform, out);
    });
    if (answer.status != MEDFLOW_OK) CHECK(platform == 0);
    return answer.code() + answer.member("pointer");
  };
  const std::string engine = R"("engine":"sqlcipher:)" + (folder / "data") + "\"";
  const std::string key_file = R"("root_key_file":")" + (folder / "root.key") + "\"";
  CHECK(open("{}", true) == "invalid/engine");
  CHECK(open(R"({"engine":"oracle:"})", true) == "invalid/engine");
  CHECK(open(R"({"engine":"memory:","speed":"fast"})", true) == "invalid/speed");
  CHECK(open(R"({"engine":"memory:","create":true})", false) == "invalid/root_key_file");
  CHECK(open("{" + engine + "," + key_file + "}", true) == "invalid/root_key_file");
  CHECK(open("{" + engine + R"(,"root_key_file":")" + (folder / "data/root.key") + "\"}", false) ==
        "invalid/root_key_file");
  CHECK(open("{" + engine + "," + key_file + ",\"create\":true}", false) == "key.mismatch");  // no such file
  CHECK_FALSE(std::filesystem::exists(folder / "data"));
  CHECK(with_out([&](char** out) {
          return medflow_open(R"({"engine":"memory:"})", "short", 5, &platform, out);
        }).code() == "invalid");

  const auto make = [&] {
    return with_out([&](char** out) { return medflow_make_root_key((folder / "root.key").c_str(), out); });
  };
  CHECK(make().code() == "ok");
  CHECK(make().code() == "key.exists");
  CHECK(open("{" + engine + "," + key_file + ",\"create\":true}", false) == "ok");
  const medflow_handle first = platform;
  CHECK(open("{" + engine + "," + key_file + "}", false) == "store.in_use");
  CHECK(medflow_release(first) == MEDFLOW_OK);
  CHECK(open("{" + engine + "}", true) == "key.mismatch");
  CHECK(open("{" + engine + "," + key_file + "}", false) == "ok");
  CHECK(medflow_release(platform) == MEDFLOW_OK);
}

TEST_CASE("CAB-2: a host's identity is a session with its roles") {
  const Clinic clinic;
  medflow_handle session = 0;
  const auto identify = [&](const std::string& principal) {
    return with_out(
        [&](char** out) { return medflow_identify(clinic.platform, "saint-mary", principal.c_str(), &session, out); });
  };
  const std::string nina =
      R"({"issuer":"https://host.example","subject":"nina","display_name":"Nina","roles":["nurse"],)"
      R"("facilities":[")" +
      clinic.facility + "\"]}";
  CHECK(identify(nina).code() == "issuer.untrusted");
  must(call(clinic.admin, "settings.update", R"({"revision":0,"trusted_issuers":["https://host.example"]})"));
  REQUIRE(identify(nina).code() == "ok");
  CHECK(call(session, "profile.get", "{}").member("subject") == "nina");
  CHECK(call(session, "patients.register", anna).code() == "ok");
  CHECK(identify(R"({"issuer":"https://host.example","subject":"nina","roles":["wizard"]})").member("pointer") ==
        "/roles/0");
  CHECK(identify(R"({"subject":"nina"})").member("pointer") == "/issuer");
}

TEST_CASE("CAB-2: content comes from memory or from a callback, and one that breaks off stores nothing") {
  const Clinic clinic;
  const std::string csv =
      "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,"
      "GENDER,BIRTHPLACE,"
      "ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE,INCOME\n"
      "01890a5d-ac96-774b-bcce-b302099a8057,1985-03-14,,999-10-1234,,,,Anna,,Okafor,,,,,,F,,1 High "
      "Street,Salem,California,,,"
      "90210,,,,,\n";
  const std::string request = R"({"facility":")" + clinic.facility + "\"}";
  struct Source {
    std::string_view rest{};
    bool breaks = false;
    bool overflows = false;
  };
  const auto read = [](void* state, void* buffer, size_t capacity) -> ptrdiff_t {
    auto& source = *static_cast<Source*>(state);
    if (source.breaks && source.rest.size() < 100) return -1;
    if (source.overflows) return static_cast<ptrdiff_t>(capacity) + 1;
    const size_t count = std::min({capacity, source.rest.size(), size_t{50}});
    std::memcpy(buffer, source.rest.data(), count);
    source.rest.remove_prefix(count);
    return static_cast<ptrdiff_t>(count);
  };
  const auto import = [&](Source source) {
    return with_out([&](char** out) {
      return medflow_call_reader(clinic.admin, "imports.patients", request.c_str(), "text/csv", read, &source, out);
    });
  };
  CHECK(import({.rest = csv, .breaks = true}).code() == "content.broken_off");
  CHECK(import({.rest = csv, .overflows = true}).code() == "content.broken_off");
  CHECK(call(clinic.desk, "patients.list", R"({"name":"okafor"})").text.find("Okafor") == std::string::npos);
  CHECK(import({.rest = csv}).text.starts_with(R"({"created":1,"unchanged":0,"failed":0)"));
  const auto again = with_out([&](char** out) {
    return medflow_call_content(clinic.admin, "imports.patients", request.c_str(), "text/csv", csv.data(), csv.size(),
                                out);
  });
  CHECK(again.text.starts_with(R"({"created":0,"unchanged":1,"failed":0)"));
  CHECK(call(clinic.desk, "patients.list", R"({"name":"okafor"})").text.find("Okafor") != std::string::npos);
  CHECK(with_out([&](char** out) {
          return medflow_call_content(clinic.desk, "profile.get", "{}", nullptr, "x", 1, out);
        }).member("pointer") == "/content");
}

TEST_CASE("CAB-2: a stream is pulled piece by piece, and is what the same call gives whole") {
  const Clinic clinic;
  const std::string whole = must(call(clinic.admin, "audit.export", "{}")).text;
  CHECK(whole.find("\"event\":\"") != std::string::npos);
  medflow_handle stream = 0;
  const auto head =
      must(with_out([&](char** out) { return medflow_stream(clinic.admin, "audit.export", "{}", &stream, out); }));
  CHECK_FALSE(head.member("media_type").empty());
  std::string pulled;
  char buffer[100];
  for (std::size_t pieces = 0; pieces < 100'000; ++pieces) {
    size_t count = 0;
    must(with_out([&](char** out) { return medflow_stream_read(stream, buffer, sizeof buffer, &count, out); }));
    REQUIRE(count <= sizeof buffer);
    if (count == 0) break;
    pulled.append(buffer, count);
  }
  CHECK(pulled.starts_with(whole));  // and then the events of the first export
  CHECK(pulled.size() > whole.size());
  size_t count = 0;
  CHECK(with_out([&](char** out) { return medflow_stream_read(stream, buffer, 0, &count, out); }).member("pointer") ==
        "/capacity");
  CHECK(with_out([&](char** out) { return medflow_stream_read(stream, nullptr, 1, &count, out); }).member("pointer") ==
        "/buffer");
  CHECK(medflow_release(stream) == MEDFLOW_OK);
  CHECK(with_out([&](char** out) { return medflow_stream(clinic.admin, "profile.get", "{}", &stream, out); }).code() ==
        "operation.no_stream");
}
