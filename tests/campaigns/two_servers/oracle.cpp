#include "tests/campaigns/two_servers/oracle.hpp"

#include <optional>

#include "storage/postgres/link.hpp"
#include "tests/campaigns/stored_audit.hpp"
#include "tests/campaigns/two_servers/worker.hpp"

namespace medflow::campaign {
namespace {

using storage::postgres::Link;

/// Each change has taken along what the one before it left, and both servers show what the last one left. One that nobody was told of
/// may be among them.
void check_patient(const Patient& patient, std::array<Caller, 2>& callers, const std::string& reader,
                   Problems& problems) {
  std::uint64_t revision = 1;
  std::string mark{first_mark};
  std::optional<Patched> last_unsure;
  for (const Patched& patch : patient.patches()) {
    const bool follows = patch.revision == revision + 1 && patch.before == mark;
    last_unsure.reset();
    if (!patch.certain && !follows) continue;
    if (!patch.certain) last_unsure = Patched{.revision = revision, .before = {}, .after = mark};
    problems.expect(patch.revision == revision + 1, "two changes made the same revision, or one made none");
    problems.expect(patch.before == mark, "a change was lost: the next one did not find it");
    revision = patch.revision;
    mark = patch.after;
  }
  for (Caller& caller : callers) {
    const auto seen = seen_in(caller.ask("GET", "/patients/" + patient.id, reader));
    const bool without =
        seen && last_unsure && seen->revision == last_unsure->revision && seen->mark == last_unsure->after;
    problems.expect(without || (seen && seen->revision == revision && seen->mark == mark),
                    "a server does not show the last change of a patient");
  }
}

void check_rows(Link& link, const Record& record, Problems& problems) {
  const auto count = link.ask("SELECT count(*) FROM tenant.patients");
  const std::uint64_t stored = number_at(count, 0, 0);
  const std::uint64_t made = record.patients().size();
  problems.expect(stored >= made && stored <= made + record.late_registrations(),
                  "there are not as many patients as were made");
}

void check_events(Link& link, const std::string& file, const Record& record, Problems& problems) {
  const StoredAudit audit = read_audit(link, file);
  for (const std::string& finding : audit.findings) problems.add(finding);
  problems.expect(verified_elsewhere(audit, file), "verify_export.py finds the stored events damaged");
  const auto events = by_request(audit);
  for (const Acknowledged& call : record.calls()) {
    const auto found = events.find(call.request);
    problems.expect(found != events.end() && found->second.size() == 1 && found->second.front()->ok &&
                        found->second.front()->action == call.operation,
                    "an acknowledged " + std::string(call.operation) + " has not one event that says so");
  }
  std::cout << "audit log: " << audit.size << " events, without a gap; verified with and without MedFlow's code\n";
}

/// The same head and the same checkpoints from both, and either finds the log intact.
void check_logs(std::array<Caller, 2>& callers, const std::string& admin, Problems& problems) {
  std::array<std::string, 2> notes;
  for (Caller& caller : callers) {
    const Answer verified = caller.ask("POST", "/audit/verify", admin, "{}");
    const bool intact = verified.good() && verified.body.at("intact").as_bool();
    problems.expect(intact, "audit.verify finds the log damaged: " + json::serialize(verified.body).substr(0, 500));
  }
  for (std::size_t i = 0; i < callers.size(); ++i) {
    // The newest checkpoint may be replaced at any second; those before it stay.
    const Answer page = callers[i].ask("GET", "/audit/checkpoints?limit=200", admin);
    problems.expect(page.good() && !page.body.at("data").as_array().empty(), "a server shows no checkpoints");
    if (!page.good()) continue;
    auto list = page.body.at("data").as_array();
    if (list.size() > 1) list.erase(list.begin());
    notes[i] = json::serialize(list);
  }
  problems.expect(notes[0] == notes[1], "the servers show different checkpoints");
}

}  // namespace

void check(const Ports& ports, const std::string& admin_url, const std::string& admin, const std::string& reader,
           const std::string& folder, Record& record) {
  std::array<Caller, 2> callers{Caller(ports[0]), Caller(ports[1])};
  for (const auto& patient : record.patients()) check_patient(*patient, callers, reader, record.problems);
  check_logs(callers, admin, record.problems);
  Link link{{.url = admin_url}};
  check_rows(link, record, record.problems);
  check_events(link, folder + "/events.ndjson", record, record.problems);
}

}  // namespace medflow::campaign
