#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "medflow/testing/counting_engine.hpp"
#include "tests/support/child.hpp"
#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/raw_sqlite.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

patients::Register person(std::string family, std::string identifier = {}) {
  patients::Register request{.names = {{.family = std::move(family)}}, .sex_admin = patients::Sex::female};
  if (!identifier.empty()) request.identifiers = {{.system = "urn:oid:2.16.840.1", .value = std::move(identifier)}};
  return request;
}

struct Answered {
  std::string code{};
  bool replayed = false;
  patients::Patient patient{};
};

Answered send(const Session& session, patients::Register request, std::string key) {
  const OperationRow& row = *find_operation("patients.register");
  auto reply = session.call(row, Value::of(*row.request, std::move(request)), {.idempotency_key = std::move(key)});
  if (!reply.ok()) return {.code = std::string(reply.error().code.name)};
  return {.code = "ok", .replayed = reply->replayed, .patient = *static_cast<patients::Patient*>(reply->output.data())};
}

/// The same, for who does not wait: the code, or whether it was answered from before.
std::string submitted(const Session& session, patients::Register request, std::string key,
                      const OperationRow& row = *find_operation("patients.register")) {
  const Type& type = *find_operation("patients.register")->request;
  std::promise<std::string> answer;
  session.submit(
      row, Value::of(type, std::move(request)),
      [&](const Result<Reply>& reply) {
        answer.set_value(!reply.ok() ? std::string(reply.error().code.name) : reply->replayed ? "replayed" : "ok");
      },
      {.idempotency_key = std::move(key)});
  return answer.get_future().get();
}

std::size_t count_of(const Session& session, std::string name) {
  return must(session.call(patients::List{.name = std::move(name)})).data.size();
}

}  // namespace

TEST_CASE("API-6 R11: the same key and request have one effect and one answer") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    const Answered first = send(desk, person("Okonkwo", "A-1"), "key-1");
    REQUIRE(first.code == "ok");
    CHECK_FALSE(first.replayed);
    // Sent again without the key, the request would break a rule.
    REQUIRE(send(desk, person("Okonkwo", "A-1"), "").code == "patient.duplicate");
    const Answered again = send(desk, person("Okonkwo", "A-1"), "key-1");
    REQUIRE(again.code == "ok");
    CHECK(again.replayed);
    CHECK(again.patient.id == first.patient.id);
    CHECK(again.patient.mrn == first.patient.mrn);
    CHECK(again.patient.names == first.patient.names);
    CHECK(again.patient.created_at == first.patient.created_at);
    CHECK(count_of(desk, "Okonkwo") == 1);

    // Whoever sees the answer again has looked at the patient again.
    const auto log = events(hospital.as(Role::auditor));
    const ReadEvent* last = last_of(log, "patients.register");
    REQUIRE(last != nullptr);
    CHECK(last->text() == "patients.register ok");
    CHECK(last->event.patients == std::vector{first.patient.id.uuid});
    CHECK(last->event.rows.empty());
  }
}

TEST_CASE(
    "API-6: a key is looked up in the batch of its call: there is no reading beside it, for which others would wait") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto counted = std::make_shared<CountingEngine>(engine);
    const auto clock = std::make_shared<FakeClock>();
    Hospital hospital(test_options(counted, clock), clock);
    const Session desk = hospital.as(Role::receptionist);
    const auto readings = [&](std::string family, std::string key, bool replayed) {
      const auto before = counted->counts().of(StorageCall::read);
      const Answered answered = send(desk, person(std::move(family)), std::move(key));
      REQUIRE(answered.code == "ok");
      CHECK(answered.replayed == replayed);
      return counted->counts().of(StorageCall::read) - before;
    };
    readings("Warming", "", false);
    const auto without = readings("Without", "", false);
    CHECK(readings("With", "key-9", false) == without);
    CHECK(readings("With", "key-9", true) == without);
  }
}

