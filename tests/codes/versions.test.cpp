#include <doctest/doctest.h>

#include "codes/codes.hpp"
#include "kernel/outside.hpp"
#include "kernel/platform_state.hpp"
#include "tests/codes/loading.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

using code_systems::State;
using Codes = std::vector<std::pair<std::string, std::string>>;

const Codes of_2025 = {{"A00", "Cholera"}, {"A00.0", "Cholera due to Vibrio cholerae 01"}, {"Z99", "Old code"}};
const Codes of_2026 = {{"A00", "Cholera"}, {"A00.0", "Cholera due to Vibrio cholerae O1"}, {"U07.1", "COVID-19"}};

std::string failed_lines(const code_systems::Imported& imported) {
  std::string text;
  for (const auto& row : imported.rows)
    text += (text.empty() ? "" : " ") + std::to_string(row.line) + ":" + row.column + ":" + row.code;
  return text;
}

/// How many codes are stored in all, seen or not: what an export of the rows would hold.
std::size_t versions_listed(const Session& session) {
  return must(session.call(code_systems::List{.limit = page_limit_max})).data.size();
}

}  // namespace

TEST_CASE("REC-6: two versions of a code system lie side by side, and the one in use is searched and read") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const Session nurse = hospital.as(Role::nurse);
    CHECK(fields_of(nurse.call(codes::Search{.system = icd, .q = "chol"})) == "/system:code_system.unknown");

    const auto first = load(admin, "2025", of_2025);
    CHECK(first.created == 3);
    CHECK(first.system.state == State::ready);
    CHECK(first.system.in_use);
    CHECK(search(nurse, "old") == std::vector<std::string>{"Z99"});

    const auto second = load(admin, "2026", of_2026, false);
    CHECK_FALSE(second.system.in_use);
    CHECK(search(nurse, "covid").empty());
    CHECK(must(nurse.call(codes::Get{.code = "U07.1", .system = icd, .version = "2026"})).display == "COVID-19");
    CHECK(code_of(nurse.call(codes::Get{.code = "U07.1", .system = icd})) == "not_found");

    const auto used = must(admin.call(code_systems::Activate{.id = second.system.id}));
    CHECK(used.in_use);
    CHECK(search(nurse, "covid") == std::vector<std::string>{"U07.1"});
    CHECK(search(nurse, "old").empty());
    const auto code = must(nurse.call(codes::Get{.code = "A00.0", .system = icd}));
    CHECK(code.display == "Cholera due to Vibrio cholerae O1");
    CHECK(code.version == "2026");
    CHECK(must(nurse.call(codes::Get{.code = "A00.0", .system = icd, .version = "2025"})).display ==
          "Cholera due to Vibrio cholerae 01");
    CHECK_FALSE(must(nurse.call(code_systems::Get{.id = first.system.id})).in_use);
    CHECK(must(nurse.call(code_systems::List{.system = icd})).data.size() == 2);
    CHECK(must(nurse.call(code_systems::List{.system = "http://loinc.org"})).data.empty());

    CHECK(must(admin.call(code_systems::Activate{.id = first.system.id})).in_use);
    CHECK(search(nurse, "old") == std::vector<std::string>{"Z99"});
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("REC-6: codes are loaded and put to use by administrators alone") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const auto loaded = load(hospital.as(Role::tenant_admin), "2026", of_2026);
  for (const Role role : {Role::doctor, Role::nurse, Role::receptionist, Role::patient}) {
    const Session session = hospital.as(role);
    CHECK(code_of(session.call(piece_of("2027", csv_of(of_2026)))) == "forbidden");
    CHECK(code_of(session.call(code_systems::Activate{.id = loaded.system.id})) == "forbidden");
    CHECK(search(session, "covid").size() == 1);
  }
}

