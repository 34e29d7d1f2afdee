// The test kit for hosts (CAB-6): a hospital in memory, a clock that is moved by hand, chance and ids that follow from a seed, an
// executor that waits, messages that are kept, storage that fails on demand, and storage calls counted.
//
//     auto faults = std::make_shared<testing::Faults>();
//     auto engine = std::make_shared<testing::FaultyEngine>(storage::memory_engine(), faults);
//     testing::Hospital hospital = testing::make_platform(engine);
//     const Session desk = hospital.as(Role::receptionist);
//     faults->fail_step(1);
//     desk.call(…);  // store.unavailable, and nothing of it has happened
//
// Header only. For tests alone: passwords cost little, keys can be guessed. A weaker promise than the rest of the public headers: it
// may change between minor versions, always with a note in the release.
#pragma once

#include "medflow/testing/counting_engine.hpp"
#include "medflow/testing/faulty_engine.hpp"
#include "medflow/testing/hospital.hpp"
#include "medflow/testing/messages.hpp"
#include "medflow/testing/ports.hpp"
#include "medflow/testing/storage_steps.hpp"
#include "medflow/testing/wrapped_engine.hpp"
