#include "tests/bench/in_process/raw.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

namespace medflow::bench {
namespace {

constexpr int sealed_sizes[] = {33, 37, 38, 39, 54, 63, 38, 39};  // eight small fields, each with nonce and tag
constexpr int columns = 20;
constexpr std::int64_t tenants = 10;
constexpr std::int64_t start_ms = 1'790'000'000'000;

std::array<char, 256> filler() {
  std::array<char, 256> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 37 + 11);
  return bytes;
}
const std::array<char, 256> blob = filler();

}  // namespace

RawStore::RawStore(storage::sqlite::LibraryKind kind, const std::string& file, bool audit_index, int cache_kib)
    : library_(storage::sqlite::load_library(kind)), encrypted_(kind == storage::sqlite::LibraryKind::sqlcipher) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (library_.open_v2(file.c_str(), &db_, flags, nullptr) != SQLITE_OK)
    throw std::runtime_error("raw: cannot open " + file);
  if (encrypted_) give_key();
  run("PRAGMA page_size=4096");
  run("PRAGMA cache_size=-" + std::to_string(cache_kib));
  run("PRAGMA journal_mode=WAL");
  run("PRAGMA synchronous=OFF");
  run("CREATE TABLE IF NOT EXISTS patients(id INTEGER PRIMARY KEY, tenant INT NOT NULL, mrn TEXT NOT NULL, name TEXT "
      "NOT NULL, c1 BLOB, c2 BLOB,"
      " c3 BLOB, c4 BLOB, c5 BLOB, c6 BLOB, c7 BLOB, c8 BLOB, gender TEXT, blood TEXT, allergies TEXT, notes TEXT, "
      "status TEXT,"
      " created_by BLOB, created_at INT NOT NULL, updated_at INT NOT NULL)");
  run("CREATE UNIQUE INDEX IF NOT EXISTS by_mrn ON patients(tenant, mrn)");
  run("CREATE INDEX IF NOT EXISTS by_creation ON patients(tenant, created_at, id)");
  run("CREATE INDEX IF NOT EXISTS by_name ON patients(tenant, name)");
  run("CREATE TABLE IF NOT EXISTS audit(id INTEGER PRIMARY KEY, tenant INT, user BLOB, action TEXT, entity TEXT, "
      "entity_id INT, ip TEXT, ts INT,"
      " prev BLOB, hash BLOB)");
  if (audit_index) run("CREATE INDEX IF NOT EXISTS by_entity ON audit(tenant, entity_id, ts)");
  insert_ = prepare("INSERT INTO patients VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  audit_ = prepare("INSERT INTO audit(tenant,user,action,entity,entity_id,ip,ts,prev,hash) VALUES(?,?,?,?,?,?,?,?,?)");
  get_ = prepare("SELECT * FROM patients WHERE id=? AND tenant=?");
  begin_ = prepare("BEGIN IMMEDIATE");
  commit_ = prepare("COMMIT");
  sqlite3_stmt* count = prepare("SELECT count(*) FROM patients");
  if (library_.step(count) == SQLITE_ROW) patients_ = library_.column_int64(count, 0);
  library_.finalize(count);
  run("PRAGMA synchronous=FULL");
}

RawStore::~RawStore() {
  for (sqlite3_stmt* statement : {insert_, audit_, get_, begin_, commit_}) library_.finalize(statement);
  library_.close_v2(db_);
}

void RawStore::give_key() {
  const std::string key = "x'" + std::string(96, '7') + "'";  // raw key and salt: nothing is derived
  if (library_.key_v2(db_, "main", key.data(), static_cast<int>(key.size())) != SQLITE_OK)
    throw std::runtime_error("raw: no key");
  run("PRAGMA cipher_page_size=4096");
}