TEST_CASE("REC-6: nothing of a version is seen before it is whole, and a run that was broken off is begun anew") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    load(admin, "2025", of_2025);

    const auto begun = must(admin.call(piece_of("2026", csv_of({of_2026[0], {"X00", "Of the first run alone"}}))));
    CHECK(begun.system.state == State::loading);
    CHECK(begun.created == 2);
    CHECK(code_of(admin.call(code_systems::Activate{.id = begun.system.id})) == "code_system.loading");
    CHECK(code_of(admin.call(codes::Get{.code = "X00", .system = icd, .version = "2026"})) == "not_found");
    CHECK(search(admin, "first").empty());

    // Here the first run ends; the second one has another file.
    auto again = must(admin.call(piece_of("2026", csv_of({of_2026[0]}))));
    CHECK(again.system.id != begun.system.id);
    CHECK(again.created == 1);
    auto late = piece_of("2026", csv_of({of_2026[1]}));
    late.id = begun.system.id;
    CHECK(code_of(admin.call(late)) == "not_found");  // a straggler of the first run

    auto second = piece_of("2026", csv_of({of_2026[1]}));
    second.id = again.system.id;
    must(admin.call(second));
    auto last = piece_of("2026", csv_of({of_2026[2]}));
    last.id = again.system.id;
    last.total = 4;  // as if a piece were missing
    CHECK(code_of(admin.call(last)) == "code_system.incomplete");
    CHECK(must(admin.call(code_systems::Get{.id = again.system.id})).codes == 2);  // that piece left nothing
    last.content = Content::of("text/csv", csv_of({of_2026[2]}));
    last.total = 3;
    const auto whole = must(admin.call(last));
    CHECK(whole.system.state == State::ready);
    CHECK(whole.system.codes == 3);
    CHECK(search(admin, "covid") == std::vector<std::string>{"U07.1"});
    CHECK(search(admin, "first").empty());
    CHECK(versions_listed(admin) == 2);
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("REC-6: what was broken off is removed piece by piece, and in the end with its version") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    Codes many;
    for (int i = 0; i < 500; ++i) many.emplace_back("C" + std::to_string(i), "Code " + std::to_string(i));
    const auto begun = must(admin.call(piece_of("1", csv_of(many))));
    Codes more;
    for (int i = 500; i < 600; ++i) more.emplace_back("C" + std::to_string(i), "Code " + std::to_string(i));
    auto next = piece_of("1", csv_of(more));
    next.id = begun.system.id;
    must(admin.call(next));

    // The change feed tells of each row that goes.
    const auto removed = [&](std::string_view version, const Codes& codes) {
      const std::uint64_t before = must(admin.call(audit::Verify{})).rows;
      must(admin.call(piece_of(std::string(version), csv_of(codes))));
      return static_cast<std::int64_t>(before) - static_cast<std::int64_t>(must(admin.call(audit::Verify{})).rows);
    };
    CHECK(removed("1", {of_2026[0]}) == 500 - 2);  // one new version, one new code
    CHECK(removed("2", {of_2026[0]}) == 101 - 2);  // the rest, and the version that was given up
    CHECK(removed("3", {of_2026[0]}) == 0 - 2);
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("REC-6: a version that is whole does not change: the same file adds nothing, another one fails") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto first = load(admin, "2026", of_2026);
    load(admin, "2025", of_2025);
    const auto same = load(admin, "2026", of_2026);
    CHECK(same.system.id == first.system.id);
    CHECK(same.created == 0);
    CHECK(same.unchanged == 3);
    CHECK(same.system.in_use);  // as was asked, once more
    CHECK(search(admin, "covid").size() == 1);

    auto other = piece_of("2026", csv_of({{"A00", "Cholera"}, {"A00.0", "Something else"}, {"B99", "A new one"}}));
    other.total = 3;
    const auto refused = must(admin.call(other));
    CHECK(refused.created == 0);
    CHECK(failed_lines(refused) == "3:code:code.differs 4:code:code.differs");
    CHECK(must(admin.call(codes::Get{.code = "A00.0", .system = icd})).display == of_2026[1].second);
    CHECK(code_of(admin.call(codes::Get{.code = "B99", .system = icd})) == "not_found");
    auto shorter = piece_of("2026", csv_of({of_2026[0]}));
    shorter.total = 1;
    CHECK(code_of(admin.call(shorter)) == "code_system.incomplete");
  }
}

