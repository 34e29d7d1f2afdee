// Whoever started a job asks how far it has come, and stops it (OPS-3).
#include <doctest/doctest.h>

#include "appointments/due.hpp"
#include "jobs/rows.hpp"
#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// A job of this one's.
JobId begin(Clinic& clinic, const Session& session, std::string_view day) {
  const Instant from = at(std::string(day) + "T09:00:00Z");
  return must(session.call(leaves::Add{.resource_id = clinic.doctor.id.uuid,
                                       .from = from,
                                       .to = from.plus_s(3600),
                                       .on_affected = leaves::OnAffected::move}))
      .leave.job_id.value();
}

void tick(Clinic& clinic) {
  for (const auto& trouble : clinic.hospital.platform.tick(clinic.now())) FAIL(trouble.task);
}

}  // namespace

TEST_CASE("OPS-3: who started a job follows it to its end, for 30 days; for everybody else it is not there") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.book("2026-11-23T09:00:00Z");
    const JobId id = begin(clinic, clinic.admin(), "2026-11-23");
    const auto begun = must(clinic.admin().call(jobs::Get{.id = id}));
    CHECK(begun.id == id);
    CHECK(begun.state == JobState::queued);
    CHECK(begun.total == 1);
    for (const Role role : {Role::receptionist, Role::doctor, Role::patient, Role::auditor}) {
      CHECK(code_of(clinic.hospital.as(role).call(jobs::Get{.id = id})) == "not_found");
      CHECK(code_of(clinic.hospital.as(role).call(jobs::Cancel{.id = id})) == "not_found");
    }
    tick(clinic);
    const auto ended = must(clinic.admin().call(jobs::Get{.id = id}));
    CHECK(ended.state == JobState::succeeded);
    CHECK(ended.done == 1);
    // What has ended cannot be stopped any more.
    CHECK(must(clinic.admin().call(jobs::Cancel{.id = id})).state == JobState::succeeded);
    clinic.hospital.clock->advance_s(30 * 86'400 - 60);
    tick(clinic);
    CHECK(code_of(clinic.admin().call(jobs::Get{.id = id})) == "ok");
    clinic.hospital.clock->advance_s(61);
    tick(clinic);
    CHECK(code_of(clinic.admin().call(jobs::Get{.id = id})) == "not_found");
  }
}

TEST_CASE("OPS-3: a job that is stopped before it began does nothing") {
  Clinic clinic{TestEngine("memory")};
  const auto visit = clinic.book("2026-11-23T09:00:00Z");
  const JobId id = begin(clinic, clinic.desk(), "2026-11-23");
  const auto stopped = must(clinic.desk().call(jobs::Cancel{.id = id}));
  CHECK(stopped.state == JobState::cancelled);
  CHECK(stopped.done == 0);
  tick(clinic);
  CHECK(must(clinic.desk().call(appointments::Get{.id = visit.id})).start == visit.start);
  CHECK(must(clinic.desk().call(jobs::Get{.id = id})).state == JobState::cancelled);
}

TEST_CASE("OPS-3: what recurs is nobody's job") {
  Clinic clinic{TestEngine("memory")};
  clinic.book("2026-11-23T09:00:00Z");  // which wakes the sweep
  const JobId id = jobs::singleton_id(appointments::due_sweep);
  CHECK(code_of(clinic.desk().call(jobs::Get{.id = id})) == "not_found");
  CHECK(code_of(clinic.desk().call(jobs::Cancel{.id = id})) == "not_found");
}
