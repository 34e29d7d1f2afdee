// Somebody with write access to the files changes them while the hospital is closed. The plain SQLite engine lets the
// test do it with ordinary SQL.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "storage/sqlite/library.hpp"
#include "tests/support/child.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/raw_sqlite.hpp"

using namespace medflow;
using namespace medflow::testing;
namespace fs = std::filesystem;

namespace {

constexpr int patients_made = 24;  // the tokens of all but the last are in their table

patients::Register person(const std::string& family) {
  patients::Register request{.names = {{.family = family, .given = {"Ann"}}},
                             .birth = patients::Birth{.date = {1980, 5, 12}},
                             .sex_admin = patients::Sex::female,
                             .language = "en"};
  request.phones = {{.e164 = "+442071234567"}};
  request.identifiers = {{.system = "urn:test:national", .value = family}};
  return request;
}

/// A hospital that was closed: its files, and what gets in again.
struct Closed {
  TemporaryFolder folder{};
  std::shared_ptr<FakeClock> clock{};
  std::string admin_token{};
  std::string desk_token{};
  TenantId tenant{};
  std::vector<PatientId> patients{};

  Closed() { fill(*this); }
  static void fill(Closed& it);
};

/// Patient 5 is at revision 2, and `older` has the files of when it was at revision 1.
void Closed::fill(Closed& it) {
  auto clock = std::make_shared<FakeClock>();
  it.clock = clock;
  std::optional<Hospital> hospital(std::in_place, test_options(storage::sqlite_engine(it.folder / "data"), clock),
                                   clock);
  it.tenant = hospital->tenant.id;
  for (int i = 0; i < patients_made; ++i) {
    const std::string family = "Person" + std::string(1, static_cast<char>('a' + i));
    it.patients.push_back(must(hospital->as(Role::receptionist).call(person(family))).id);
  }
  it.admin_token = hospital->member(Role::tenant_admin).tokens.access_token;
  it.desk_token = hospital->member(Role::receptionist).tokens.access_token;
  hospital.reset();
  fs::copy(it.folder / "data", it.folder / "older", fs::copy_options::recursive);
  const Platform platform = must(Platform::open(test_options(storage::sqlite_engine(it.folder / "data"), clock)));
  patients::Patch patch{.id = it.patients[5], .revision = 1};
  patch.language = std::string("fr");
  must(must(platform.authenticate(it.desk_token)).call(patch));
}

/// Made once; each test works on a copy.
const Closed& made() {
  static const Closed closed;
  return closed;
}

/// Its files, to be changed.
class Copy {
 public:
  Copy() { fs::copy(made().folder / "data", data(), fs::copy_options::recursive); }
  std::string data() const { return folder_ / "data"; }
  std::string file() const { return data() + "/" + made().tenant.text() + "/data.db"; }
  std::string platform_file() const { return data() + "/platform/data.db"; }
  std::string older_file() const { return made().folder / ("older/" + made().tenant.text() + "/data.db"); }

  void edit(const std::string& sql) const { edit_file(file(), sql); }
  static void edit_file(const std::string& file, const std::string& sql) {
    RawSqlite raw(storage::sqlite::load_library(storage::sqlite::LibraryKind::sqlite), file);
    raw.run(sql);
  }
  Result<Platform> open() const { return Platform::open(test_options(storage::sqlite_engine(data()), made().clock)); }

