// Calendar feeds, read back by libical.
#include <doctest/doctest.h>
#include <libical/ical.h>

#include <future>
#include <map>
#include <memory>

#include "adapters/http/router.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/events.hpp"
#include "tests/support/staff.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

struct Entry {
  std::string start{};
  std::string location{};
  std::string summary{};
  int sequence = 0;
  icalproperty_status status = ICAL_STATUS_NONE;
};

/// A clinic with a doctor and a patient who have accounts.
class Feeds {
 public:
  explicit Feeds(std::string_view engine_name) : clinic(TestEngine(engine_name)) {
    doctor = std::make_unique<Session>(
        staff(clinic.hospital, "grey", Role::doctor, {clinic.hospital.home}, clinic.doctor.id));
    patient = std::make_unique<Session>(
        must(clinic.hospital.platform.session(clinic.hospital.slug(), {.issuer = std::string(staff_issuer),
                                                                       .subject = "ada",
                                                                       .display_name = "Ada",
                                                                       .roles = {Role::patient},
                                                                       .patient_id = clinic.patients[0].id})));
  }

  Result<Stream> open(const std::string& token) const {
    return clinic.hospital.visitor().call(calendars::ReadFeed{.token = token});
  }
  std::string text(const std::string& token) const {
    const Stream stream = must(open(token));
    CHECK(stream.media_type == "text/calendar; charset=utf-8");
    return must(Content{.pull = stream.pull}.read_all(std::size_t{1} << 20));
  }

  Clinic clinic;
  std::unique_ptr<Session> doctor{};
  std::unique_ptr<Session> patient{};
};

/// What is in a calendar, by UID; libical finds nothing wrong with it.
std::map<std::string, Entry> entries_of(const std::string& text) {
  ::icalerror_clear_errno();
  const std::unique_ptr<icalcomponent, decltype(&::icalcomponent_free)> calendar(
      ::icalparser_parse_string(text.c_str()), &::icalcomponent_free);
  REQUIRE(calendar != nullptr);
  CHECK(::icalcomponent_isa(calendar.get()) == ICAL_VCALENDAR_COMPONENT);
  CHECK(::icalcomponent_count_errors(calendar.get()) == 0);
  CHECK(icalerrno == ICAL_NO_ERROR);
  std::map<std::string, Entry> entries;
  for (icalcomponent* event = ::icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
       event != nullptr; event = ::icalcomponent_get_next_component(calendar.get(), ICAL_VEVENT_COMPONENT)) {
    const auto said = [](const char* value) { return value == nullptr ? std::string() : std::string(value); };
    CHECK_FALSE(::icaltime_is_null_time(::icalcomponent_get_dtstamp(event)) != 0);
    const bool added = entries
                           .emplace(said(::icalcomponent_get_uid(event)),
                                    Entry{.start = said(::icaltime_as_ical_string(::icalcomponent_get_dtstart(event))),
                                          .location = said(::icalcomponent_get_location(event)),
                                          .summary = said(::icalcomponent_get_summary(event)),
                                          .sequence = ::icalcomponent_get_sequence(event),
                                          .status = ::icalcomponent_get_status(event)})
                           .second;
    CHECK(added);
  }
  return entries;
}

std::string uid_of(const appointments::Appointment& visit) { return visit.id.text() + "@medflow"; }

}  // namespace

TEST_CASE("APT-19: a feed shows when and where one has visits, and nothing about a patient") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Feeds feeds(name);
    Clinic& clinic = feeds.clinic;
    auto request = clinic.booking("2026-11-23T10:00:00Z");
    request.reason = "canary-of-a-reason";
    request.notes = "canary-of-a-note";
    const auto visit = must(clinic.desk().call(request));
    const auto other = clinic.book("2026-11-24T11:00:00Z", 1);
    const auto of_doctor = must(feeds.doctor->call(calendars::CreateFeed{}));
    const auto of_patient = must(feeds.patient->call(calendars::CreateFeed{}));
    CHECK(of_doctor.token.size() == 43);
    CHECK(of_doctor.feed.practitioner_id == clinic.doctor.id);
    CHECK(of_patient.feed.patient_id == clinic.patients[0].id);

    const std::string text = feeds.text(of_doctor.token);
    const auto entries = entries_of(text);
    REQUIRE(entries.size() == 2);
    const Entry& entry = entries.at(uid_of(visit));
    CHECK(entry.start == "20261123T100000Z");
    CHECK(entry.summary == "Appointment");
    CHECK(entry.location == must(clinic.admin().call(facilities::Get{.id = clinic.hospital.home})).name);
    CHECK(entry.status == ICAL_STATUS_CONFIRMED);
    CHECK(entry.sequence == 0);
    CHECK(entries.contains(uid_of(other)));
    for (const std::string& canary :
         {std::string("canary"), std::string("Okafor"), std::string("Ada"), clinic.patients[0].mrn,
          clinic.patients[0].id.text(), visit.number, clinic.service.name, clinic.doctor.name, of_doctor.token})
      CHECK_MESSAGE(text.find(canary) == std::string::npos, canary);
    // The patient sees the own one only.
    const auto own = entries_of(feeds.text(of_patient.token));
    CHECK(own.size() == 1);
    CHECK(own.contains(uid_of(visit)));
  }
}

