// The oracle: reads the tables as anybody else would, parses the events by their documented form, and compares both
// with what the parent was told. The library is asked too, for what only it can open.
#include <cstring>
#include <fstream>
#include <iostream>
#include <set>

#include "storage/sqlite/library.hpp"
#include "tests/campaigns/crash/deployment.hpp"
#include "tests/campaigns/crash/engines.hpp"
#include "tests/campaigns/crash/record.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/support/raw_sqlite.hpp"

namespace medflow::campaign {
namespace {

using testing::RawSqlite;

constexpr std::size_t problems_shown = 20;

class Problems {
 public:
  void add(const std::string& what) {
    if (++count_ <= problems_shown) std::cout << "problem: " << what << '\n';
  }
  void expect(bool holds, const std::string& what) {
    if (!holds) add(what);
  }
  std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

/// Passes on, and keeps the page key of the tenant's data so that the file can be read without the library.
class KeyKeeper final : public testing::WrappedEngine {
 public:
  using WrappedEngine::WrappedEngine;
  std::unique_ptr<storage::Database> open(const storage::StoreName& store,
                                          const storage::OpenOptions& options) override {
    if (store.part == storage::Part::data && store.tenant != "platform") {
      key.assign(reinterpret_cast<const char*>(options.page_key.data()), options.page_key.size());
      tenant = store.tenant;
    }
    return WrappedEngine::open(store, options);
  }
  std::string key{};
  std::string tenant{};
};

std::string hex_of(std::string_view bytes) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

std::string bytes_of(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return bytes;
}

/// What the oracle wants to know of an event.
struct Seen {
  std::string action{};
  std::string object{};
  std::string request{};
  std::uint64_t seq = 0;
  bool ok = false;
};

/// Reads a stored event by hand (the form that `src/audit/event.hpp` documents).
bool read_event(std::string_view bytes, Seen& seen) {
  std::size_t at = 0;
  bool whole = true;
  const auto take = [&](std::size_t size) {
    whole = whole && at + size <= bytes.size();
    if (!whole) return std::string_view();
    at += size;
    return bytes.substr(at - size, size);
  };
  const auto byte = [&] {
    const auto one = take(1);
    return one.empty() ? std::size_t{0} : static_cast<std::size_t>(static_cast<unsigned char>(one[0]));
  };
  byte();
  const auto number = take(8);
  if (whole) std::memcpy(&seen.seq, number.data(), 8);
  take(8 + 1 + 16 + 16 + 2);
  seen.action = take(byte());
  take(2);
  seen.object = take(16);
  take(8);
  take(16 * byte());
  seen.ok = byte() == 0;
  take(byte());
  take(1 + 16 + 16);
  seen.request = take(16);
  return whole;
}

struct Expected {
  std::uint64_t revision = 0;
  std::string tag{};
  bool recent = false;
};

struct Record {
  std::vector<Ack> acks{};
  std::map<std::string, Expected> patients{};  ///< by the id's bytes
  std::string last_token{};

  Record(const Place& place, std::size_t since) {
    std::ifstream in(place.record());
    Ack ack;
    for (std::string line; std::getline(in, line);) {
      if (!Ack::parse(line, ack)) continue;
      const bool recent = acks.size() >= since;
      acks.push_back(ack);
      if (ack.did == Did::signed_in) last_token = ack.text;
      if (ack.did == Did::signed_in || ack.did == Did::read) continue;
      Expected& expected = patients[std::string(ack.patient.view())];
      expected.recent = expected.recent || recent;
      if (ack.revision > expected.revision)
        expected = {.revision = ack.revision, .tag = ack.text, .recent = expected.recent};
    }
  }
};

std::string text_of(std::string_view id) {
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), id.data(), 16);
  return uuid.text();
}

class Oracle {
 public:
  Oracle(const Place& place, std::size_t since, std::size_t kills, unsigned threads, bool whole)
      : place_(place), record_(place, since), unsure_max_(kills * threads), kills_(kills), whole_(whole) {}

  int run() {
    ask_library();
    if (!keeper_ || keeper_->tenant.empty()) return finish();
    try {
      read_tables();
    } catch (const std::exception& error) {
      problems_.add(std::string("the tables cannot be read: ") + error.what());
    }
    return finish();
  }

 private:
  int finish() {
    std::cout << "events " << events_ << " patients " << patients_ << " problems " << problems_.count() << std::endl;
    return problems_.count() == 0 ? 0 : 1;
  }

