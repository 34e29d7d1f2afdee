#include <algorithm>
#include <filesystem>

#include "keys/key_store.hpp"
#include "tests/bench/in_process/flight.hpp"
#include "tests/bench/in_process/support.hpp"

namespace medflow::bench {
namespace {

using testing::Hospital;

std::vector<patients::Register> registrations(std::uint64_t first, std::size_t count) {
  const generator::Population population(7);
  std::vector<patients::Register> all;
  all.reserve(count);
  for (std::size_t i = 0; i < count; ++i) all.push_back(registration(population, first + i));
  return all;
}

Cost create(const Session& session, Handover& handover, std::size_t count, std::size_t in_flight) {
  Flight<patients::Register> flight(session, registrations(handover.patients.size(), count));
  return flight.run(in_flight, [&](patients::Patient&& patient) { handover.patients.push_back(patient.id); });
}

/// What a key slot costs that is made ahead: wrapping, storing and its share of the lot's commit. It is part of a create.
Cost key_slots(const Plan& plan) {
  constexpr std::size_t slots = 8'192;
  std::filesystem::create_directory(plan.folder + "/slots");
  Plan slots_plan = plan;
  slots_plan.folder += "/slots";
  const auto engine = engine_of(slots_plan);
  static constexpr std::array<std::byte, 32> root_key{std::byte{7}};
  const auto roots = memory_root_key(root_key);
  const auto rng = system_rng();
  const Uuid tenant{{1}};
  const storage::OpenOptions options{.schema = &keys::key_schema()};
  const storage::StoreName name{.tenant = "bench", .part = storage::Part::keys};
  auto database = engine->create(name, options);
  keys::KeyStore::create(*database, *roots, tenant, *rng);
  keys::KeyStore store(std::move(database), *roots, tenant, crypto::KeyArena::create(), *rng);
  for (int i = 0; i < 2'032; ++i) store.take_slot();  // until a lot is 1,024
  const Stopwatch watch;
  for (std::size_t i = 0; i < slots; ++i) store.take_slot();
  return watch.per_operation(slots);
}

}  // namespace

void measure_creates(const Plan& plan, const Figures& figures) {
  Hospital hospital(options_of(plan), nullptr);
  const Session session = hospital.as(Role::receptionist);
  Handover handover{.home = hospital.home, .reader = hospital.member(Role::receptionist).id};
  constexpr std::size_t piece = 50'000;  // their requests are made beforehand, and a million would fill the memory
  while (handover.patients.size() < plan.patients)
    create(session, handover, std::min(piece, plan.patients - handover.patients.size()), plan.in_flight);

  const auto lean = plan.raw ? raw_store(plan, false) : nullptr;
  const auto indexed = plan.raw ? raw_store(plan, true) : nullptr;
  for (Raw* raw : {lean.get(), indexed.get()})
    if (raw != nullptr) raw->fill(plan.patients);
  std::vector<Cost> ours;
  std::vector<Cost> raw_lean;
  std::vector<Cost> raw_indexed;
  for (std::size_t round = 0; round < plan.rounds;
       ++round) {  // in turn, so that a change of the machine's mood hits all
    ours.push_back(create(session, handover, plan.operations, plan.in_flight));
    if (lean) raw_lean.push_back(lean->create(plan.operations, plan.in_flight));
    if (indexed) raw_indexed.push_back(indexed->create(plan.operations, plan.in_flight));
  }
  figures.add("create", median(ours));
  if (lean) figures.add("create.raw", median(raw_lean));
  if (indexed) figures.add("create.indexed", median(raw_indexed));
  figures.add("slot", key_slots(plan));
  for (const std::size_t threads : {1U, 8U, 32U}) {
    const std::size_t count = threads == 1 ? 512 : 2'048;
    figures.add("create.blocking" + std::to_string(threads),
                run_blocking(session, registrations(handover.patients.size() + 1'000'000 * threads, count), threads));
  }
  handover.keep(plan);
}

}  // namespace medflow::bench
