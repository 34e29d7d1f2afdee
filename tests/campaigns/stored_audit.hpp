// The audit log as the tables of PostgreSQL hold it, read by an administrator of the server: without any of the engine's code.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/event.hpp"
#include "storage/postgres/link.hpp"

namespace medflow::campaign {

struct StoredEvent {
  std::string action{};
  std::string request{};
  std::string object{};
  bool ok = false;
  bool wrote = false;  ///< rows
};

struct StoredAudit {
  std::vector<StoredEvent> events{};  ///< by their numbers, from 1
  std::string root{};                 ///< of the head, base64
  std::uint64_t size = 0;             ///< what the head says
  std::vector<std::string> findings{};
};

inline std::uint64_t number_at(const storage::postgres::Result& rows, int row, int column) {
  return std::stoull(std::string(storage::postgres::text_at(rows, row, column)));
}

inline std::string bytes_of(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return bytes;
}

/// Reads the log of the one hospital in the database and leaves it in `file`, as `audit.export` has it.
inline StoredAudit read_audit(storage::postgres::Link& link, const std::string& file) {
  using storage::postgres::text_at;
  StoredAudit audit;
  const auto tenant = link.ask("SELECT id::text FROM medflow.stores WHERE schema = 'tenant'");
  if (PQntuples(tenant.get()) != 1) throw std::runtime_error("not one hospital in the database");
  const std::string id{text_at(tenant, 0, 0)};
  const auto head = link.ask(
      "SELECT size, translate(encode(root, 'base64'), E'\\n', '') FROM tenant.audit_head WHERE tenant_id = $1::uuid",
      {id});
  if (PQntuples(head.get()) != 1) {
    audit.findings.emplace_back("the log has not one head");
    return audit;
  }
  audit.size = number_at(head, 0, 0);
  audit.root = text_at(head, 0, 1);
  const auto rows = link.ask(
      "SELECT seq, translate(encode(event, 'base64'), E'\\n', ''), encode(event, 'hex') FROM tenant.audit_events WHERE "
      "tenant_id = $1::uuid ORDER BY seq",
      {id});
  std::ofstream out(file, std::ios::binary);
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    if (number_at(rows, row, 0) != audit.events.size() + 1) audit.findings.emplace_back("a gap in the events' numbers");
    out << R"({"seq":)" << text_at(rows, row, 0) << R"(,"event":")" << text_at(rows, row, 1) << "\"}\n";
    const std::string bytes = bytes_of(text_at(rows, row, 2));
    audit::Event event;
    if (!audit::decode(bytes, event) || event.seq != audit.events.size() + 1)
      audit.findings.emplace_back("an event that is none");
    audit.events.push_back({.action = std::string(event.action),
                            .request = event.request.text(),
                            .object = event.object.text(),
                            .ok = event.outcome == audit::Outcome::ok,
                            .wrote = !event.rows.empty()});
  }
  if (audit.size != audit.events.size()) audit.findings.emplace_back("the head and the events differ");
  const auto feed =
      link.ask("SELECT count(*) = coalesce(max(number), 0) FROM tenant.changes WHERE tenant_id = $1::uuid", {id});
  if (text_at(feed, 0, 0) != "t") audit.findings.emplace_back("a gap in the change feed");
  return audit;
}

/// Whether the stand-alone verifier finds the file and the head's root to fit together; true where there is no Python.
inline bool verified_elsewhere(const StoredAudit& audit, const std::string& file) {
  if (std::system("python3 -c 1 >/dev/null 2>&1") != 0) return true;
  const std::string call = "python3 '" MEDFLOW_SOURCE_DIR "/tests/support/verify_export.py' --root " + audit.root +
                           " --size " + std::to_string(audit.size) + " '" + file + "' >/dev/null";
  return std::system(call.c_str()) == 0;
}

/// How many events of each request id.
inline std::map<std::string, std::vector<const StoredEvent*>> by_request(const StoredAudit& audit) {
  std::map<std::string, std::vector<const StoredEvent*>> found;
  for (const StoredEvent& event : audit.events) found[event.request].push_back(&event);
  return found;
}

}  // namespace medflow::campaign