 private:
  TemporaryFolder folder_{};
};

std::string hex(const Uuid& id) {
  std::string text = "x'";
  for (const char c : id.text())
    if (c != '-') text += c;
  return text + "'";
}

std::string patient(std::size_t i) { return hex(made().patients.at(i).uuid); }

/// What the tampering led to: the code of reading the patient, and what `audit.verify` names. Where the tenant does not
/// even open, both are that error.
struct Outcome {
  std::string reading{};
  std::set<std::string> kinds{};
  std::set<std::string> rows{};
};

Outcome look(const Copy& copy, std::size_t i) {
  auto platform = copy.open();
  if (!platform.ok()) return {.reading = code_of(platform), .kinds = {code_of(platform)}};
  const auto admin = platform->authenticate(made().admin_token);
  if (!admin.ok()) return {.reading = code_of(admin), .kinds = {code_of(admin)}};
  const Session desk = must(platform->authenticate(made().desk_token));
  Outcome outcome{.reading = code_of(desk.call(patients::Get{.id = made().patients.at(i)}))};
  const auto verified = must(admin->call(audit::Verify{}));
  CHECK(verified.intact == verified.findings.empty());
  for (const auto& finding : verified.findings) {
    outcome.kinds.insert(finding.kind);
    if (finding.id) outcome.rows.insert(finding.id->text());
  }
  return outcome;
}

/// Changes the files so; reading the patient answers `integrity`, and `verify` names its row.
void check_edit(std::size_t i, const std::string& sql) {
  CAPTURE(sql);
  const Copy copy;
  copy.edit(sql);
  const Outcome outcome = look(copy, i);
  CHECK(outcome.reading == "integrity");
  CHECK(outcome.kinds == std::set<std::string>{"row_seal"});
  CHECK(outcome.rows == std::set{made().patients.at(i).text()});
}

/// Changes the audit log so; it is found when the tenant is opened, or `verify` says one of these kinds.
void check_log(const std::string& sql, const std::set<std::string>& kinds) {
  CAPTURE(sql);
  const Copy copy;
  copy.edit("DROP TRIGGER \"audit_events.append_only.update\"; DROP TRIGGER \"audit_events.append_only.delete\"; " +
            sql);
  const Outcome outcome = look(copy, 0);
  REQUIRE_FALSE(outcome.kinds.empty());
  for (const std::string& kind : outcome.kinds) CHECK_MESSAGE(kinds.contains(kind), kind);
}

/// One bit of a block turned over, at this byte.
std::string flipped(const std::string& column, std::size_t i, std::size_t at) {
  const Copy copy;
  RawSqlite raw(storage::sqlite::load_library(storage::sqlite::LibraryKind::sqlite), copy.file());
  std::string block = raw.rows("SELECT hex(" + column + ") FROM patients WHERE id=" + patient(i)).at(0).at(0);
  char& digit = block.at(2 * at);
  digit = digit == '0' ? '1' : '0';
  return "UPDATE patients SET " + column + "=x'" + block + "' WHERE id=" + patient(i);
}

std::map<std::string, std::string> bytes_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[entry.path().string()] = text.str();
  }
  return files;
}

}  // namespace

TEST_CASE("SEC-1: of honest files nothing is said") {
  const Copy copy;
  const Outcome outcome = look(copy, 0);
  CHECK(outcome.reading == "ok");
  CHECK(outcome.kinds.empty());
}

TEST_CASE("SEC-1: an edited or swapped column or block answers integrity, and verify names the row") {
  const std::string of_1 = " WHERE id=" + patient(1);
  check_edit(1, "UPDATE patients SET language='de'" + of_1);
  check_edit(1, "UPDATE patients SET interpreter=1" + of_1);
  check_edit(1, "UPDATE patients SET status='inactive'" + of_1);
  check_edit(1, "UPDATE patients SET zone='Europe/Paris'" + of_1);
  check_edit(1, "UPDATE patients SET deleted_at=NULL, revision=7" + of_1);
  check_edit(1, "UPDATE patients SET facilities=x''" + of_1);
  check_edit(1, "UPDATE patients SET seal=zeroblob(18)" + of_1);
  check_edit(1, "UPDATE patients SET contact=NULL" + of_1);
  for (const std::string column : {"identity", "contact"})
    for (const std::size_t at : {0U, 1U, 8U, 20U, 45U, 70U}) check_edit(1, flipped(column, 1, at));
  const auto other = [](const std::string& column) {
    return "(SELECT " + column + " FROM patients WHERE id=" + patient(2) + ")";
  };
  check_edit(1, "UPDATE patients SET identity=" + other("identity") + of_1);
  check_edit(1, "UPDATE patients SET contact=" + other("contact") + of_1);
  check_edit(1, "UPDATE patients SET identity=contact, contact=identity" + of_1);
  check_edit(1, "UPDATE patients SET subject_id=" + other("subject_id") + ", key_slot=" + other("key_slot") + of_1);
  // The whole row of somebody else under this id.
  check_edit(1, "UPDATE patients SET subject_id=" + other("subject_id") + ", key_slot=" + other("key_slot") +
                    ", identity=" + other("identity") + ", contact=" + other("contact") +
                    ", clinical=" + other("clinical") + ", seal=" + other("seal") + of_1);
}

