#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <thread>

#include "medflow/testing/counting_engine.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::string_view everybodys = "+442071234567";

patients::Register walker(std::size_t number) {
  static constexpr std::string_view given[] = {"Wendy", "Walt", "Wilma", "Ward"};
  patients::Register request{.names = {{.family = number % 3 == 0 ? "Walkers" : "Walker",
                                        .given = {std::string(given[number % std::size(given)])}}},
                             .sex_admin = patients::Sex::unknown,
                             .phones = {{.e164 = std::string(everybodys)}}};
  request.birth = patients::Birth{.date = {static_cast<std::int16_t>(1950 + number % 5), 1, 2}};
  return request;
}

/// One way to list the same patients.
struct Way {
  std::string_view name{};
  Role role{};
  patients::List first{};
};

std::vector<Way> ways() {
  return {{"by id", Role::receptionist, {.limit = 7}},
          {"by facility", Role::tenant_admin, {.limit = 7}},
          {"exact", Role::receptionist, {.phone = std::string(everybodys), .limit = 7}},
          {"by name", Role::receptionist, {.name = "walker", .limit = 7}}};
}

/// Patients that stay as they are in the order of every list, and others that come, change and go beside them.
class Ward {
 public:
  explicit Ward(Hospital& hospital) : desk_(hospital.as(Role::receptionist)), admin_(hospital.as(Role::tenant_admin)) {
    for (std::size_t i = 0; i < 60; ++i) {
      const auto made = must(desk_.call(walker(i)));
      if (i % 3 == 1) {
        passing_.push_back(made.id);
      } else {
        staying_.push_back(made.id);
      }
    }
  }

  const std::vector<PatientId>& staying() const { return staying_; }

  /// Some change; `near` is where a page ended, around which an error of one place would show.
  void stir(const std::vector<PatientId>& near) {
    if (!near.empty()) {
      come_beside(near.back());
      come_beside(near.front());
      // The patient at a page's very end goes, if it is not one that stays.
      for (const PatientId& id : {near.front(), near.back()})
        if (std::find(passing_.begin(), passing_.end(), id) != passing_.end()) go(id);
    }
    change(staying_[chance_() % staying_.size()]);
    if (!passing_.empty()) rename(passing_[chance_() % passing_.size()]);
    passing_.push_back(must(desk_.call(walker(chance_() % 12))).id);
    if (passing_.size() > 12) go(passing_[chance_() % passing_.size()]);
  }

 private:
  void come_beside(PatientId id) {
    for (const int step : {1, -1}) {
      auto request = walker(chance_() % 12);
      request.id = id;
      request.id->uuid.bytes[15] = static_cast<std::uint8_t>(id.uuid.bytes[15] + step);
      const auto made = desk_.call(request);
      if (made.ok() && std::find(passing_.begin(), passing_.end(), made->id) == passing_.end() &&
          std::find(staying_.begin(), staying_.end(), made->id) == staying_.end())
        passing_.push_back(made->id);
    }
  }

  void change(PatientId id) {
    const auto now = must(desk_.call(patients::Get{.id = id}));
    must(desk_.call(patients::Patch{
        .id = id, .revision = now.revision, .language = std::string(now.language == "en" ? "cy" : "en")}));
  }

  void rename(PatientId id) {
    const auto now = must(desk_.call(patients::Get{.id = id}));
    must(desk_.call(patients::Patch{.id = id, .revision = now.revision, .names = walker(chance_() % 12).names}));
  }

  void go(PatientId id) {
    must(admin_.call(patients::Delete{.id = id, .reason_code = "duplicate"}));
    std::erase(passing_, id);
  }

  Session desk_;
  Session admin_;
  std::vector<PatientId> staying_{};
  std::vector<PatientId> passing_{};
  std::mt19937 chance_{5};
};

std::vector<PatientId> ids_of(const Page<patients::Patient>& page) {
  std::vector<PatientId> ids;
  for (const auto& patient : page.data) ids.push_back(patient.id);
  return ids;
}

