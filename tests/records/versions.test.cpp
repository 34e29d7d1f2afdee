#include <doctest/doctest.h>

#include <map>
#include <random>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "tests/support/chart.hpp"
#include "tests/support/streams.hpp"

using namespace medflow;
using namespace medflow::testing;
using records::RecordStatus;

namespace {

/// Whether hash, link and signature of every version hold, by what is answered alone.
// NOLINTNEXTLINE(readability-function-size): each check is dozens of statements
void check_chain(const Session& session, const RecordId& id, std::uint64_t versions) {
  std::string previous;
  for (std::uint64_t n = 1; n <= versions; ++n) {
    CAPTURE(n);
    const auto version = must(session.call(records::GetVersion{.id = id, .n = n}));
    CHECK(version.n == n);
    CHECK(version.hash == crypto::hex(crypto::sha256(version.canonical)));
    CHECK(version.canonical.find("\"previous\":\"" + previous + "\"") != std::string::npos);
    previous = version.hash;
    const bool is_signed =
        version.change == records::VersionChange::signature || version.change == records::VersionChange::amended ||
        version.change == records::VersionChange::addendum || version.change == records::VersionChange::retracted;
    REQUIRE(version.signature.empty() != is_signed);
    if (!is_signed) continue;
    const auto key = crypto::from_base64(version.public_key);
    const auto signature = crypto::from_base64(version.signature);
    REQUIRE(key);
    REQUIRE(signature);
    crypto::PublicKey public_key{};
    REQUIRE(key->size() == public_key.size());
    std::memcpy(public_key.data(), key->data(), key->size());
    const auto bytes = std::as_bytes(std::span(*signature));
    CHECK(crypto::signature_valid(public_key, version.canonical, bytes));
    CHECK_FALSE(crypto::signature_valid(public_key, version.canonical + " ", bytes));
  }
  CHECK(code_of(session.call(records::GetVersion{.id = id, .n = versions + 1})) == "not_found");
}

/// What a chart shows of one record.
struct State {
  std::string text{};
  RecordStatus status{};
  std::uint32_t addenda = 0;

  friend bool operator==(const State&, const State&) = default;
};
using Snapshot = std::map<RecordId, State>;

Snapshot snapshot(const Session& session, PatientId patient, std::optional<Instant> as_of) {
  Snapshot all;
  std::string cursor;
  for (int pages = 0; pages < 1'000; ++pages) {
    const auto page = must(session.call(
        records::List{.patient_id = patient, .as_of = as_of, .include_retracted = true, .limit = 7, .cursor = cursor}));
    for (const records::Record& record : page.data)
      CHECK(all.emplace(record.id, State{record.content->note->text, record.status, record.addenda}).second);
    if (!page.page.next) return all;
    cursor = *page.page.next;
  }
  return all;
}

}  // namespace

TEST_CASE(
    "REC-1 REC-12: every version stays readable, is linked to the one before, and what is signed can be verified by "
    "anybody") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const auto created = ward.note("one \"quoted\"\nand Größe, \u202fthin");
    const auto edited = must(doctor.call(records::Update{
        .id = created.id, .revision = created.revision, .content = note_content("two", "Other title")}));
    const auto final = must(doctor.call(records::Sign{.id = created.id, .revision = edited.revision}));
    const auto amended = must(doctor.call(records::Amend{.id = created.id,
                                                         .revision = final.revision,
                                                         .content = note_content("three", "Other title"),
                                                         .reason = "a third look at it"}));
    const auto added =
        must(doctor.call(records::Append{.id = created.id, .revision = amended.revision, .text = "four"}));
    const auto released = must(doctor.call(records::Release{.id = created.id, .revision = added.revision}));
    must(doctor.call(
        records::Retract{.id = created.id, .revision = released.revision, .reason = "all of it was wrong"}));
    check_chain(doctor, created.id, 7);
    CHECK(must(doctor.call(records::GetVersion{.id = created.id, .n = 1})).content->note->text ==
          "one \"quoted\"\nand Größe, \u202fthin");
    CHECK(read_all(must(doctor.call(records::Diff{.id = created.id, .from = 1, .to = 2}))) ==
          R"([{"op":"replace","path":"/content/title","value":"Other title"},)"
          R"({"op":"replace","path":"/content/note/text","value":"two"}])");
    CHECK(read_all(must(doctor.call(records::Diff{.id = created.id, .from = 4, .to = 7}))) == "[]");
    // Pages of versions, both ways.
    const auto first = must(doctor.call(records::ListVersions{.id = created.id, .limit = 3}));
    REQUIRE(first.page.next);
    const auto second =
        must(doctor.call(records::ListVersions{.id = created.id, .limit = 3, .cursor = *first.page.next}));
    CHECK(second.data.at(0).n == 4);
    const auto back =
        must(doctor.call(records::ListVersions{.id = created.id, .limit = 3, .cursor = *second.page.prev}));
    CHECK(back.data.at(0).n == 1);
    CHECK(back.data.at(2).n == 3);
  }
}