TEST_CASE("APT-19: a visit keeps its UID, and its SEQUENCE rises when it is moved and when it is cancelled") {
  Feeds feeds("memory");
  Clinic& clinic = feeds.clinic;
  const auto visit = clinic.book("2026-11-23T10:00:00Z");
  const std::string token = must(feeds.doctor->call(calendars::CreateFeed{})).token;
  must(
      clinic.desk().call(appointments::Reschedule{.id = visit.id, .revision = 1, .start = at("2026-11-25T14:00:00Z")}));
  auto entry = entries_of(feeds.text(token)).at(uid_of(visit));
  CHECK(entry.start == "20261125T140000Z");
  CHECK(entry.sequence == 1);
  CHECK(entry.status == ICAL_STATUS_CONFIRMED);
  must(clinic.desk().call(appointments::Cancel{.id = visit.id}));
  entry = entries_of(feeds.text(token)).at(uid_of(visit));
  CHECK(entry.sequence == 2);
  CHECK(entry.status == ICAL_STATUS_CANCELLED);
  // Whoever goes by the number takes the visit that is back for newer than the one that was cancelled.
  must(clinic.desk().call(appointments::Restore{.id = visit.id}));
  entry = entries_of(feeds.text(token)).at(uid_of(visit));
  CHECK(entry.sequence == 3);
  CHECK(entry.status == ICAL_STATUS_CONFIRMED);
}

TEST_CASE("APT-19: what is held or requested is tentative; what was missed or an error is left out") {
  Feeds feeds("memory");
  Clinic& clinic = feeds.clinic;
  const std::string token = must(feeds.doctor->call(calendars::CreateFeed{})).token;
  const auto held = must(clinic.desk().call(appointments::Hold{.patient_id = clinic.patients[1].id,
                                                               .service_id = clinic.service.id,
                                                               .resources = {Clinic::taking_part(clinic.doctor)},
                                                               .start = at("2026-11-23T11:00:00Z")}));
  CHECK(entries_of(feeds.text(token)).at(uid_of(held.appointment)).status == ICAL_STATUS_TENTATIVE);
  clinic.hospital.clock->advance_s(3600);
  CHECK(entries_of(feeds.text(token)).empty());  // the hold has expired
  const auto wrong = clinic.book("2026-11-24T10:00:00Z");
  must(clinic.admin().call(appointments::MarkError{.id = wrong.id, .reason = "of another patient"}));
  const auto missed = clinic.book("2026-11-24T12:00:00Z");
  clinic.go_to("2026-11-24T13:00:00Z");
  must(clinic.desk().call(appointments::MarkNoShow{.id = missed.id}));
  clinic.service = clinic.add_service("approved", {.approval = true});
  const auto asked = clinic.book("2026-11-25T10:00:00Z");
  const auto entries = entries_of(feeds.text(token));
  REQUIRE(entries.size() == 1);
  CHECK(entries.at(uid_of(asked)).status == ICAL_STATUS_TENTATIVE);
}

TEST_CASE("APT-19: a feed reaches 30 days back") {
  Feeds feeds("memory");
  Clinic& clinic = feeds.clinic;
  clinic.book("2026-11-23T10:00:00Z");
  const auto later = clinic.book("2026-12-23T10:00:00Z");
  const std::string token = must(feeds.doctor->call(calendars::CreateFeed{})).token;
  CHECK(entries_of(feeds.text(token)).size() == 2);
  clinic.go_to("2026-12-24T10:00:00Z");
  const auto entries = entries_of(feeds.text(token));
  CHECK(entries.size() == 1);
  CHECK(entries.contains(uid_of(later)));
}