  void ask_library() {
    keeper_ = std::make_shared<KeyKeeper>(storage::make_sqlite_engine(place_.engine_options()));
    auto options = platform_options(keeper_);
    options.create = false;
    auto opened = Platform::open(std::move(options));
    if (!opened.ok()) return problems_.add("the platform does not open: " + std::string(opened.error().code.name));
    try {
      const Staff staff = staff_of(place_, *opened);
      const auto verified = must(staff.admin.call(audit::Verify{}));
      problems_.expect(verified.intact,
                       "audit.verify: " + (verified.findings.empty() ? std::string("?") : verified.findings[0].kind));
      const auto platform = must(opened->local_operator("oracle").call(audit::Verify{}));
      problems_.expect(platform.intact, "audit.verify of the platform");
      read_patients(staff.desk);
      if (!record_.last_token.empty())
        problems_.expect(opened->authenticate(record_.last_token).ok(), "an acknowledged sign-in is not there");
      if (whole_) export_log(staff.admin);
    } catch (const std::exception& error) {
      problems_.add(std::string("the hospital does not open: ") + error.what());
    }
  }

  void read_patients(const Session& desk) {
    for (const auto& [id, expected] : record_.patients) {
      if (!whole_ && !expected.recent) continue;
      PatientId patient_id;
      std::memcpy(patient_id.uuid.bytes.data(), id.data(), 16);
      const auto patient = desk.call(patients::Get{.id = patient_id});
      if (!patient.ok()) {
        problems_.add("acknowledged patient " + patient_id.text() + ": " + std::string(patient.error().code.name));
        continue;
      }
      const std::string tag = tag_of(*patient);
      problems_.expect(!tag.empty(), "patient " + patient_id.text() + " is a mixture");
      problems_.expect(patient->revision >= expected.revision,
                       "patient " + patient_id.text() + " lost an acknowledged update");
      problems_.expect(patient->revision != expected.revision || tag == expected.tag,
                       "patient " + patient_id.text() + " has other content");
    }
  }

  void export_log(const Session& admin) {
    const Stream stream = must(admin.call(audit::Export{}));
    exported_ = must(Content{.pull = stream.pull}.read_all(std::size_t{1} << 30));
  }

  void read_tables() {
    namespace sqlite = storage::sqlite;
    const auto kind = place_.encrypted ? sqlite::LibraryKind::sqlcipher : sqlite::LibraryKind::sqlite;
    RawSqlite raw(sqlite::load_library(kind), place_.data() + "/" + keeper_->tenant + "/data.db");
    if (place_.encrypted) {
      raw.run("PRAGMA key=\"x'" + hex_of(keeper_->key) + "'\"");
      raw.run("PRAGMA cipher_page_size=4096");
    }
    problems_.expect(raw.rows("PRAGMA integrity_check") == std::vector<std::vector<std::string>>{{"ok"}},
                     "integrity_check");
    read_events(raw);
    check_acknowledged();
    check_rows(raw);
  }

  void read_events(RawSqlite& raw) {
    std::ofstream lines(place_.folder + "/events.hex");
    for (const auto& row : raw.rows("SELECT seq, hex(event) FROM audit_events ORDER BY seq")) {
      ++events_;
      Seen seen;
      problems_.expect(read_event(bytes_of(row[1]), seen), "event " + row[0] + " cannot be read");
      problems_.expect(std::stoull(row[0]) == events_ && seen.seq == events_,
                       "gap in the audit log before event " + row[0]);
      if (seen.ok && seen.action == "patients.register") ++registered_[seen.object];
      if (seen.ok && seen.action == "patients.update") ++updated_[seen.object];
      if (whole_) lines << row[0] << ' ' << row[1] << '\n';
      by_request_[seen.request] = std::move(seen);
    }
    lines.close();
    const auto head = raw.rows("SELECT size, hex(root) FROM audit_head");
    problems_.expect(head.size() == 1 && std::stoull(head[0][0]) == events_,
                     "the head of the log and its events differ");
    if (whole_ && head.size() == 1) verify_elsewhere(head[0][1]);
  }

  /// By the Python program, once over the stored events and once over the export.
  void verify_elsewhere(const std::string& root_hex) {
    if (std::system("python3 -c 1 >/dev/null 2>&1") != 0) {
      std::cout << "note: no python3, so the stand-alone verifier was not run\n";
      return;
    }
    const std::string convert =
        "python3 -c \"import sys,base64,json\nfor l in open(sys.argv[1]):\n s,h=l.split()\n"
        " print(json.dumps({'seq':int(s),'event':base64.b64encode(bytes.fromhex(h)).decode()}))\" '" +
        place_.folder + "/events.hex' > '" + place_.folder + "/events.ndjson'";
    problems_.expect(std::system(convert.c_str()) == 0, "the events could not be converted");
    const std::string verifier = "python3 '" MEDFLOW_SOURCE_DIR "/tests/support/verify_export.py' ";
    const std::string quiet = " >/dev/null";
    const std::string root = "--root \"$(python3 -c \"import base64;print(base64.b64encode(bytes.fromhex('" + root_hex +
                             "')).decode())\")\"";
    const std::string size = " --size " + std::to_string(events_) + " ";
    problems_.expect(
        std::system((verifier + root + size + "'" + place_.folder + "/events.ndjson'" + quiet).c_str()) == 0,
        "verify_export.py finds the stored events damaged");
    std::ofstream(place_.folder + "/export.ndjson", std::ios::binary) << exported_;
    problems_.expect(std::system((verifier + "'" + place_.folder + "/export.ndjson'" + quiet).c_str()) == 0,
                     "verify_export.py finds the export damaged");
  }

