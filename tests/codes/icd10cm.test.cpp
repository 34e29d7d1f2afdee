// Real input: all of ICD-10-CM 2019, as CMS has it.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/codes/loading.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// The header and this many lines of a file without line feeds in its cells.
std::string beginning_of(const std::string& file, std::size_t lines) {
  std::size_t end = file.find('\n') + 1;
  for (; lines > 0 && end < file.size(); --lines) end = file.find('\n', end) + 1;
  return file.substr(0, end);
}

// NOLINTNEXTLINE(readability-function-size): each check is dozens of statements
void load_and_search(std::string_view engine, const std::string& file, std::size_t codes) {
  CAPTURE(engine);
  Hospital hospital = make_platform(TestEngine(engine));
  const Session admin = hospital.as(Role::tenant_admin);
  const auto loaded = load_file(admin, file, "2019");
  CHECK(loaded.created == codes);
  CHECK(loaded.failed == 0);
  CHECK(loaded.system.state == code_systems::State::ready);
  CHECK(loaded.system.codes == codes);
  const Session doctor = hospital.as(Role::doctor);
  CHECK(search(doctor, "cholera", 1) == std::vector<std::string>{"A00"});
  CHECK(search(doctor, "e119", 1) == std::vector<std::string>{"E11.9"});
  const auto many = must(doctor.call(codes::Search{.system = icd, .q = "o", .limit = 200}));
  CHECK(many.codes.size() == 200);
  CHECK(many.more);
  if (codes < 90'000) return;

  const auto femur =
      must(doctor.call(codes::Search{.system = icd, .q = "frac neck femur left init clos", .limit = 200}));
  CHECK(codes_of(femur) == std::vector<std::string>{"S72.002A", "S72.042A", "S72.045A", "S72.092A"});
  CHECK_FALSE(femur.more);
  const auto code = must(doctor.call(codes::Get{.code = "S72.002A", .system = icd}));
  CHECK(code.selectable);
  CHECK(code.display == "Fracture of unspecified part of neck of left femur, initial encounter for closed fracture");
  CHECK_FALSE(must(doctor.call(codes::Get{.code = "S72.0", .system = icd})).selectable);
}

}  // namespace

TEST_CASE("REC-6: the 94,444 codes of ICD-10-CM 2019 are loaded, read and searched") {
  const std::string file = icd10cm_2019();
  if (file.empty()) return;
  load_and_search("sqlcipher", file, 94'444);
  for (const std::string_view engine : engine_kinds) load_and_search(engine, beginning_of(file, 6'000), 6'000);
}