TEST_CASE("API-6 R11: another request under the same key is refused, an invalid one says so first") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    REQUIRE(send(desk, person("Lindqvist"), "key-2").code == "ok");
    CHECK(send(desk, person("Lindquist"), "key-2").code == "idempotency.mismatch");
    CHECK(send(desk, patients::Register{}, "key-2").code == "idempotency.mismatch");
    CHECK(send(desk, patients::Register{}, "key-3").code == "invalid");
    CHECK(submitted(desk, patients::Register{}, "key-2") == "idempotency.mismatch");
    CHECK(submitted(desk, patients::Register{}, "key-3") == "invalid");
    CHECK(submitted(desk, person("Lindquist"), "key-2") == "idempotency.mismatch");
    CHECK(submitted(desk, person("Lindqvist"), "key-2") == "replayed");
    CHECK(send(desk, person("Lindqvist"), "with space").code == "idempotency.malformed");
    CHECK(send(desk, person("Lindqvist"), "\xC3\xA9").code == "idempotency.malformed");
    CHECK(send(desk, person("Lindqvist"), std::string(256, 'k')).code == "idempotency.malformed");
    CHECK(count_of(desk, "Lindqvist") == 1);
    CHECK(send(desk, person("Lindqvist"), std::string(255, 'k')).code == "ok");
    CHECK(count_of(desk, "Lindqvist") == 2);
  }
}

TEST_CASE("API-6 R11: a replay does not fail on a field rule that has come since") {
  const OperationRow& row = *find_operation("patients.register");
  std::vector<Field> fields(row.request->fields.begin(), row.request->fields.end());
  for (Field& field : fields)
    if (field.name == "birth") field.flags |= required;
  Type stricter = *row.request;
  stricter.fields = fields;
  OperationRow later = row;
  later.request = &stricter;
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    CHECK(submitted(desk, person("Before"), "key-5") == "ok");
    CHECK(submitted(desk, person("Before"), "key-5", later) == "replayed");
    CHECK(submitted(desk, person("Before"), "key-6", later) == "invalid");
    const auto again =
        desk.call(later, Value::of(*row.request, person("Before")), CallContext{.idempotency_key = "key-5"});
    REQUIRE(again.ok());
    CHECK(again->replayed);
    CHECK(count_of(desk, "Before") == 1);
  }
}

TEST_CASE("API-6 TEN-4 R11: a key is the caller's own, in their tenant") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Answered first = send(hospital.as(Role::receptionist), person("Castellanos"), "shared");
    const Answered colleague = send(hospital.as(Role::nurse), person("Castellanos"), "shared");
    REQUIRE(colleague.code == "ok");
    CHECK_FALSE(colleague.replayed);
    CHECK(colleague.patient.id != first.patient.id);
    CHECK(send(hospital.as(Role::nurse), person("Another"), "shared").code == "idempotency.mismatch");
    CHECK(send(hospital.as(Role::auditor), person("Castellanos"), "shared").code == "forbidden");
  }
}

TEST_CASE("R11: an answer about one patient is kept under their key, also where nothing was written for them") {
  const EngineHome home("sqlite");
  std::optional<Hospital> hospital(std::in_place, test_options(home.engine(), system_clock()), nullptr);
  const std::string file = home.folder() / ("data/" + hospital->tenant.id.text() + "/data.db");
  auto request = person("Twofold");
  request.id = PatientId{Uuid{{7, 7, 7}}};
  const Answered made = send(hospital->as(Role::receptionist), request, "first");
  REQUIRE(made.code == "ok");
  const Answered again = send(hospital->as(Role::receptionist), request, "second");
  CHECK(again.patient.id == made.patient.id);  // by its id: it was there
  CHECK_FALSE(again.replayed);
  hospital.reset();
  RawSqlite raw(storage::sqlite::load_library(storage::sqlite::LibraryKind::sqlite), file);
  CHECK(raw.rows("SELECT count(*), count(key_slot), count(DISTINCT subject_id) FROM answers") ==
        std::vector<std::vector<std::string>>{{"2", "2", "1"}});
}