Page<patients::Patient> follow(const Session& session, patients::List request,
                               const std::optional<std::string>& cursor) {
  REQUIRE(cursor);
  request.cursor = *cursor;
  return must(session.call(request));
}

/// All pages from `page` on to one side; `between` is called after each. Answers the ids in the order in which they were seen.
template <class Between>
std::vector<PatientId> walk(const Session& session, const patients::List& first, Page<patients::Patient>& page,
                            std::optional<std::string> PageInfo::*side, Between&& between) {
  std::vector<PatientId> seen;
  for (int pages = 0; pages < 200; ++pages) {
    auto ids = ids_of(page);
    if (side == &PageInfo::prev) std::reverse(ids.begin(), ids.end());
    seen.insert(seen.end(), ids.begin(), ids.end());
    if (!(page.page.*side)) return seen;
    between(ids);
    page = follow(session, first, page.page.*side);
    CHECK(page.data.size() <= first.limit);
  }
  FAIL("a walk without an end");
  return seen;
}

void check_once(const std::vector<PatientId>& seen, const std::vector<PatientId>& staying) {
  std::map<PatientId, int> times;
  for (const PatientId& id : seen) ++times[id];
  for (const PatientId& id : staying) CHECK(times[id] == 1);
}

/// Those of the first that are among the second.
std::vector<PatientId> only(std::vector<PatientId> ids, const std::vector<PatientId>& among) {
  std::erase_if(ids, [&](const PatientId& id) { return std::find(among.begin(), among.end(), id) == among.end(); });
  return ids;
}

}  // namespace

TEST_CASE(
    "API-5: who stays through a walk of pages is seen exactly once, whatever comes and goes at the ends of pages") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    Ward ward(hospital);
    for (const Way& way : ways()) {
      CAPTURE(way.name);
      const Session session = hospital.as(way.role);
      auto page = must(session.call(way.first));
      CHECK_FALSE(page.page.prev);
      const auto stir = [&](const std::vector<PatientId>& ids) { ward.stir(ids); };
      const auto forwards = walk(session, way.first, page, &PageInfo::next, stir);
      check_once(forwards, ward.staying());
      auto backwards = walk(session, way.first, page, &PageInfo::prev, stir);
      check_once(backwards, ward.staying());
      // And in the same order.
      std::reverse(backwards.begin(), backwards.end());
      CHECK(only(forwards, ward.staying()) == only(backwards, ward.staying()));
      if (page.data.empty()) page = follow(session, way.first, page.page.next);  // whoever was there has gone
      REQUIRE_FALSE(page.data.empty());
      CHECK(ids_of(page).front() == ids_of(must(session.call(way.first))).front());
    }
  }
}

TEST_CASE("API-5: the page before a page is the one that led to it") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Ward ward(hospital);
  for (const Way& way : ways()) {
    CAPTURE(way.name);
    const Session session = hospital.as(way.role);
    std::vector<Page<patients::Patient>> pages{must(session.call(way.first))};
    while (pages.back().page.next) {
      pages.push_back(follow(session, way.first, pages.back().page.next));
    }
    REQUIRE(pages.size() == 9);  // 60 by sevens
    CHECK_FALSE(pages.front().page.prev);
    for (std::size_t i = pages.size() - 1; i > 0; --i) {
      const auto before = follow(session, way.first, pages[i].page.prev);
      CHECK(ids_of(before) == ids_of(pages[i - 1]));
      CHECK(before.page.prev.has_value() == (i > 1));
      CHECK(ids_of(follow(session, way.first, before.page.next)) == ids_of(pages[i]));
    }
  }
}