void RawStore::run(const std::string& sql) {
  if (library_.exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error("raw: " + sql);
}

sqlite3_stmt* RawStore::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (library_.prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error("raw: " + sql);
  return statement;
}

void RawStore::step(sqlite3_stmt* statement) {
  const int code = library_.step(statement);
  if (code != SQLITE_DONE && code != SQLITE_ROW) throw std::runtime_error(std::string("raw: ") + library_.errmsg(db_));
  library_.reset(statement);
}

std::uint64_t RawStore::random() {
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 7U;
  random_ ^= random_ << 17U;
  return random_ >> 11U;
}

void RawStore::insert_patient() {
  static constexpr std::string_view surnames[] = {
      "andersen", "baptiste", "castillo", "dimitrov", "eriksson",  "fischer",  "garcia", "hakimi", "ivanova", "johnson",
      "kowalski", "moreau",   "okafor",   "rossi",    "lindqvist", "nakamura", "petrov", "quinn",  "schmidt", "tanaka"};
  const std::int64_t id = ++patients_;
  char mrn[32];
  char name[48];
  std::snprintf(mrn, sizeof mrn, "MRN-%09lld", static_cast<long long>(id));
  std::snprintf(name, sizeof name, "%s%c%c maria", surnames[random() % std::size(surnames)].data(),
                static_cast<char>('a' + random() % 26), static_cast<char>('a' + random() % 26));
  const auto text = [&](int at, const char* value) { library_.bind_text(insert_, at, value, -1, SQLITE_STATIC); };
  library_.bind_int64(insert_, 1, id);
  library_.bind_int64(insert_, 2, id % tenants);
  text(3, mrn);
  text(4, name);
  for (int i = 0; i < 8; ++i) library_.bind_blob(insert_, 5 + i, blob.data(), sealed_sizes[i], SQLITE_STATIC);
  text(13, "female");
  text(14, "O+");
  text(15, "penicillin");
  text(16, "Hypertension, follow-up every six months. Prefers morning visits.");
  text(17, "active");
  library_.bind_blob(insert_, 18, blob.data(), 16, SQLITE_STATIC);
  library_.bind_int64(insert_, 19, start_ms + id * 60'000);
  library_.bind_int64(insert_, 20, start_ms + id * 60'000);
  step(insert_);
}

void RawStore::insert_audit(std::int64_t patient, const char* action) {
  library_.bind_int64(audit_, 1, patient % tenants);
  library_.bind_blob(audit_, 2, blob.data(), 16, SQLITE_STATIC);
  library_.bind_text(audit_, 3, action, -1, SQLITE_STATIC);
  library_.bind_text(audit_, 4, "patient", -1, SQLITE_STATIC);
  library_.bind_int64(audit_, 5, patient);
  library_.bind_text(audit_, 6, "127.0.0.1", -1, SQLITE_STATIC);
  library_.bind_int64(audit_, 7, start_ms + ++events_);
  library_.bind_blob(audit_, 8, blob.data() + 32, 32, SQLITE_STATIC);
  library_.bind_blob(audit_, 9, blob.data() + 64, 32, SQLITE_STATIC);
  step(audit_);
}

void RawStore::get(std::int64_t patient) {
  library_.bind_int64(get_, 1, patient);
  library_.bind_int64(get_, 2, patient % tenants);
  if (library_.step(get_) != SQLITE_ROW) throw std::runtime_error("raw: a patient is missing");
  for (int i = 0; i < columns; ++i) {
    if (library_.column_type(get_, i) == SQLITE_INTEGER) {
      sink_ += static_cast<std::size_t>(library_.column_int64(get_, i));
    } else {
      const auto* bytes = static_cast<const unsigned char*>(library_.column_blob(get_, i));
      const int size = library_.column_bytes(get_, i);
      sink_ += size > 0 ? bytes[size - 1] : 0U;
    }
  }
  library_.reset(get_);
}

void RawStore::fill(std::uint64_t patients) {
  run("PRAGMA synchronous=OFF");
  step(begin_);
  while (static_cast<std::uint64_t>(patients_) < patients) insert_patient();
  step(commit_);
  run("PRAGMA wal_checkpoint(TRUNCATE)");
  run("PRAGMA synchronous=FULL");
}

Cost RawStore::create(std::size_t count, std::size_t batch) {
  const Stopwatch watch;
  for (std::size_t done = 0; done < count; done += batch) {
    step(begin_);
    for (std::size_t i = 0; i < batch; ++i) {
      insert_patient();
      insert_audit(patients_, "patients.register");
    }
    step(commit_);
  }
  return watch.per_operation((count + batch - 1) / batch * batch);
}

Cost RawStore::read(std::size_t count, std::size_t batch) {
  const Stopwatch watch;
  for (std::size_t done = 0; done < count; done += batch) {
    step(begin_);
    for (std::size_t i = 0; i < batch; ++i) {
      const auto patient = static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(patients_));
      get(patient);
      insert_audit(patient, "patients.get");
    }
    step(commit_);
  }
  return watch.per_operation((count + batch - 1) / batch * batch);
}

}  // namespace medflow::bench