TEST_CASE("SEC-1: verify finds a row that was put back, removed or brought in") {
  {
    const Copy copy;
    const std::string row = " FROM old.patients WHERE id=" + patient(5);
    copy.edit("ATTACH '" + copy.older_file() + "' AS old; DELETE FROM main.patients WHERE id=" + patient(5) +
              "; INSERT INTO main.patients SELECT *" + row);
    const Outcome outcome = look(copy, 5);
    CHECK(outcome.reading == "ok");  // it is a state that once was, and its seal is right
    CHECK(outcome.kinds == std::set<std::string>{"rolled_back"});
    CHECK(outcome.rows == std::set{made().patients[5].text()});
  }
  {
    const Copy copy;
    copy.edit("DELETE FROM patients WHERE id=" + patient(3));
    const Outcome outcome = look(copy, 3);
    CHECK(outcome.reading == "not_found");
    CHECK(outcome.kinds == std::set<std::string>{"missing"});
    CHECK(outcome.rows == std::set{made().patients[3].text()});
  }
  {
    const Copy copy;
    copy.edit("CREATE TABLE copied AS SELECT * FROM patients WHERE id=" + patient(2) + "; UPDATE copied SET id=x'" +
              std::string(32, '7') + "'; INSERT INTO patients SELECT * FROM copied; DROP TABLE copied");
    CHECK_FALSE(look(copy, 2).kinds.empty());
  }
}

TEST_CASE("SEC-1: a role that was written into a user's row opens nothing") {
  const Copy copy;
  copy.edit("UPDATE users SET roles=(SELECT roles FROM users WHERE admin=1) WHERE admin IS NULL");
  const Platform platform = must(copy.open());
  CHECK(code_of(platform.authenticate(made().desk_token)) == "integrity");
  const auto verified = must(must(platform.authenticate(made().admin_token)).call(audit::Verify{}));
  REQUIRE(verified.findings.size() == 1);
  CHECK(verified.findings[0].kind == "row_seal");
  CHECK(verified.findings[0].object == "users");
}

TEST_CASE("SEC-1: a moved exact-match token shows nobody under another's identifier") {
  const Copy copy;
  copy.edit("UPDATE OR IGNORE patient_tokens SET patient_id=" + patient(2) + " WHERE patient_id=" + patient(1));
  const Platform platform = must(copy.open());
  const Session desk = must(platform.authenticate(made().desk_token));
  CHECK(must(desk.call(patients::List{.identifier = "urn:test:national|Personb"})).data.empty());
  const auto unmoved = must(desk.call(patients::List{.identifier = "urn:test:national|Personc"})).data;
  REQUIRE(unmoved.size() == 1);
  CHECK(unmoved[0].id == made().patients[2]);
}

TEST_CASE("SEC-1, PAT-4: a damaged row is found by no name, and keeps nobody else from being found") {
  const Copy copy;
  copy.edit(flipped("identity", 1, 20));
  const Platform platform = must(copy.open());
  const Session desk = must(platform.authenticate(made().desk_token));
  const auto found = must(desk.call(patients::List{.name = "Personc"})).data;
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == made().patients[2]);
  CHECK(must(desk.call(patients::List{.name = "Personb"})).data.empty());
  CHECK(code_of(desk.call(patients::Get{.id = made().patients[1]})) == "integrity");
  // Who comes later is found as well.
  const auto newcomer = must(desk.call(
      patients::Register{.names = {{.family = "Newcomer", .given = {"Ann"}}}, .sex_admin = patients::Sex::female}));
  CHECK(must(desk.call(patients::List{.name = "Newcomer"})).data.at(0).id == newcomer.id);
}

