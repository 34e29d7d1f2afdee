#include "tests/campaigns/simulation/run.hpp"

#include <functional>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

#include "audit/event.hpp"
#include "tests/campaigns/simulation/model.hpp"
#include "tests/support/events.hpp"
#include "tests/support/planted_engines.hpp"

namespace medflow::campaign {
namespace {

using testing::code_of;
using testing::must;
using testing::StorageCall;
using testing::StorageStep;

constexpr int calls_of_seed = 60;
constexpr std::string_view families[] = {"Anders", "Andrea", "Berg", "Bergman", "Cole"};
constexpr std::string_view given_names[] = {"Finn", "Fay", "Berg", "Ana"};
constexpr std::string_view words[] = {"an", "and", "anders", "ber", "berg", "fi", "col"};
constexpr std::string_view identifier_system = "urn:simulation:id";

/// A thing that must not be.
struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Trace {
 public:
  void add(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    hash_ = (hash_ ^ 0xFFU) * 0x100000001B3U;
  }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325U;
};

/// What strikes one call.
struct Strike {
  std::uint64_t at = 0;  ///< the step, 0 for none
  bool dies = false;     ///< everything from there on fails
  bool struck = false;
  bool open_outcome = false;  ///< it was durable when it was struck: the caller cannot know
};

class Run {
 public:
  Run(const Template& from, std::uint64_t seed, std::string_view bug)
      : from_(from), seed_(seed), bug_(bug), base_(from.data.pour()), random_(seed) {
    for (const Person& person : from.people) model_.enabled[person.id] = true;
    people_ = from.people;
    open();
  }

  Outcome outcome() {
    try {
      for (int i = 0; i < calls_of_seed; ++i) {
        act();
        if (died_) reopen();
        settle();
      }
      reopen();
      check_all();
      check_audit();
    } catch (const std::exception& wrong) {
      result_.finding = wrong.what();
    }
    result_.trace = trace_.hash();
    queue_->run_all();
    return result_;
  }

 private:
  // ---- The platform ------------------------------------------------------------------------------------------------