TEST_CASE("API-6 R11: a failure is not kept, and after a day nothing is") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Answered holder = send(hospital.as(Role::receptionist), person("Holder", "B-7"), "");
    CHECK(send(hospital.as(Role::receptionist), person("Second", "B-7"), "retry").code == "patient.duplicate");
    must(hospital.as(Role::tenant_admin).call(patients::Delete{.id = holder.patient.id, .reason_code = "duplicate"}));
    const Answered second = send(hospital.as(Role::receptionist), person("Second", "B-7"), "retry");
    CHECK(second.code == "ok");
    CHECK_FALSE(second.replayed);

    REQUIRE(send(hospital.as(Role::receptionist), person("Daily"), "day").code == "ok");
    hospital.clock->advance_s(24 * 60 * 60);
    CHECK(send(hospital.as(Role::receptionist), person("Daily"), "day").replayed);
    hospital.clock->advance_s(1);
    const Answered later = send(hospital.as(Role::receptionist), person("Daily"), "day");
    CHECK(later.code == "ok");
    CHECK_FALSE(later.replayed);
    CHECK(send(hospital.as(Role::receptionist), person("Daily"), "day").patient.id == later.patient.id);
    CHECK(count_of(hospital.as(Role::receptionist), "Daily") == 2);
  }
}

TEST_CASE("API-6 R11: many at once with one key have one effect") {
  constexpr int threads = 8;
  constexpr int rounds = 20;
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    for (int round = 0; round < rounds; ++round) {
      const std::string key = "round-" + std::to_string(round);
      std::vector<Answered> answers(threads);
      {
        std::vector<std::thread> crowd;
        for (Answered& answer : answers) crowd.emplace_back([&] { answer = send(desk, person("Crowd" + key), key); });
        for (std::thread& one : crowd) one.join();
      }
      int effects = 0;
      std::optional<PatientId> made;
      for (const Answered& answer : answers) {
        if (answer.code == "idempotency.in_progress") continue;
        REQUIRE(answer.code == "ok");
        if (!answer.replayed) ++effects;
        if (!made) made = answer.patient.id;
        CHECK(answer.patient.id == *made);
      }
      CHECK(effects == 1);
    }
    std::size_t patients = 0;
    for (std::string cursor;;) {
      const auto page = must(desk.call(patients::List{.cursor = cursor}));
      patients += page.data.size();
      if (!page.page.next) break;
      cursor = *page.page.next;
    }
    CHECK(patients == rounds);
  }
}

TEST_CASE("API-6 R11: killed between the effect and the reply, the same request is answered as it would have been") {
  for (std::string_view name : durable_engine_names) {
    CAPTURE(name);
    const EngineHome home(name);
    const auto options = [&] { return test_options(home.engine(), system_clock()); };
    const int code = in_child([&]() -> int {
      Hospital hospital(options(), nullptr);
      const Session desk = hospital.as(Role::receptionist);
      const OperationRow& row = *find_operation("patients.register");
      desk.submit(row, Value::of(*row.request, person("Halfway", "C-1")), [](const Result<Reply>&) { die_now(); },
                  {.idempotency_key = "once"});
      for (;;) std::this_thread::yield();
    });
    REQUIRE(code == child_killed);

    Platform platform = must(Platform::open(options()));
    const auto tokens = must(platform.visit("saint-mary")
                                 .call(auth::Login{.email = Hospital::email_of(Role::receptionist),
                                                   .password = Hospital::secret(Hospital::password)}));
    const Session desk = must(platform.authenticate(tokens.access_token));
    const Answered again = send(desk, person("Halfway", "C-1"), "once");
    CHECK(again.code == "ok");
    CHECK(again.replayed);
    CHECK(must(desk.call(patients::List{.name = "Halfway"})).data.size() == 1);
  }
}

TEST_CASE("API-6 R14: background work removes answers after a day, and only then") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    REQUIRE(send(hospital.as(Role::receptionist), person("Kept"), "one").code == "ok");
    const auto expiries = [&] {
      int count = 0;
      for (const ReadEvent& event : events(hospital.as(Role::auditor))) count += event.event.action == "users.expire";
      return count;
    };
    hospital.clock->advance_s(24 * 60 * 60);
    CHECK(hospital.platform.tick(hospital.clock->now()).empty());
    CHECK(send(hospital.as(Role::receptionist), person("Kept"), "one").replayed);
    const int before = expiries();
    hospital.clock->advance_s(2);
    CHECK(hospital.platform.tick(hospital.clock->now()).empty());
    CHECK(expiries() == before + 1);
    CHECK(hospital.platform.tick(hospital.clock->now()).empty());
    CHECK(expiries() == before + 1);  // nothing was left to remove
  }
}