TEST_CASE("SEC-1: verify finds a lookup row that was removed or brought in") {
  for (const std::string& sql :
       {"DELETE FROM patient_tokens WHERE patient_id = " + patient(2),
        "DELETE FROM patient_facilities WHERE patient_id = " + patient(2),
        "INSERT INTO patient_tokens VALUES (x'00112233445566778899aabbccddeeff', " + patient(2) + ")"}) {
    CAPTURE(sql);
    const Copy copy;
    copy.edit(sql);
    CHECK(look(copy, 2).kinds == std::set<std::string>{"index"});
  }
}

TEST_CASE("SEC-1, APT-3: verify finds time that was freed or taken behind the appointments' backs") {
  const TemporaryFolder folder;
  std::optional<Clinic> clinic(std::in_place, storage::sqlite_engine(folder / "made"));
  const auto clock = clinic->hospital.clock;
  const auto booked = clinic->book("2026-11-23T10:00:00Z");
  const auto cancelled = clinic->book("2026-11-23T11:00:00Z", 1);
  must(clinic->desk().call(appointments::Cancel{.id = cancelled.id}));
  const auto held = must(clinic->desk().call(appointments::Hold{.patient_id = clinic->patients[2].id,
                                                                .service_id = clinic->service.id,
                                                                .resources = {Clinic::taking_part(clinic->doctor)},
                                                                .start = at("2026-11-23T12:00:00Z")}));
  const std::string token = clinic->hospital.member(Role::tenant_admin).tokens.access_token;
  const std::string file = "/" + clinic->hospital.tenant.id.text() + "/data.db";
  const std::string of_booked = " WHERE appointment_id=" + hex(booked.id.uuid);
  const std::string of_cancelled = " WHERE appointment_id=" + hex(cancelled.id.uuid);
  const std::string of_held = " WHERE appointment_id=" + hex(held.appointment.id.uuid);
  const std::string of_doctor = " AND resource_id=" + hex(clinic->doctor.id.uuid);
  clinic.reset();
  const auto kinds_after = [&](const std::string& sql) {
    const TemporaryFolder copy;
    fs::copy(folder / "made", copy / "data", fs::copy_options::recursive);
    if (!sql.empty()) Copy::edit_file(copy / "data" + file, sql);
    const Platform platform = must(Platform::open(test_options(storage::sqlite_engine(copy / "data"), clock)));
    std::set<std::string> kinds;
    for (const auto& finding : must(must(platform.authenticate(token)).call(audit::Verify{})).findings)
      kinds.insert(finding.kind);
    return kinds;
  };
  CHECK(kinds_after("").empty());
  const std::string taken = hex(Uuid{{9}});
  for (const std::string& sql :
       {"DELETE FROM claims" + of_booked + of_doctor, "UPDATE claims SET lane=NULL" + of_booked + of_doctor,
        "UPDATE claims SET claimed_to=claimed_to-60000000" + of_booked + of_doctor,
        "UPDATE claims SET capacity=2" + of_booked, "UPDATE claims SET lane=0" + of_cancelled + of_doctor,
        "UPDATE claims SET expires_at=expires_at+60000000" + of_held, "UPDATE claims SET expires_at=1" + of_booked,
        "INSERT INTO claims SELECT resource_id,start+14400000000," + taken +
            ",claimed_from+14400000000,claimed_to+14400000000,visit_end+14400000000,lane,capacity,expires_at FROM "
            "claims" +
            of_booked}) {
    CAPTURE(sql);
    CHECK(kinds_after(sql) == std::set<std::string>{"index"});
  }
}

