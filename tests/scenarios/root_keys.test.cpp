// Root keys that a host keeps, and what is at rest beside sealed blocks.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;
namespace fs = std::filesystem;

namespace {

enum class Says { yes, no, nothing };

/// The test's root key behind a host's functions.
std::shared_ptr<RootKeyProvider> host_key(Says& says, std::uint8_t which = 7) {
  const std::array<std::byte, 32> key{std::byte{which}};
  const auto inner = memory_root_key(key);
  return callback_root_key(
      {.current = [inner] { return inner->current(); },
       .wrap = [inner](const RootId& id, auto associated, auto bytes) { return inner->wrap(id, associated, bytes); },
       .unwrap =
           [inner, &says](const RootId& id, auto associated, auto wrapped, auto bytes) {
             if (says == Says::nothing) throw std::runtime_error("away");
             if (says == Says::no) return false;
             inner->unwrap(id, associated, wrapped, bytes);
             return true;
           }});
}

/// Of an engine that keeps no files here, none.
std::map<std::string, std::string> files_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) {
      std::ifstream in(entry.path(), std::ios::binary);
      files[entry.path().string()] = {std::istreambuf_iterator<char>(in), {}};
    }
  return files;
}

}  // namespace

TEST_CASE(
    "SEC-5: a root key that a host keeps opens the data; a wrong one is key.mismatch, an absent one unavailable") {
  for (const std::string_view name : durable_engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    Says says = Says::yes;
    const auto options = [&](std::uint8_t which = 7) {
      auto out = test_options(engine, clock);
      out.root_key = host_key(says, which);
      return out;
    };
    std::string token;
    {
      Hospital hospital(options(), clock);
      hospital.as(Role::tenant_admin);
      token = hospital.member(Role::tenant_admin).tokens.access_token;
    }
    const auto before = files_of(engine.folder() / "data");
    says = Says::no;
    CHECK(code_of(Platform::open(options())) == "key.mismatch");
    says = Says::nothing;
    const auto away = Platform::open(options());
    CHECK(code_of(away) == "key.unavailable");
    CHECK(away.error().retryable());
    says = Says::yes;
    CHECK(code_of(Platform::open(options(8))) == "key.mismatch");
    CHECK(files_of(engine.folder() / "data") == before);  // nothing is half open

    const Platform platform = must(Platform::open(options()));
    says = Says::nothing;  // it goes away after the platform was opened, before the tenant is
    CHECK(code_of(platform.authenticate(token)) == "key.unavailable");
    says = Says::yes;
    CHECK(code_of(platform.authenticate(token)) == "ok");
  }
}

TEST_CASE("SEC-2: a page looks at 2,000 candidates at most; then it is short, with a cursor to the rest") {
  const TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session home = hospital.as(Role::receptionist);
  const auto person = [](int year) {
    return patients::Register{.names = {{.family = "Abernathy", .given = {"Ann"}}},
                              .birth = patients::Birth{.date = {static_cast<std::int16_t>(year), 5, 12}},
                              .sex_admin = patients::Sex::female};
  };
  // Candidates come in the order of rank, birth date and id: the older ones first.
  for (int i = 0; i < 2'600; ++i) must(home.call(person(1950)));
  for (int i = 0; i < 3; ++i) must(home.call(person(1990)));

  patients::Search search{.name = "abernathy", .birth = PartialDate{1990, 5, 12}, .limit = 20};
  const auto first = must(home.call(search));
  CHECK(first.data.empty());
  REQUIRE(first.page.next);
  search.cursor = *first.page.next;
  const auto second = must(home.call(search));
  CHECK(second.data.size() == 3);
  CHECK_FALSE(second.page.next);
  CHECK(must(home.call(patients::Search{.name = "abernathy", .limit = 20})).data.size() == 20);
}