TEST_CASE("REC-1: a chart as of any instant is the chart of that instant") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    std::mt19937 chance(11);
    std::vector<RecordId> ids;
    std::vector<std::pair<Instant, Snapshot>> past;
    Snapshot model;
    for (int step = 0; step < 60; ++step) {
      ward.hospital.clock->advance_s(1 + static_cast<std::int64_t>(chance() % 100));
      const std::string text = "text " + std::to_string(step);
      if (ids.empty() || chance() % 4 == 0) {
        const bool sign = chance() % 2 == 0;
        const auto made = must(doctor.call(records::Create{
            .patient_id = ward.patient.id,
            .effective_at =
                Instant{ward.hospital.clock->now().us - static_cast<std::int64_t>(chance() % 1000) * 1'000'000},
            .content = note_content(text),
            .sign = sign}));
        ids.push_back(made.id);
        model[made.id] = {text, sign ? RecordStatus::final : RecordStatus::draft};
      } else {
        const RecordId id = ids[chance() % ids.size()];
        State& state = model[id];
        const auto revision = ward.again(id).revision;
        switch (chance() % 6) {
          case 0:
            if (doctor.call(records::Update{.id = id, .revision = revision, .content = note_content(text)}).ok())
              state.text = text;
            break;
          case 1:
            if (doctor.call(records::Sign{.id = id, .revision = revision}).ok()) state.status = RecordStatus::final;
            break;
          case 2:
            if (doctor
                    .call(records::Amend{
                        .id = id, .revision = revision, .content = note_content(text), .reason = "for the better"})
                    .ok()) {
              CHECK((state.status == RecordStatus::final || state.status == RecordStatus::amended));
              state = {text, RecordStatus::amended, state.addenda};
            }
            break;
          case 3:
            if (doctor.call(records::Append{.id = id, .revision = revision, .text = text}).ok()) ++state.addenda;
            break;
          case 4:
            if (doctor.call(records::Retract{.id = id, .revision = revision, .reason = "not for the better"}).ok())
              state.status = RecordStatus::entered_in_error;
            break;
          default:
            if (doctor.call(records::Discard{.id = id, .revision = revision}).ok())
              state.status = RecordStatus::discarded;
        }
      }
      past.emplace_back(ward.hospital.clock->now(), model);
    }
    ward.hospital.clock->advance_s(60);
    CHECK(snapshot(doctor, ward.patient.id, std::nullopt) == model);
    for (const auto& [when, then] : past) {
      CHECK(snapshot(doctor, ward.patient.id, when) == then);
      CHECK(snapshot(doctor, ward.patient.id, Instant{when.us + 500'000}) == then);
    }
    CHECK(snapshot(doctor, ward.patient.id, Instant{past.front().first.us - 1}).empty());
    CHECK(fields_of(doctor.call(
              records::List{.patient_id = ward.patient.id, .as_of = Instant{ward.hospital.clock->now().us + 1}})) ==
          "/as_of:date.future");
    for (const RecordId& id : ids) check_chain(doctor, id, ward.again(id).revision);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("REC-8: of two editors the one who comes late is told what both have changed, and nothing is lost") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  std::mt19937 chance(7);
  // The members that the two change, and what is in them by who changed them last.
  records::RecordContent now{.title = "t"};
  now.condition = records::Condition{.note = "n"};
  auto record = must(doctor.call(
      records::Create{.patient_id = ward.patient.id, .kind = records::RecordKind::condition, .content = now}));
  const auto change = [&](records::RecordContent& content, unsigned which, const std::string& text) -> std::string {
    switch (which) {
      case 0:
        content.title = text;
        return "/content/title";
      case 1:
        content.condition->note = text;
        return "/content/condition/note";
      default:
        content.condition->severity = content.condition->severity == records::Severity::mild ? records::Severity::severe
                                                                                             : records::Severity::mild;
        return "/content/condition/severity";
    }
  };
  struct Editor {
    std::uint64_t revision = 0;
    records::RecordContent read{};
    records::RecordContent written{};
    std::string pointer{};
  };
  Editor editors[2];
  std::map<std::uint64_t, std::string> changed_by;  // what made each revision
  int stored = 0;
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    Editor& who = editors[chance() % 2];
    if (who.revision == 0) {
      const auto read = ward.again(record.id);
      who = {.revision = read.revision, .read = *read.content, .written = *read.content};
      who.pointer = change(who.written, static_cast<unsigned>(chance() % 3), "text " + std::to_string(i));
      continue;
    }
    const auto answer = doctor.call(records::Update{.id = record.id, .revision = who.revision, .content = who.written});
    if (who.revision == record.revision) {
      record = must(answer);
      changed_by[record.revision] = who.pointer;
      ++stored;
      now = who.written;
    } else {
      ++refused;
      REQUIRE(code_of(answer) == "conflict.revision");
      CHECK(answer.error().revision == record.revision);
      bool both = false;
      for (auto step = changed_by.upper_bound(who.revision); step != changed_by.end(); ++step)
        both = both || step->second == who.pointer;
      // A severity that was changed twice may be what it was.
      const std::string told = fields_of(answer);
      if (who.pointer != "/content/condition/severity") CHECK((told == (both ? who.pointer + ":conflict.member" : "")));
      if (!both) CHECK(told.empty());
    }
    who = {};
  }
  CHECK(stored > 2'000);
  CHECK(refused > 500);
  CHECK(ward.again(record.id).content == now);
  CHECK(must(doctor.call(records::Get{.id = record.id})).revision == static_cast<std::uint64_t>(stored) + 1);
}