TEST_CASE("REC-6, R9: lines that cannot be read are told, and the version is not whole with them") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session admin = hospital.as(Role::tenant_admin);
  auto request = piece_of("1",
                          "code,display,selectable\nA1,Fine,1\n,No "
                          "code,1\nA2,,1\nA3,Flag,yes\nA1,Twice,0\nA4\n\"A\t5\",Tab,1\n A6,Space,1\nA7,\"\xff\",1\n" +
                              std::string(101, 'A') + ",Long,1\nA8,Header,0\n");
  request.first_line = 11;
  request.total = 2;
  const auto imported = must(admin.call(request));
  CHECK(imported.created == 2);
  CHECK(imported.system.state == State::loading);
  CHECK(imported.system.failed == 9);
  CHECK(failed_lines(imported) ==
        "13:code:required 14:display:required 15:selectable:type.mismatch 16:code:code.twice 17::csv.columns "
        "18:code:text.control_character 19:code:code.malformed 20:display:text.invalid_utf8 21:code:text.too_long");
  auto end = piece_of("1", csv_of({{"A9", "More"}}));
  end.id = imported.system.id;
  end.total = 3;
  CHECK(must(admin.call(end)).system.state == State::loading);
  CHECK(fields_of(admin.call(codes::Search{.system = icd, .q = "fine"})) == "/system:code_system.unknown");
}

TEST_CASE("REC-6, R9: ICD-10-CM as CMS has it gets its dots, and what is no such code is refused") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session admin = hospital.as(Role::tenant_admin);
  auto request =
      piece_of("2019",
               "code,billable,short_description,long_description,category,chapter_no\n"
               "A00,0,Cholera,Cholera,A00,1\n"
               "S72002A,1,Fx,\"Fracture of unspecified part of neck of left femur, initial encounter\",S72,19\n");
  request.format = code_systems::Format::icd10cm;
  request.total = 2;
  CHECK(must(admin.call(request)).created == 2);
  const auto header = must(admin.call(codes::Get{.code = "A00", .system = icd}));
  CHECK_FALSE(header.selectable);
  const auto found = must(admin.call(codes::Search{.system = icd, .q = "s72.002a"}));
  REQUIRE(found.codes.size() == 1);
  CHECK(found.codes[0].code == "S72.002A");
  CHECK(found.codes[0].selectable);

  auto wrong =
      piece_of("2020", "code,billable,long_description\nA0,1,Short\nA00.0,1,Dot\na00,1,Small\nA0012345,1,Long\n");
  wrong.format = code_systems::Format::icd10cm;
  CHECK(failed_lines(must(admin.call(wrong))) ==
        "2:code:code.malformed 3:code:code.malformed 4:code:code.malformed 5:code:code.malformed");
  for (const char* text : {"", "code\nA1\n", "a,b\n1,2\n", "code,display\n\"A1,open\n"})
    CHECK(code_of(admin.call(piece_of("2021", text))) == "import.layout");
  wrong.content = Content::of("text/csv", "code,display\nA00,Cholera\n");
  CHECK(code_of(admin.call(wrong)) == "import.layout");
  Codes many;
  for (int i = 0; i < 501; ++i) many.emplace_back("C" + std::to_string(i), "x");
  CHECK(code_of(admin.call(piece_of("2021", csv_of(many)))) == "too_large");
}

