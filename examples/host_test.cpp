// How a host tests what it builds on MedFlow: a hospital in memory, time that is moved by hand, chance that can be repeated, storage
// that fails when it is told to, calls that are counted.
#include <cstdio>

#include "medflow/testing.hpp"
using namespace medflow;
using testing::must;

/// The host's own code under test: registers a walk-in, and says what to tell them.
std::string greet(const Session& desk, const std::string& family) {
  const auto patient = desk.call(patients::Register{.names = {{.family = family}}});
  if (patient.ok()) return "welcome, " + patient->mrn;
  return patient.error().retryable() ? "one moment, please" : "please come to the desk";
}

int main() {
  const auto run = [](std::uint64_t seed) {
    const auto faults = std::make_shared<testing::Faults>();
    const auto counting = std::make_shared<testing::CountingEngine>(storage::memory_engine());
    const auto engine = std::make_shared<testing::FaultyEngine>(counting, faults);
    const auto clock = std::make_shared<testing::FakeClock>();
    testing::Hospital hospital(testing::seeded_options(engine, clock, seed), clock);
    hospital.add_patients(3);
    const Session desk = hospital.as(Role::receptionist);

    faults->fail_step(1);
    std::printf("%s\n", greet(desk, "Rossi").c_str());
    faults->clear();
    std::printf("%s\n", greet(desk, "Rossi").c_str());

    counting->counts().clear();
    const auto page = must(desk.call(patients::List{.limit = 2}));
    std::printf("%zu of a page, %d transaction\n", page.data.size(),
                static_cast<int>(counting->counts().of(testing::StorageCall::write)));

    clock->advance_s(16 * 60);  // longer than an access token lasts
    const auto& token = hospital.member(Role::receptionist).tokens.access_token;
    std::printf("later: %s\n", testing::code_of(hospital.platform.authenticate(token)).c_str());
    return page.data[0].id;
  };
  const bool same = run(7) == run(7);
  const bool other = run(7) == run(8);
  std::printf("the same ids from the same seed: %s, from another one: %s\n", same ? "yes" : "no", other ? "yes" : "no");
}