  void check_acknowledged() {
    problems_.expect(events_ >= record_.acks.size(), "fewer events than acknowledged calls");
    for (const Ack& ack : record_.acks) {
      const auto found = by_request_.find(std::string(ack.request.view()));
      if (found == by_request_.end()) {
        problems_.add("no event for an acknowledged call of kind " + std::string(1, static_cast<char>(ack.did)));
        continue;
      }
      const Seen& seen = found->second;
      const std::string_view action = ack.did == Did::registered ? "patients.register"
                                      : ack.did == Did::updated  ? "patients.update"
                                      : ack.did == Did::read     ? "patients.get"
                                                                 : "auth.login";
      const bool about = ack.did == Did::signed_in || ack.did == Did::read || seen.object == ack.patient.view();
      problems_.expect(seen.ok && seen.action == action && about,
                       "the event of an acknowledged call says something else: " + seen.action);
    }
  }

  /// Nothing half done: each patient has what belongs to it, and nothing belongs to nobody.
  void check_rows(RawSqlite& raw) {
    std::map<std::string, std::uint64_t> stored;
    for (const auto& row : raw.rows("SELECT hex(id), revision FROM patients"))
      stored[bytes_of(row[0])] = std::stoull(row[1]);
    patients_ = stored.size();
    std::size_t unsure = 0;
    for (const auto& [id, revision] : stored) {
      const auto known = record_.patients.find(id);
      if (known == record_.patients.end())
        ++unsure;
      else
        problems_.expect(revision <= known->second.revision + kills_,
                         "patient " + text_of(id) + " has updates that nobody asked for");
      problems_.expect(registered_[id] == 1, "patient " + text_of(id) + " has not one event of its registration");
      problems_.expect(updated_[id] + 1 == revision, "patient " + text_of(id) + " has not one event per revision");
    }
    problems_.expect(unsure <= unsure_max_, "more patients than were asked for");
    for (const auto& [id, expected] : record_.patients)
      problems_.expect(stored.count(id) == 1 && stored[id] >= expected.revision,
                       "acknowledged patient " + text_of(id) + " is lost or older");
    for (const auto& [id, count] : registered_)
      problems_.expect(count == 0 || stored.count(id) == 1, "an event tells of no patient");
    // The tokens of patients that changed after the mark may still have been in memory only.
    std::set<std::string> recent;
    for (const auto& row :
         raw.rows("SELECT DISTINCT hex(id) FROM changes WHERE table_id=20 AND number > coalesce((SELECT "
                  "value FROM counters WHERE name='patient_tokens.mark'), 0)"))
      recent.insert(bytes_of(row[0]));
    check_beside(raw, stored, "patient_tokens", tokens_of_patient, recent);
    check_beside(raw, stored, "patient_facilities", 1, {});
    const auto changes = raw.rows("SELECT count(*), coalesce(max(number), 0) FROM changes");
    problems_.expect(changes[0][0] == changes[0][1], "gap in the change feed");
  }

  void check_beside(RawSqlite& raw, const std::map<std::string, std::uint64_t>& stored, const std::string& table,
                    int wanted, const std::set<std::string>& recent) {
    std::size_t owners = 0;
    for (const auto& row : raw.rows("SELECT hex(patient_id), count(*) FROM " + table + " GROUP BY patient_id")) {
      const std::string id = bytes_of(row[0]);
      if (recent.count(id) == 0) ++owners;
      problems_.expect(stored.count(id) == 1, table + " has rows of nobody");
      const int count = std::stoi(row[1]);
      problems_.expect(recent.count(id) == 0 ? count == wanted : count <= wanted,
                       "patient " + text_of(id) + " has " + row[1] + " rows in " + table);
    }
    problems_.expect(owners + recent.size() == stored.size(), "patients without rows in " + table);
  }

  const Place& place_;
  const Record record_;
  const std::size_t unsure_max_;
  const std::size_t kills_;
  const bool whole_;
  Problems problems_{};
  std::shared_ptr<KeyKeeper> keeper_{};
  std::string exported_{};
  std::uint64_t events_ = 0;
  std::size_t patients_ = 0;
  std::map<std::string, Seen> by_request_{};
  std::map<std::string, std::uint64_t> registered_{};
  std::map<std::string, std::uint64_t> updated_{};
};

}  // namespace

int check(const Place& place, std::size_t since, std::size_t kills, unsigned threads, bool whole) {
  return Oracle(place, since, kills, threads, whole).run();
}

}  // namespace medflow::campaign
