#include "tests/bench/billing/raw.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace medflow::bench {
namespace {

constexpr int lines_of_invoice = 5;
constexpr std::int64_t tenants = 10;
constexpr std::int64_t patients = 50'000;
constexpr std::int64_t start_ms = 1'790'000'000'000;
constexpr std::int64_t unit_cents = 12'500;
const std::array<char, 96> bytes = [] {
  std::array<char, 96> filled{};
  for (std::size_t i = 0; i < filled.size(); ++i) filled[i] = static_cast<char>(i * 37 + 11);
  return filled;
}();

}  // namespace

RawInvoices::RawInvoices(storage::sqlite::LibraryKind kind, const std::string& file, int cache_kib)
    : library_(storage::sqlite::load_library(kind)) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (library_.open_v2(file.c_str(), &db_, flags, nullptr) != SQLITE_OK)
    throw std::runtime_error("raw: cannot open " + file);
  if (kind == storage::sqlite::LibraryKind::sqlcipher) give_key();
  run("PRAGMA page_size=4096");
  run("PRAGMA cache_size=-" + std::to_string(cache_kib));
  run("PRAGMA journal_mode=WAL");
  run("PRAGMA synchronous=FULL");
  run("CREATE TABLE invoices(id INTEGER PRIMARY KEY, tenant INT NOT NULL, patient INT NOT NULL, number TEXT NOT NULL, "
      "total_cents INT NOT NULL, status TEXT NOT NULL, created_at INT NOT NULL)");
  run("CREATE UNIQUE INDEX invoices_number ON invoices(tenant, number)");
  run("CREATE INDEX invoices_patient ON invoices(tenant, patient)");
  run("CREATE TABLE invoice_lines(id INTEGER PRIMARY KEY, tenant INT NOT NULL, invoice INT NOT NULL, line_no INT NOT "
      "NULL, "
      "code TEXT NOT NULL, text TEXT NOT NULL, qty INT NOT NULL, unit_cents INT NOT NULL, total_cents INT NOT NULL)");
  run("CREATE INDEX invoice_lines_invoice ON invoice_lines(invoice)");
  run("CREATE TABLE audit(id INTEGER PRIMARY KEY, tenant INT, user BLOB, action TEXT, entity TEXT, entity_id INT, ip "
      "TEXT, "
      "ts INT, prev BLOB, hash BLOB)");
  invoice_ = prepare("INSERT INTO invoices VALUES(?,?,?,?,?,?,?)");
  line_ = prepare(
      "INSERT INTO invoice_lines(tenant,invoice,line_no,code,text,qty,unit_cents,total_cents) "
      "VALUES(?,?,?,?,?,?,?,?)");
  audit_ = prepare("INSERT INTO audit(tenant,user,action,entity,entity_id,ip,ts,prev,hash) VALUES(?,?,?,?,?,?,?,?,?)");
  begin_ = prepare("BEGIN IMMEDIATE");
  commit_ = prepare("COMMIT");
}

RawInvoices::~RawInvoices() {
  for (sqlite3_stmt* statement : {invoice_, line_, audit_, begin_, commit_}) library_.finalize(statement);
  library_.close_v2(db_);
}

void RawInvoices::give_key() {
  const std::string key = "x'" + std::string(96, '7') + "'";  // raw key and salt: nothing is derived
  if (library_.key_v2(db_, "main", key.data(), static_cast<int>(key.size())) != SQLITE_OK)
    throw std::runtime_error("raw: no key");
  run("PRAGMA cipher_page_size=4096");
}

void RawInvoices::run(const std::string& sql) {
  if (library_.exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error("raw: " + sql);
}

sqlite3_stmt* RawInvoices::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (library_.prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error("raw: " + sql);
  return statement;
}

void RawInvoices::step(sqlite3_stmt* statement) {
  const int code = library_.step(statement);
  if (code != SQLITE_DONE && code != SQLITE_ROW) throw std::runtime_error(std::string("raw: ") + library_.errmsg(db_));
  library_.reset(statement);
}

void RawInvoices::insert_invoice() {
  const std::int64_t id = ++invoices_;
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "INV-2026-%06lld", static_cast<long long>(id));
  library_.bind_int64(invoice_, 1, id);
  library_.bind_int64(invoice_, 2, id % tenants);
  library_.bind_int64(invoice_, 3, id * 7'919 % patients);
  library_.bind_text(invoice_, 4, number.data(), -1, SQLITE_STATIC);
  library_.bind_int64(invoice_, 5, lines_of_invoice * unit_cents);
  library_.bind_text(invoice_, 6, "open", -1, SQLITE_STATIC);
  library_.bind_int64(invoice_, 7, start_ms + id * 1'000);
  step(invoice_);
  for (int i = 1; i <= lines_of_invoice; ++i) insert_line(i);
}

void RawInvoices::insert_line(std::int64_t number) {
  library_.bind_int64(line_, 1, invoices_ % tenants);
  library_.bind_int64(line_, 2, invoices_);
  library_.bind_int64(line_, 3, number);
  library_.bind_text(line_, 4, "99213", -1, SQLITE_STATIC);
  library_.bind_text(line_, 5, "Office visit, established patient", -1, SQLITE_STATIC);
  library_.bind_int64(line_, 6, 1);
  library_.bind_int64(line_, 7, unit_cents);
  library_.bind_int64(line_, 8, unit_cents);
  step(line_);
}

void RawInvoices::insert_audit() {
  library_.bind_int64(audit_, 1, invoices_ % tenants);
  library_.bind_blob(audit_, 2, bytes.data(), 16, SQLITE_STATIC);
  library_.bind_text(audit_, 3, "invoices.create", -1, SQLITE_STATIC);
  library_.bind_text(audit_, 4, "invoice", -1, SQLITE_STATIC);
  library_.bind_int64(audit_, 5, invoices_);
  library_.bind_text(audit_, 6, "127.0.0.1", -1, SQLITE_STATIC);
  library_.bind_int64(audit_, 7, start_ms + invoices_);
  library_.bind_blob(audit_, 8, bytes.data() + 32, 32, SQLITE_STATIC);
  library_.bind_blob(audit_, 9, bytes.data() + 64, 32, SQLITE_STATIC);
  step(audit_);
}

Cost RawInvoices::create(std::size_t count, std::size_t batch) {
  const Stopwatch watch;
  for (std::size_t done = 0; done < count; done += batch) {
    step(begin_);
    for (std::size_t i = 0; i < batch; ++i) {
      insert_invoice();
      insert_audit();
    }
    step(commit_);
  }
  return watch.per_operation((count + batch - 1) / batch * batch);
}

}  // namespace medflow::bench
