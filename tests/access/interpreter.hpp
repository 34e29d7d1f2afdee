// What `roles.csv` says about a call, read by itself: this file shares no header with the library, so that a mistake there is
// not repeated here. The meaning of scopes is that of the specification's roles.md; relations are not enforced yet (RBA-4 `off`), so C
// means F. What is `own` is so in every way: an appointment is in the caller's own calendar, of their own chart, and assigned to them.
#pragma once

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace matrix {

enum class Verdict { allowed, denied, missing };

/// What the object is to the caller. `none`: the call is about no single object that is there already. `authored`: of the own facility, and
/// the caller has written it.
enum class Relation { none, own_facility, other_facility, own, foreign, authored };

struct Caller {
  std::string role{};  ///< a column of the matrix; empty for a visitor without a session
  /// What roles of the tenant's own add: a permission, and a cell of the matrix.
  std::vector<std::pair<std::string, std::string>> grants{};
  bool on_platform = false;  ///< a session on the platform, not in a tenant
};

struct Call {
  std::string operation{};
  std::string permission{};
  std::string realm{};                 ///< "tenant", "platform" or "any"
  std::string object{};                ///< the kind of object
  Relation relation = Relation::none;  ///< of something that is made: to the place where it is made
  bool makes = false;
  std::string
      kind{};  ///< of a record, with "draft " before it where it is one: what is none is shown to whose chart it is in
};

/// Whether a call makes something that is in no other object: what is added to one is about that one.
inline bool makes(int status, std::string_view path) {
  return status == 201 && path.find("/{") == std::string_view::npos;
}

class Roles {
 public:
  struct Row {
    std::map<std::string, std::string> cells{};
    bool reason_required = false;
    std::string second_person{};
  };

  explicit Roles(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) throw std::runtime_error("no matrix at " + path);
    const auto header = split(line);
    for (std::size_t i = 1; i + 2 < header.size(); ++i) roles_.push_back(header[i]);
    while (std::getline(file, line)) {
      const auto cells = split(line);
      if (cells.size() != header.size()) throw std::runtime_error("a row of another length: " + line);
      Row& row = rows_[cells.front()];
      for (std::size_t i = 0; i < roles_.size(); ++i) row.cells[roles_[i]] = cells[i + 1];
      row.reason_required = cells[cells.size() - 2] == "yes";
      row.second_person = cells.back();
    }
  }

  const std::vector<std::string>& roles() const { return roles_; }
  const std::map<std::string, Row>& rows() const { return rows_; }

  /// Default deny; then the realm, the scope, and what nobody may do to themselves.
  Verdict decide(const Caller& caller, const Call& call) const {
    if (call.permission == "anonymous") return Verdict::allowed;
    if (caller.role.empty() && caller.grants.empty()) return Verdict::denied;
    if (call.permission == "session") return Verdict::allowed;
    if (!holds(caller, call)) return Verdict::denied;
    // What is made is nobody's own yet.
    if (call.makes && !books(call.operation) && call.relation == Relation::none && only_own(caller, call))
      return Verdict::denied;
    if (call.realm != "any" && (call.realm == "platform") != caller.on_platform) return Verdict::denied;
    if (books(call.operation)) return decide_booking(caller, call);
    if (is_of_chart(call)) return decide_chart(caller, call);
    if (is_of_money(call)) return decide_money(caller, call);
    if (!reaches(caller, call.permission, call))
      return !call.makes && may_read(caller, call) ? Verdict::denied : Verdict::missing;
    // Patients check themselves in; what staff takes back is no business of theirs.
    if (call.operation == "appointments.undo_check_in" && only_by(caller, call, "O(self check-in)"))
      return Verdict::denied;
    if (call.relation == Relation::own && !own_account_allowed(call.operation)) return Verdict::denied;
    // Who only invites gives no role that they do not have, and the trial's is nobody's who tries.
    if (call.operation == "users.invite" && !holds(caller, "user.manage")) return Verdict::denied;
    return Verdict::allowed;
  }

  /// Whether a call is about a visit that is not there yet: its relation is that of its patient, its place and its calendar.
  static bool books(std::string_view operation) {
    return operation == "appointments.book" || operation == "appointments.hold" || operation == "appointments.check" ||
           operation == "series.book" || operation == "waitlists.join" || operation == "queues.walk_in";
  }

 private:
  /// A patient whom the caller may not see is not there for them; of others they are told that they may not book this.
  Verdict decide_booking(const Caller& caller, const Call& call) const {
    if (!reaches(caller, "patient.read", call)) return Verdict::missing;
    // Who walks in is taken in by staff.
    if (call.operation == "queues.walk_in" && only_by(caller, call, "O(policy)")) return Verdict::denied;
    return reaches(caller, call.permission, call) ? Verdict::allowed : Verdict::denied;
  }

  static bool is_of_chart(const Call& call) {
    return (call.object == "record" || call.object == "encounter") && call.relation != Relation::none;
  }

  /// What one may not see in a chart is not there; a draft is changed by who wrote it and may write such.
  Verdict decide_chart(const Caller& caller, const Call& call) const {
    const auto reached = [&](const std::string& permission) {
      const auto cells = cells_of(caller, permission);
      return std::any_of(cells.begin(), cells.end(),
                         [&](const std::string& cell) { return reaches_chart(cell, call.relation); });
    };
    const auto allowed = [&](const std::string& permission) {
      const auto cells = cells_of(caller, permission);
      return std::any_of(cells.begin(), cells.end(), [&](const std::string& cell) {
        return reaches_chart(cell, call.relation) && meets(cell, call);
      });
    };
    const bool of_patient = call.operation == "records.list" || call.operation == "encounters.list";
    if (call.makes || of_patient) return reached(call.permission) ? Verdict::allowed : Verdict::missing;
    if (call.object == "encounter") {
      const bool states = call.permission == "record.sign" || call.permission == "record.retract";
      if (states ? allowed(call.permission) : reached(call.permission)) return Verdict::allowed;
      return reached("record.read") ? Verdict::denied : Verdict::missing;
    }
    if (!allowed("record.read")) return Verdict::missing;
    if (call.operation == "records.update" || call.operation == "records.discard")
      return call.relation == Relation::authored && reached(writing(call.kind)) && reached(call.permission)
                 ? Verdict::allowed
                 : Verdict::denied;
    return allowed(call.permission) ? Verdict::allowed : Verdict::denied;
  }

  static bool is_of_money(const Call& call) {
    const bool statement = call.operation == "reports.statement" || call.operation == "reports.print_statement";
    const bool of_bills = call.object == "invoice" || call.object == "credit_note" || call.object == "write_off" ||
                          call.object == "payment" || call.object == "refund" || call.object == "cash_shift";
    return (of_bills || statement) && call.relation != Relation::none;
  }

  /// What stands on an invoice is read as it is. A patient pays online, and does nothing else with money.
  Verdict decide_money(const Caller& caller, const Call& call) const {
    const auto reached = [&](const std::string& permission) {
      const auto cells = cells_of(caller, permission);
      return std::any_of(cells.begin(), cells.end(),
                         [&](const std::string& cell) { return reaches_money(cell, call); });
    };
    if (call.operation == "invoices.create") return decide_drafting(caller, call, {"invoice.draft"});
    if (call.operation == "invoices.bill") return decide_drafting(caller, call, {"invoice.draft", "invoice.issue"});
    if (call.operation == "payments.record") return decide_paying(caller, call);
    if (call.operation == "cash_shifts.open" && call.relation != Relation::foreign)
      return reached(call.permission) ? Verdict::allowed : Verdict::denied;
    if (call.operation.starts_with("payments.") && call.permission == "payment.record" && only_own(caller, call))
      return Verdict::denied;
    if (!reached(call.permission)) {
      const bool readable = call.object != "patient" && call.object != "cash_shift" && reached("invoice.read");
      return readable ? Verdict::denied : Verdict::missing;
    }
    const auto cells = cells_of(caller, call.permission);
    const bool by_staff = std::any_of(cells.begin(), cells.end(), [&](const std::string& cell) {
      return cell != "O(online)" && reaches_money(cell, call);
    });
    return by_staff ? Verdict::allowed : Verdict::denied;
  }

  /// For a patient whom the caller may see, at a place of theirs; who has their own work alone drafts that anywhere.
  Verdict decide_drafting(const Caller& caller, const Call& call, const std::vector<std::string>& permissions) const {
    const auto every = [&](auto&& holds) {
      return std::all_of(permissions.begin(), permissions.end(), [&](const std::string& permission) {
        const auto cells = cells_of(caller, permission);
        return std::any_of(cells.begin(), cells.end(), holds);
      });
    };
    if (!every([](const std::string& cell) { return cell.front() != '-'; })) return Verdict::denied;
    if (!reaches(caller, "patient.read", call)) return Verdict::missing;
    const bool may = every([&](const std::string& cell) { return cell == "W" || reaches(cell, call.relation); });
    return may ? Verdict::allowed : Verdict::denied;
  }

  /// Who takes money of the whole tenant takes it from anybody; who takes it at a place, from whom they may see. A patient pays for themselves.
  Verdict decide_paying(const Caller& caller, const Call& call) const {
    if (call.relation == Relation::foreign) return Verdict::missing;
    const auto cells = cells_of(caller, call.permission);
    const bool everywhere = std::find(cells.begin(), cells.end(), "A") != cells.end();
    const bool here = std::any_of(cells.begin(), cells.end(), [&](const std::string& cell) {
      return cell.front() != 'O' && reaches(cell, call.relation);
    });
    if (here) return everywhere || reaches(caller, "patient.read", call) ? Verdict::allowed : Verdict::missing;
    const bool online = std::find(cells.begin(), cells.end(), "O(online)") != cells.end();
    if (online && call.relation == Relation::own) return Verdict::allowed;
    return only_own(caller, call) ? Verdict::missing : Verdict::denied;
  }

  static bool reaches_money(const std::string& cell, const Call& call) {
    if (call.relation == Relation::own && cell.front() == 'O') {
      if (cell == "O(own services)") return call.object == "invoice" || call.object == "credit_note";
      return cell != "O(issued)" || !call.kind.starts_with("draft ");
    }
    if (cell == "W" && call.object == "patient") return false;
    return reaches(cell, call.relation);
  }

  static std::string writing(const std::string& kind) {
    if (kind.ends_with("lab_result")) return "lab_result.create";
    return kind.ends_with("dispense") ? "medication.dispense" : "record.create";
  }

  /// A unit is asked for what there is at its facility.
  static bool reaches_chart(const std::string& cell, Relation relation) {
    const char scope = cell.front();
    if (relation == Relation::foreign || scope == '-' || scope == 'M') return false;
    if (scope == 'A') return true;
    if (scope == 'O') return relation == Relation::own;
    return relation == Relation::own_facility || relation == Relation::authored;
  }

  /// Whether a condition holds for what the call is about.
  static bool meets(const std::string& cell, const Call& call) {
    const std::string condition = cell.size() > 3 ? cell.substr(2, cell.size() - 3) : "";
    const bool draft = call.kind.starts_with("draft ");
    const std::string kind = draft ? call.kind.substr(6) : call.kind;
    const bool wrote = call.relation == Relation::authored;
    if (condition == "released") return call.relation == Relation::own && !draft;
    if (condition == "own orders") return kind == "lab_result";
    if (condition == "medications and allergies") return kind == "allergy" || kind == "dispense";
    if (condition == "own") return wrote;
    if (condition == "own nursing notes and vitals") return wrote && kind == "note";
    if (condition == "own results") return wrote && kind == "lab_result";
    if (condition == "own dispenses") return wrote && kind == "dispense";
    return condition.empty();
  }

  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    std::string cell;
    while (std::getline(stream, cell, ',')) {
      while (!cell.empty() && (cell.back() == '\r' || cell.back() == ' ')) cell.pop_back();
      cells.push_back(cell);
    }
    return cells;
  }

  std::string cell_of(const std::string& permission, const std::string& role) const {
    const auto row = rows_.find(permission);
    return row == rows_.end() ? "-" : row->second.cells.at(role);
  }

  /// The resource whose permissions a kind of object has.
  static std::string resource_of(const std::string& object) {
    if (object == "doctor") return "practitioner";
    if (object == "service" || object == "code" || object == "code_system") return "catalog";
    if (object == "tax_code" || object == "price_item" || object == "fee_rule" || object == "payer") return "catalog";
    if (object == "resource") return "facility";
    if (object == "series") return "appointment";
    if (object == "feed") return "profile";
    return object == "leave" ? "schedule" : object;
  }

  /// All cells in which the caller holds the permission.
  std::vector<std::string> cells_of(const Caller& caller, const std::string& permission) const {
    std::vector<std::string> cells;
    if (!caller.role.empty()) cells.push_back(cell_of(permission, caller.role));
    for (const auto& [granted, cell] : caller.grants)
      if (granted == permission) cells.push_back(cell);
    std::erase(cells, "-");
    return cells;
  }

  bool holds(const Caller& caller, const std::string& permission) const {
    return !cells_of(caller, permission).empty();
  }

  /// The same, as far as it goes for an object of this kind: who sees free slots sees no calendar.
  std::vector<std::string> cells_for(const Caller& caller, const std::string& permission, const Call& call) const {
    auto cells = cells_of(caller, permission);
    if (resource_of(call.object) == "schedule") std::erase(cells, "A(free slots)");
    return cells;
  }

  bool holds(const Caller& caller, const Call& call) const { return !cells_for(caller, call.permission, call).empty(); }

  bool only_own(const Caller& caller, const Call& call) const {
    const auto cells = cells_for(caller, call.permission, call);
    return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) { return cell.front() == 'O'; });
  }

  bool reaches(const Caller& caller, const std::string& permission, const Call& call) const {
    const auto cells = cells_for(caller, permission, call);
    return std::any_of(cells.begin(), cells.end(),
                       [&](const std::string& cell) { return reaches(cell, call.relation); });
  }

  /// Whether this cell is the only one that reaches the object.
  bool only_by(const Caller& caller, const Call& call, const std::string& one) const {
    const auto cells = cells_for(caller, call.permission, call);
    return std::none_of(cells.begin(), cells.end(),
                        [&](const std::string& cell) { return cell != one && reaches(cell, call.relation); });
  }

  static bool reaches(const std::string& cell, Relation relation) {
    const char scope = cell.front();
    if (relation == Relation::foreign || scope == '-') return false;
    if (relation == Relation::none) return true;
    if (scope == 'A' || scope == 'M') return true;
    if (cell == "C(and own calendar)" && relation == Relation::own) return true;
    if (scope == 'F' || scope == 'C') return relation == Relation::own_facility;
    return (scope == 'O' || scope == 'W') && relation == Relation::own;
  }

  /// `forbidden` is said only about what the caller may read; everything else is not there for them (R9).
  bool may_read(const Caller& caller, const Call& call) const {
    return reaches(caller, resource_of(call.object) + ".read", call);
  }

  /// RBA-8.
  static bool own_account_allowed(const std::string& operation) {
    return operation != "users.set_roles" && operation != "users.set_facilities" && operation != "users.set_patient" &&
           operation != "users.set_labels" && operation != "users.disable" && operation != "roles.update" &&
           operation != "roles.delete" && operation != "role_proposals.approve" && operation != "role_proposals.reject";
  }

  std::vector<std::string> roles_{};
  std::map<std::string, Row> rows_{};
};

}  // namespace matrix