TEST_CASE("REC-6, R9: the bounds of requests about codes") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session admin = hospital.as(Role::tenant_admin);
  load(admin, "2026", of_2026);
  const auto search_with = [&](codes::Search request) { return fields_of(admin.call(std::move(request))); };
  CHECK(search_with({.system = "icd-10-cm", .q = "x"}) == "/system:format.uri");
  CHECK(search_with({.system = icd, .q = ""}) == "/q:required");
  CHECK(search_with({.system = icd, .q = "--- ,"}) == "/q:query.empty");
  CHECK(search_with({.system = icd, .q = "x", .limit = 0}) == "/limit:number.out_of_range");
  CHECK(search_with({.system = icd, .q = "x", .limit = 201}) == "/limit:number.out_of_range");
  CHECK(search_with({.system = "http://loinc.org", .q = "x"}) == "/system:code_system.unknown");
  CHECK(fields_of(admin.call(piece_of("", csv_of(of_2026)))) == "/version:required");
  CHECK(code_of(admin.call(codes::Get{.code = "A00", .system = "http://loinc.org"})) == "not_found");
  CHECK(code_of(admin.call(codes::Get{.code = "a00", .system = icd})) == "not_found");  // codes are what they are
  CHECK(code_of(admin.call(code_systems::Activate{.id = CodeSystemId{hospital.home.uuid}})) == "not_found");
  for (int i = 2; i <= 100; ++i) must(admin.call(piece_of("v" + std::to_string(i), csv_of({of_2026[0]}))));
  CHECK(code_of(admin.call(piece_of("v101", csv_of({of_2026[0]})))) == "code_system.too_many");
}

TEST_CASE("REC-6: what was loaded is there after a restart, and half a version is still none") {
  for (const std::string_view name : durable_engine_names) {
    CAPTURE(name);
    const EngineHome home(name);
    const auto clock = std::make_shared<FakeClock>();
    std::string email;
    CodeSystemId half;
    {
      Hospital hospital(test_options(home.engine(), clock), clock);
      const Session admin = hospital.as(Role::tenant_admin);
      load(admin, "2025", of_2025);
      half = must(admin.call(piece_of("2026", csv_of({of_2026[2]})))).system.id;
      email = Hospital::email_of(Role::tenant_admin);
    }
    const Platform platform = must(Platform::open(test_options(home.engine(), clock)));
    const Session visitor = platform.visit("saint-mary");
    const Session admin = must(platform.authenticate(
        must(visitor.call(auth::Login{.email = email, .password = Hospital::secret(Hospital::password)}))
            .access_token));
    CHECK(search(admin, "chol") == std::vector<std::string>{"A00", "A00.0"});
    CHECK(search(admin, "covid").empty());
    CHECK(must(admin.call(code_systems::Get{.id = half})).state == State::loading);
    CHECK(load(admin, "2026", of_2026).system.in_use);
    CHECK(search(admin, "covid") == std::vector<std::string>{"U07.1"});
  }
}

TEST_CASE("REC-6: a code of a system that nobody loaded is opaque, of one in use it is known or not") {
  using codes::Standing;
  for (const std::string_view engine_name : engine_names) {
    CAPTURE(engine_name);
    const TestEngine engine(engine_name);
    const auto clock = std::make_shared<FakeClock>();
    {
      Hospital hospital(test_options(engine, clock), clock);
      const Session admin = hospital.as(Role::tenant_admin);
      load(admin, "2025", of_2025);
      load(admin, "2026", of_2026, false);
      auto opaque = piece_of("1", csv_of({{"8867-4", "Heart rate"}}));  // begun, not whole
      opaque.system = "http://loinc.org";
      must(admin.call(opaque));
    }
    auto state = std::make_shared<kernel::PlatformState>(test_options(engine, clock));
    state->open();
    const auto store = state->store("saint-mary");
    const auto system = state->system_session(store, "test");
    kernel::CallFrame frame{.session = system.get(),
                            .store = store.get(),
                            .row = find_operation("code_systems.activate"),
                            .now = clock->now()};
    const auto standing = [&](std::string_view in, std::string_view code) {
      Standing found{};
      kernel::Outside(frame).write_in(*store, [&](kernel::Work& work) { found = codes::standing_of(work, in, code); });
      return found;
    };
    CHECK(standing(icd, "Z99") == Standing::known);
    CHECK(standing(icd, "U07.1") == Standing::unknown_code);
    CHECK(standing(icd, "z99") == Standing::unknown_code);
    CHECK(standing(icd, "Z9") == Standing::unknown_code);
    CHECK(standing("http://loinc.org", "8867-4") == Standing::unknown_system);
    CHECK(standing("http://loinc.org", "no such") == Standing::unknown_system);
    state->close();
  }
}