TEST_CASE("APT-19: a token that was revoked, or is none, opens nothing") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Feeds feeds(name);
    const auto made = must(feeds.doctor->call(calendars::CreateFeed{}));
    const auto kept = must(feeds.doctor->call(calendars::CreateFeed{}));
    CHECK(code_of(feeds.open(made.token)) == "ok");
    // It is not for others to see or end.
    CHECK(code_of(feeds.patient->call(calendars::RevokeFeed{.id = made.feed.id})) == "not_found");
    CHECK(must(feeds.patient->call(calendars::ListFeeds{})).data.empty());
    must(feeds.doctor->call(calendars::RevokeFeed{.id = made.feed.id}));
    must(feeds.doctor->call(calendars::RevokeFeed{.id = made.feed.id}));
    CHECK(code_of(feeds.open(made.token)) == "not_found");
    CHECK(code_of(feeds.open(kept.token)) == "ok");
    CHECK(code_of(feeds.open("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")) == "not_found");
    CHECK(code_of(feeds.open("x")) == "not_found");
    const auto listed = must(feeds.doctor->call(calendars::ListFeeds{})).data;
    REQUIRE(listed.size() == 2);
    CHECK(listed[0].revoked_at.has_value() != listed[1].revoked_at.has_value());
    // Nor in a tenant that is not there.
    const auto nowhere =
        feeds.clinic.hospital.platform.visit("no-such-tenant").call(calendars::ReadFeed{.token = kept.token});
    CHECK(code_of(nowhere) == "not_found");
    // Nor when its owner may not sign in any more.
    must(feeds.clinic.admin().call(users::Disable{.id = kept.feed.user_id}));
    CHECK(code_of(feeds.open(kept.token)) == "not_found");
  }
}

TEST_CASE("APT-19: a feed is for whoever has a calendar, and ten are enough") {
  Feeds feeds("memory");
  CHECK(code_of(feeds.clinic.desk().call(calendars::CreateFeed{})) == "forbidden");
  std::vector<FeedId> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(must(feeds.doctor->call(calendars::CreateFeed{})).feed.id);
  CHECK(code_of(feeds.doctor->call(calendars::CreateFeed{})) == "feed.too_many");
  must(feeds.doctor->call(calendars::RevokeFeed{.id = ids[3]}));
  CHECK(code_of(feeds.doctor->call(calendars::CreateFeed{})) == "ok");
  CHECK(must(feeds.doctor->call(calendars::ListFeeds{.limit = 5})).data.size() == 5);
}

TEST_CASE("APT-19: who reads a feed is in the audit log, and so is who tries") {
  Feeds feeds("memory");
  const auto made = must(feeds.patient->call(calendars::CreateFeed{}));
  static_cast<void>(feeds.text(made.token));
  auto all = events(feeds.clinic.hospital.as(Role::auditor));
  const auto* event = last_of(all, "calendars.read_feed");
  REQUIRE(event != nullptr);
  CHECK(event->event.object == made.feed.id.uuid);
  CHECK(event->event.on_behalf_of == made.feed.user_id.uuid);
  CHECK(event->event.patients == std::vector{feeds.clinic.patients[0].id.uuid});
  static_cast<void>(feeds.open("x"));
  all = events(feeds.clinic.hospital.as(Role::auditor));
  CHECK(last_of(all, "calendars.read_feed")->text() == "calendars.read_feed denied not_found");
}

TEST_CASE("APT-19: a calendar program that sends no header of ours names the tenant in the query") {
  Feeds feeds("memory");
  const auto visit = feeds.clinic.book("2026-11-23T10:00:00Z");
  const std::string token = must(feeds.doctor->call(calendars::CreateFeed{})).token;
  http::Router router(feeds.clinic.hospital.platform, {});
  const auto get = [&](const std::string& target) {
    const std::vector<http::HeaderField> fields = {{.name = "Host", .value = "clinic.test"}};
    std::promise<http::Response> promised;
    router.handle({.method = "GET", .target = target, .fields = fields},
                  [&](http::Answer answer) { promised.set_value(std::move(answer).render()); });
    return promised.get_future().get();
  };
  const std::string path = "/api/v1/calendars/" + token;
  const auto found = get(path + "?tenant=" + feeds.clinic.hospital.slug());
  CHECK(found.status == 200);
  CHECK(found.content_type_own == "text/calendar; charset=utf-8");
  REQUIRE(found.stream);
  const auto entries = entries_of(must(Content{.pull = found.stream->pull}.read_all(std::size_t{1} << 20)));
  CHECK(entries.contains(uid_of(visit)));
  CHECK(get(path).status == 404);  // which tenant, nobody says
  CHECK(get(path + "?tenant=elsewhere").status == 404);
  CHECK(get(path + "?tenant=a&tenant=b").status == 400);
  CHECK(get(path + "?other=1").status == 400);
  CHECK(get("/api/v1/calendars/feeds?tenant=" + feeds.clinic.hospital.slug()).status == 401);
}