TEST_CASE("API-5: from a page that has become empty the way back leads over all that is left") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session desk = hospital.as(Role::receptionist);
  const Session admin = hospital.as(Role::tenant_admin);
  std::vector<PatientId> all;
  for (std::size_t i = 0; i < 9; ++i) all.push_back(must(desk.call(walker(1))).id);
  std::sort(all.begin(), all.end());
  for (Way way : ways()) {
    CAPTURE(way.name);
    const Session session = hospital.as(way.role);
    way.first.limit = 7;
    const auto first = must(session.call(way.first));
    REQUIRE(first.page.next);
    for (std::size_t i = 7; i < 9; ++i) must(admin.call(patients::Delete{.id = all[i], .reason_code = "duplicate"}));
    const auto empty = follow(session, way.first, first.page.next);
    CHECK(empty.data.empty());
    CHECK_FALSE(empty.page.next);
    CHECK(ids_of(follow(session, way.first, empty.page.prev)) == ids_of(first));
    for (std::size_t i = 7; i < 9; ++i) must(admin.call(patients::Restore{.id = all[i], .reason_code = "duplicate"}));
  }
}

TEST_CASE("SEC-2: of whoever shares a number 2,000 are looked at for a page, which then is short and goes on") {
  const auto engine = std::make_shared<CountingEngine>(storage::memory_engine());
  const auto clock = std::make_shared<FakeClock>();
  Hospital hospital(test_options(engine, clock), clock);
  const Session desk = hospital.as(Role::receptionist);
  std::vector<PatientId> all;
  for (std::size_t i = 0; i < 2'500; ++i) all.push_back(must(desk.call(walker(0))).id);  // born in 1950
  std::sort(all.begin(), all.end());
  const auto search = [&](std::int16_t year, std::string cursor = {}) {
    return must(desk.call(patients::List{
        .phone = std::string(everybodys), .birth = PartialDate{year}, .limit = 20, .cursor = std::move(cursor)}));
  };
  static_cast<void>(search(1950));
  const auto before = engine->counts().of(StorageCall::get);
  const auto nobody = search(1900);
  CHECK(engine->counts().of(StorageCall::get) - before < 20);
  CHECK(nobody.data.empty());
  REQUIRE(nobody.page.next);
  const auto rest = search(1900, *nobody.page.next);
  CHECK(rest.data.empty());
  CHECK_FALSE(rest.page.next);

  // Those at the end are found all the same, and those at the beginning again on the way back.
  for (const PatientId& id : {all.front(), all[1'999], all[2'000], all.back()})
    must(desk.call(patients::Patch{
        .id = id, .revision = 1, .birth = patients::BirthPatch{.date = PartialDate{1900, 1, 2}, .estimated = false}}));
  const auto first = search(1900);
  CHECK(ids_of(first) == std::vector{all.front(), all[1'999]});
  REQUIRE(first.page.next);
  const auto second = search(1900, *first.page.next);
  CHECK(ids_of(second) == std::vector{all[2'000], all.back()});
  CHECK_FALSE(second.page.next);
  REQUIRE(second.page.prev);
  CHECK(ids_of(search(1900, *second.page.prev)) == std::vector{all.front(), all[1'999]});
}

TEST_CASE("API-5: the same while others really work at the same time") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    Ward ward(hospital);
    const auto all_ways = ways();
    std::vector<Session> sessions;
    for (const Way& way : all_ways) sessions.push_back(hospital.as(way.role));
    std::thread others([&] {
      for (int i = 0; i < 60; ++i) ward.stir({});
    });
    std::vector<std::vector<PatientId>> seen;
    for (std::size_t i = 0; i < all_ways.size(); ++i) {
      auto page = must(sessions[i].call(all_ways[i].first));
      const auto nothing = [](const std::vector<PatientId>&) {};
      seen.push_back(walk(sessions[i], all_ways[i].first, page, &PageInfo::next, nothing));
      seen.push_back(walk(sessions[i], all_ways[i].first, page, &PageInfo::prev, nothing));
    }
    others.join();
    for (const auto& one : seen) check_once(one, ward.staying());
  }
}