  void open() {
    auto stepped = std::make_shared<testing::SteppedEngine>(base_, [this](const StorageStep& step) { on_step(step); });
    // A new seed for each opening: what was drawn before must not come again.
    platform_.emplace(
        must(Platform::open(options_of(testing::planted(std::move(stepped), bug_), clock_,
                                       std::make_shared<testing::SeededRng>(seed_ * 1'000 + opened_++), queue_))));
  }

  /// The process ends where it stands; another one finds what was durable.
  void reopen() {
    strike_ = {};
    died_ = false;
    queue_->run_all();
    platform_.reset();
    ++result_.crashes;
    open();
  }

  void on_step(const StorageStep& step) {
    trace_.add(word_of(step.call));
    if (step.table != nullptr) trace_.add(step.table->name);
    if (strike_.at == 0) return;
    if (--left_ > 0 && !(strike_.dies && strike_.struck)) return;
    if (left_ != 0 && !strike_.dies) return;
    const auto kinds = faults_at(step);
    const storage::FaultKind kind = strike_.dies && step.call != StorageCall::committed
                                        ? storage::FaultKind::unavailable
                                        : kinds[seed_ % kinds.size()];
    if (!testing::ends_transaction(kind)) return;  // a conflict that is not there would be a lie
    if (step.store != nullptr && step.store->part == storage::Part::keys && step.call == StorageCall::committed &&
        !strike_.dies)
      return;
    strike_.struck = true;
    died_ = died_ || strike_.dies;
    strike_.open_outcome = strike_.open_outcome || step.call == StorageCall::committed;
    ++result_.faults;
    throw storage::Fault{kind, {}, "simulated"};
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  template <std::size_t n>
  std::string one_of(const std::string_view (&list)[n]) {
    return std::string(list[below(n)]);
  }

  /// Draws what strikes the next call: mostly nothing.
  void aim() {
    strike_ = {};
    const auto dice = below(10);
    if (dice < 7) return;
    strike_.at = 1 + below(25);
    strike_.dies = dice == 9;
    left_ = static_cast<std::int64_t>(strike_.at);
  }

  /// Calls an operation, waiting or not, and tells the trace.
  template <class Op>
  Result<typename Op::Output> ask(const Session& session, Op op) {
    RequestId id;
    for (auto& byte : id.uuid.bytes) byte = static_cast<std::uint8_t>(below(256));
    id.uuid.bytes[0] |= 1U;
    const CallContext with{.request_id = id};
    ++result_.calls;
    aim();
    std::optional<Result<typename Op::Output>> result;
    if (below(4) == 0) {
      session.submit(
          std::move(op), [&](Result<typename Op::Output> done) { result.emplace(std::move(done)); }, with);
      queue_->run_all();
      if (!result) throw Wrong("a submitted call was never answered");
    } else {
      result.emplace(session.call(std::move(op), with));
    }
    strike_.at = 0;
    const std::string code = code_of(*result);
    trace_.add(Op::operation.name);
    trace_.add(code);
    if (result->ok())
      acknowledged_.emplace(id, Op::operation.name);
    else if (faulted(code) && !strike_.open_outcome)
      undone_.emplace(id, Op::operation.name);
    return std::move(*result);
  }

  bool faulted(const std::string& code) const {
    return strike_.struck && (code == "store.unavailable" || code == "store.outcome_unknown" || code == "store.full" ||
                              code == "integrity");
  }

  /// The answer that the model expects, or that of a fault. True where the call has worked.
  template <class T>
  bool expect(const Result<T>& result, std::string_view expected, std::string_view what) {
    const std::string code = code_of(result);
    if (code == expected) return code == "ok";
    if (faulted(code)) return false;
    throw Wrong(std::string(what) + " answers " + code + ", and should answer " + std::string(expected) +
                (strike_.struck ? " (struck)" : ""));
  }

  // ---- Who works -----------------------------------------------------------------------------------------------------

  Person& person(Role role) {
    std::vector<Person*> able;
    for (Person& each : people_)
      if (each.role == role && alive(each)) able.push_back(&each);
    if (able.empty()) throw Wrong("nobody of this role is left");
    return *able[below(able.size())];
  }
  bool alive(const Person& who) const { return model_.enabled.at(who.id) && !model_.dead_tokens.contains(who.access); }
  Session session(const Person& who) {
    strike_.at = 0;
    return must(platform_->authenticate(who.access));
  }
  Session desk() { return session(person(Role::receptionist)); }
  Session admin() { return session(person(Role::tenant_admin)); }

  // ---- What they do ----------------------------------------------------------------------------------------------------

  void act() {
    const auto dice = below(20);
    if (dice < 5) return enrol();
    if (dice < 9) return change();
    if (dice < 11) return read();
    if (dice < 13) return remove();
    if (dice < 14) return restore();
    if (dice < 16) return search();
    if (dice < 18) return walk();
    if (dice < 19) return come_and_go();
    return clock_->advance_s(static_cast<std::int64_t>(below(30)));
  }

  std::optional<PatientId> any(bool deleted = false) {
    std::vector<PatientId> ids;
    for (const auto& [id, known] : model_.patients)
      if (known.deleted == deleted) ids.push_back(id);
    if (ids.empty()) return {};
    return ids[below(ids.size())];
  }

  void enrol() {
    PatientId id;
    for (auto& byte : id.uuid.bytes) byte = static_cast<std::uint8_t>(below(256));
    Known known{.family = one_of(families), .given = one_of(given_names)};
    if (below(3) != 0) known.identifier = "I" + std::to_string(below(30));
    patients::Register request{
        .id = id, .names = {{.family = known.family, .given = {known.given}}}, .sex_admin = patients::Sex::unknown};
    if (!known.identifier.empty())
      request.identifiers = {{.system = std::string(identifier_system), .value = known.identifier}};
    const Session at_desk = desk();
    const auto result = ask(at_desk, request);
    if (expect(result, model_.taken(known.identifier) ? "patient.duplicate" : "ok", "a registration")) {
      if (result->revision != 1) throw Wrong("a new patient has another revision than 1");
      if (model_.mrn_taken(result->mrn)) throw Wrong("a record number was given twice");
      known.mrn = result->mrn;
      model_.patients[id] = known;
      // The same again is no second patient (R1).
      if (below(4) == 0) {
        const auto again = ask(at_desk, request);
        if (expect(again, "ok", "a repeated registration") && again->mrn != known.mrn)
          throw Wrong("a repeated registration made another patient");
      }
    } else if (strike_.open_outcome) {
      doubt_ = {id, known};
    }
  }

  void change() {
    const auto id = any();
    if (!id) return;
    const Known before = model_.patients.at(*id);
    const bool stale = below(5) == 0;
    Known after = before;
    after.revision = before.revision + 1;
    after.family = one_of(families);
    after.given = one_of(given_names);
    patients::Patch patch{.id = *id, .revision = stale ? before.revision + 7 : before.revision};
    patch.names = std::vector<patients::PersonName>{{.family = after.family, .given = {after.given}}};
    const auto result = ask(desk(), patch);
    if (expect(result, stale ? "conflict.revision" : "ok", "a change")) {
      if (result->revision != after.revision) throw Wrong("a revision was left out");
      model_.patients[*id] = after;
    } else if (!stale && strike_.open_outcome) {
      doubt_ = {*id, after};
    }
  }

  void read() {
    const bool gone = below(4) == 0;
    const auto id = any(gone);
    if (!id) return;
    const auto result = ask(desk(), patients::Get{.id = *id});
    if (expect(result, gone ? "not_found" : "ok", "a reading")) compare(*result, model_.patients.at(*id));
  }

  static void compare(const patients::Patient& shown, const Known& known) {
    const bool same =
        shown.revision == known.revision && (known.mrn.empty() || shown.mrn == known.mrn) && shown.names.size() == 1 &&
        shown.names[0].family == known.family && shown.names[0].given == std::vector<std::string>{known.given} &&
        (known.identifier.empty() ? shown.identifiers.empty()
                                  : shown.identifiers.size() == 1 && shown.identifiers[0].value == known.identifier);
    if (!same) throw Wrong("a patient is not what was acknowledged");
  }

  void remove() {
    const auto id = any();
    if (!id) return;
    Known after = model_.patients.at(*id);
    after.deleted = true;
    ++after.revision;
    const auto result = ask(admin(), patients::Delete{.id = *id, .reason = "a simulated mistake"});
    if (expect(result, "ok", "a deletion"))
      model_.patients[*id] = after;
    else if (strike_.open_outcome)
      doubt_ = {*id, after};
  }

  void restore() {
    const auto id = any(true);
    if (!id || model_.taken(model_.patients.at(*id).identifier)) return;
    Known after = model_.patients.at(*id);
    after.deleted = false;
    ++after.revision;
    const auto result = ask(admin(), patients::Restore{.id = *id, .reason = "not a mistake at all"});
    if (expect(result, "ok", "a restoration"))
      model_.patients[*id] = after;
    else if (strike_.open_outcome)
      doubt_ = {*id, after};
  }

  void search() {
    const std::string word = one_of(words);
    follow(patients::Search{.name = word, .limit = 3}, model_.search(word), "a search");
  }
  void walk() { follow(patients::List{.limit = 2}, model_.list(), "a walk"); }

  /// Page by page; a page that is struck is asked for again, as a client would.
  template <class Op>
  void follow(Op op, const std::vector<PatientId>& expected, std::string_view what) {
    const Session at_desk = desk();
    std::vector<PatientId> seen;
    for (std::size_t page = 0; page <= expected.size() + 1; ++page) {
      const auto part = ask(at_desk, op);
      if (!expect(part, "ok", what)) return;
      for (const auto& patient : part->data) seen.push_back(patient.id);
      if (!part->page.next) break;
      op.cursor = *part->page.next;
    }
    if (seen != expected) throw Wrong(std::string(what) + " does not show what it should");
  }

  /// Sessions are renewed and ended; people are locked out and let in again.
  void come_and_go() {
    Person* who = nullptr;
    for (Person& each : people_)
      if ((each.role == Role::nurse || each.role == Role::doctor) && (who == nullptr || below(2) == 0)) who = &each;
    if (!model_.enabled.at(who->id)) {
      const auto result = ask(admin(), users::Enable{.id = who->id});
      if (expect(result, "ok", "letting somebody in") || strike_.open_outcome) model_.enabled[who->id] = true;
      return;
    }
    if (!alive(*who)) return;
    const auto dice = below(3);
    if (dice == 0) {
      const auto result =
          ask(platform_->visit("saint-mary"), auth::Refresh{.refresh_token = testing::Hospital::secret(who->refresh)});
      if (expect(result, "ok", "a refresh")) {
        who->access = result->access_token;
        who->refresh = result->refresh_token;
      } else if (strike_.open_outcome) {
        in_doubt_ = who;  // the old token may have been used: nothing more is expected of it
      }
    } else if (dice == 1) {
      const auto result = ask(session(*who), auth::Logout{});
      if (expect(result, "ok", "a sign-out"))
        model_.dead_tokens.insert(who->access);
      else if (strike_.open_outcome)
        in_doubt_ = who;
    } else {
      const auto result = ask(admin(), users::Disable{.id = who->id});
      if (expect(result, "ok", "a lock-out")) {
        model_.enabled[who->id] = false;
        model_.dead_tokens.insert(who->access);
      } else if (strike_.open_outcome) {
        in_doubt_ = who;
      }
    }
    check_sessions();
  }

  // ---- What must hold -----------------------------------------------------------------------------------------------------

  /// An answer that left it open is settled by looking: it has happened whole, or not at all.
  void settle() {
    strike_ = {};
    if (in_doubt_ != nullptr) {
      // Locked out for certain from here on, by who may do so, so that the model knows again.
      const auto now = must(admin().call(users::Get{.id = in_doubt_->id}));
      if (now.status == users::UserStatus::active) must(admin().call(users::Disable{.id = in_doubt_->id}));
      model_.enabled[in_doubt_->id] = false;
      model_.dead_tokens.insert(in_doubt_->access);
      in_doubt_ = nullptr;
    }
    if (!doubt_) return;
    const auto [id, after] = *std::exchange(doubt_, std::nullopt);
    const auto shown = desk().call(patients::Get{.id = id});
    const auto before = model_.patients.find(id);
    const bool was_there = before != model_.patients.end() && !before->second.deleted;
    const bool happened = after.deleted ? !shown.ok() : shown.ok() && shown->revision == after.revision;
    if (!happened && shown.ok() != was_there) throw Wrong("a call of open outcome is half there");
    if (!happened) return;
    model_.patients[id] = after;
    if (shown.ok()) {
      compare(*shown, after);
      model_.patients[id].mrn = shown->mrn;
    }
  }

  void check_sessions() {
    if (in_doubt_ != nullptr || died_) return;
    strike_ = {};
    for (const Person& who : people_) {
      const bool works = platform_->authenticate(who.access).ok();
      if (works != alive(who)) throw Wrong(works ? "an ended session came back" : "a session was lost");
    }
    for (const std::string& token : model_.dead_tokens)
      if (platform_->authenticate(token).ok()) throw Wrong("an ended session came back");
  }

  void check_all() {
    settle();
    check_sessions();
    const Session at_desk = desk();
    for (const auto& [id, known] : model_.patients) {
      const auto shown = at_desk.call(patients::Get{.id = id});
      if (known.deleted ? code_of(shown) != "not_found" : !shown.ok())
        throw Wrong("an acknowledged patient is not there");
      if (shown.ok()) compare(*shown, known);
    }
    std::set<std::string> numbers;
    for (const auto& [id, known] : model_.patients)
      if (!known.mrn.empty() && !numbers.insert(known.mrn).second) throw Wrong("two patients have one record number");
    calm_walk(patients::List{.limit = 2}, model_.list());
    for (const std::string_view word : words)
      calm_walk(patients::Search{.name = std::string(word), .limit = 3}, model_.search(std::string(word)));
  }
  template <class Op>
  void calm_walk(Op op, const std::vector<PatientId>& expected) {
    const Session at_desk = desk();
    std::vector<PatientId> seen;
    for (std::size_t page = 0; page <= expected.size() + 1; ++page) {
      const auto part = must(at_desk.call(op));
      for (const auto& patient : part.data) seen.push_back(patient.id);
      if (!part.page.next) break;
      op.cursor = *part.page.next;
    }
    if (seen != expected) throw Wrong(std::string(Op::operation.name) + " does not show what is there");
  }

  /// Whatever was acknowledged is told once, whatever was undone never; numbers have no gap, and the log verifies.
  void check_audit() {
    const Session auditor = admin();
    const auto found = must(auditor.call(audit::Verify{}));
    if (!found.intact)
      throw Wrong("audit.verify finds " + found.findings.front().kind + " of " + found.findings.front().object);
    std::uint64_t seq = 0;
    std::map<RequestId, int> told;
    for (const auto& read : testing::events(auditor)) {
      if (read.event.seq != ++seq) throw Wrong("the audit log has a gap");
      const RequestId id{read.event.request};
      if (id.uuid.is_nil()) continue;
      if (read.event.outcome == audit::Outcome::ok) ++told[id];
      if (undone_.contains(id)) throw Wrong("the audit log tells of a call that was undone");
    }
    for (const auto& [id, name] : acknowledged_)
      if (told[id] != 1) throw Wrong("the audit log does not tell once of an acknowledged " + name);
  }

  const Template& from_;
  const std::uint64_t seed_;
  const std::string bug_;
  std::shared_ptr<storage::Engine> base_;
  std::shared_ptr<testing::FakeClock> clock_ = std::make_shared<testing::FakeClock>();
  std::shared_ptr<testing::QueuedExecutor> queue_ = std::make_shared<testing::QueuedExecutor>();
  std::mt19937_64 random_;
  Trace trace_{};
  Strike strike_{};
  bool died_ = false;  ///< the machine has; the platform has to be opened anew
  std::int64_t left_ = 0;
  std::uint64_t opened_ = 0;
  std::optional<Platform> platform_{};
  std::vector<Person> people_{};
  Model model_{};
  std::map<RequestId, std::string> acknowledged_{};
  std::map<RequestId, std::string> undone_{};
  std::optional<std::pair<PatientId, Known>> doubt_{};
  Person* in_doubt_ = nullptr;
  Outcome result_{};
};

}  // namespace

Outcome simulate(const Template& from, std::uint64_t seed, std::string_view planted_bug) {
  return Run(from, seed, planted_bug).outcome();
}

}  // namespace medflow::campaign