TEST_CASE("SEC-1: an edited, removed or doubled audit event is found") {
  const std::set<std::string> found = {"event", "gap", "tree", "integrity", "missing", "rolled_back", "unknown"};
  const std::string last = "(SELECT max(seq) FROM audit_events)";
  check_log("UPDATE audit_events SET event=CAST(substr(event,1,30) || x'77' || substr(event,32) AS BLOB) WHERE seq=5",
            found);
  check_log("UPDATE audit_events SET event=(SELECT event FROM audit_events WHERE seq=6) WHERE seq=5", found);
  check_log("UPDATE audit_events SET event=x'' WHERE seq=5", found);
  check_log("DELETE FROM audit_events WHERE seq=5", found);
  check_log("DELETE FROM audit_events WHERE seq=" + last, found);
  check_log("INSERT INTO audit_events SELECT seq+1, event FROM audit_events WHERE seq=" + last, found);
  check_log("INSERT INTO audit_events SELECT seq+5, event FROM audit_events WHERE seq=" + last, found);
  check_log("UPDATE audit_head SET size=size-1", found);
  check_log("UPDATE audit_head SET root=zeroblob(32)", found);
  // The end of the log cut off together with the head that tells of it.
  check_log("DELETE FROM audit_events WHERE seq=" + last + "; UPDATE audit_head SET size=size-1", found);
}

TEST_CASE("bad input: another root key, a newer schema and a folder in use are named, and nothing is changed") {
  SUBCASE("another root key") {
    const Copy copy;
    const auto before = bytes_of(copy.data());
    auto options = test_options(storage::sqlite_engine(copy.data()), made().clock);
    static constexpr std::array<std::byte, 32> other{std::byte{8}};
    options.root_key = memory_root_key(other);
    const auto refused = Platform::open(std::move(options));
    REQUIRE(code_of(refused) == "key.mismatch");
    CHECK(refused.error().kind() == Errc::unavailable);
    CHECK(bytes_of(copy.data()) == before);
  }
  SUBCASE("a newer schema") {
    const Copy copy;
    Copy::edit_file(copy.platform_file(), "INSERT INTO medflow_schema VALUES (99, 'from the future')");
    const auto before = bytes_of(copy.data());
    const auto refused = copy.open();
    REQUIRE(code_of(refused) == "schema.newer");
    CHECK(refused.error().detail.find("platform/data.db") != std::string::npos);
    CHECK(bytes_of(copy.data()) == before);
  }
  SUBCASE("a newer schema of one tenant") {
    const Copy copy;
    copy.edit("INSERT INTO medflow_schema VALUES (99, 'from the future')");
    const auto before = bytes_of(copy.data() + "/" + made().tenant.text());
    {
      const Platform platform = must(copy.open());
      const auto refused = platform.authenticate(made().admin_token);
      REQUIRE(code_of(refused) == "schema.newer");
      CHECK(refused.error().detail.find("data.db") != std::string::npos);
    }
    CHECK(bytes_of(copy.data() + "/" + made().tenant.text()) == before);
  }
  SUBCASE("a folder that another process has open") {
    const Copy copy;
    int ready[2];
    int go_on[2];
    REQUIRE(::pipe(ready) == 0);
    REQUIRE(::pipe(go_on) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(go_on[1]);
      const auto engine = storage::sqlite_engine(copy.data());
      char byte = 'r';
      if (::write(ready[1], &byte, 1) == 1 && ::read(go_on[0], &byte, 1) == 0) ::_exit(0);
      ::_exit(1);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    const auto before = bytes_of(copy.data());
    try {
      (void)copy.open();
      FAIL("the folder was opened twice");
    } catch (const storage::Fault& fault) {
      CHECK(fault.kind == storage::FaultKind::in_use);
      CHECK(fault.name.starts_with(copy.data()));
    }
    CHECK(bytes_of(copy.data()) == before);
    for (const int end : {ready[0], ready[1], go_on[0], go_on[1]}) ::close(end);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(copy.open().ok());
  }
  SUBCASE("a database that is open already") {
    const Copy copy;
    const std::shared_ptr<storage::Engine> engine = storage::sqlite_engine(copy.data());
    const Platform first = must(Platform::open(test_options(engine, made().clock)));
    const auto refused = Platform::open(test_options(engine, made().clock));
    REQUIRE(code_of(refused) == "store.in_use");
    CHECK(refused.error().detail.find(copy.data()) == 0);
  }
}
