#include <libpq-fe.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "tests/bench/in_process/raw.hpp"

namespace medflow::bench {
namespace {

constexpr int sealed_sizes[] = {33, 37, 38, 39, 54, 63, 38, 39};
constexpr std::int64_t tenants = 10;
constexpr std::int64_t start_ms = 1'790'000'000'000;
constexpr Oid type_bytea = 17, type_bigint = 20, type_text = 25;

/// Values of one statement in binary form.
class Row {
 public:
  void add(std::int64_t value) {
    auto& bytes = integers_.at(used_++);
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (56 - 8 * i));
    add(std::string_view{bytes.data(), 8});
  }
  void add(std::string_view bytes) {
    pointers_.push_back(bytes.data());
    lengths_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(1);
  }
  void send(PGconn* connection, const char* statement) const {
    if (PQsendQueryPrepared(connection, statement, static_cast<int>(pointers_.size()), pointers_.data(),
                            lengths_.data(), formats_.data(), 1) == 0)
      throw std::runtime_error(std::string("raw: ") + PQerrorMessage(connection));
  }

 private:
  std::array<std::array<char, 8>, 8> integers_{};
  std::size_t used_ = 0;
  std::vector<const char*> pointers_{};
  std::vector<int> lengths_{}, formats_{};
};

class RawPostgres final : public Raw {
 public:
  RawPostgres(const std::string& url, bool audit_index)
      : space_(audit_index ? "raw_indexed" : "raw_lean"), connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
    make(audit_index);
    prepare();
    if (PQenterPipelineMode(connection_) == 0) throw std::runtime_error("raw: no pipeline");
  }
  ~RawPostgres() override { PQfinish(connection_); }
  RawPostgres(const RawPostgres&) = delete;
  RawPostgres& operator=(const RawPostgres&) = delete;

  void fill(std::uint64_t patients) override {
    PQexitPipelineMode(connection_);
    run("SET synchronous_commit = off");
    PQenterPipelineMode(connection_);
    while (static_cast<std::uint64_t>(patients_) < patients) create(64, 64);
    PQexitPipelineMode(connection_);
    run("SET synchronous_commit = on");
    run("ANALYZE " + space_ + ".patients");
    PQenterPipelineMode(connection_);
  }

  Cost create(std::size_t count, std::size_t batch) override {
    return batches(count, batch, [&] {
      insert_patient();
      insert_audit(patients_, "patients.register");
    });
  }

  Cost read(std::size_t count, std::size_t batch) override {
    return batches(count, batch, [&] {
      const auto patient = static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(patients_));
      Row row;
      row.add(patient);
      row.add(patient % tenants);
      send(row, "get");
      insert_audit(patient, "patients.get");
    });
  }

 private:
  template <class Operation>
  Cost batches(std::size_t count, std::size_t batch, Operation operation) {
    const Stopwatch watch;
    for (std::size_t done = 0; done < count; done += batch) {
      send({}, "begin");
      for (std::size_t i = 0; i < batch; ++i) operation();
      send({}, "commit");
      finish();
    }
    return watch.per_operation((count + batch - 1) / batch * batch);
  }

  void run(const std::string& sql) {
    PGresult* result = PQexec(connection_, sql.c_str());
    const bool good = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    if (PQntuples(result) > 0) patients_ = std::stoll(PQgetvalue(result, 0, 0));
    PQclear(result);
    if (!good) throw std::runtime_error(std::string("raw: ") + PQerrorMessage(connection_));
  }

  void make(bool audit_index) {
    run("SET client_min_messages = warning");
    run("CREATE SCHEMA IF NOT EXISTS " + space_);
    run("SET search_path = " + space_);
    run("CREATE TABLE IF NOT EXISTS patients(id bigint PRIMARY KEY, tenant bigint NOT NULL, mrn text NOT NULL, name "
        "text NOT NULL, c1 "
        "bytea, c2 bytea, c3 bytea, c4 bytea, c5 bytea, c6 bytea, c7 bytea, c8 bytea, gender text, blood text, "
        "allergies text, notes "
        "text, status text, created_by bytea, created_at bigint NOT NULL, updated_at bigint NOT NULL)");
    run("CREATE UNIQUE INDEX IF NOT EXISTS by_mrn ON patients(tenant, mrn)");
    run("CREATE INDEX IF NOT EXISTS by_creation ON patients(tenant, created_at, id)");
    run("CREATE INDEX IF NOT EXISTS by_name ON patients(tenant, name)");
    run("CREATE TABLE IF NOT EXISTS audit(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant bigint, actor "
        "bytea, action text, "
        "entity text, entity_id bigint, ip text, ts bigint, prev bytea, hash bytea)");
    if (audit_index) run("CREATE INDEX IF NOT EXISTS by_entity ON audit(tenant, entity_id, ts)");
    run("SELECT count(*) FROM patients");
  }

  void prepare(const char* name, const std::string& sql, const std::vector<Oid>& types) {
    PGresult* result = PQprepare(connection_, name, sql.c_str(), static_cast<int>(types.size()), types.data());
    const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!good) throw std::runtime_error(std::string("raw: ") + PQerrorMessage(connection_));
  }

  void prepare() {
    std::vector<Oid> types{type_bigint, type_bigint, type_text, type_text};
    types.insert(types.end(), 8, type_bytea);
    types.insert(types.end(), 5, type_text);
    types.insert(types.end(), {type_bytea, type_bigint, type_bigint});
    prepare("insert",
            "INSERT INTO patients VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)",
            types);
    prepare(
        "audit",
        "INSERT INTO audit(tenant,actor,action,entity,entity_id,ip,ts,prev,hash) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        {type_bigint, type_bytea, type_text, type_text, type_bigint, type_text, type_bigint, type_bytea, type_bytea});
    prepare("get", "SELECT * FROM patients WHERE id=$1 AND tenant=$2", {type_bigint, type_bigint});
    prepare("begin", "BEGIN", {});
    prepare("commit", "COMMIT", {});
  }

  void send(const Row& row, const char* statement) {
    row.send(connection_, statement);
    ++sent_;
  }

  void finish() {
    if (PQpipelineSync(connection_) == 0) throw std::runtime_error("raw: no sync");
    for (; sent_ > 0; --sent_) {
      PGresult* result = PQgetResult(connection_);
      const auto status = PQresultStatus(result);
      for (int i = 0; status == PGRES_TUPLES_OK && i < PQnfields(result); ++i)
        sink_ += static_cast<std::size_t>(PQgetlength(result, 0, i));
      PQclear(result);
      if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(std::string("raw: ") + PQerrorMessage(connection_));
      PQgetResult(connection_);
    }
    PQclear(PQgetResult(connection_));
  }

  std::uint64_t random() {
    random_ ^= random_ << 13U;
    random_ ^= random_ >> 7U;
    random_ ^= random_ << 17U;
    return random_ >> 11U;
  }

  void insert_patient() {
    static constexpr std::string_view surnames[] = {"andersen", "castillo", "eriksson", "garcia", "ivanova", "tanaka"};
    const std::int64_t id = ++patients_;
    char mrn[32];
    std::snprintf(mrn, sizeof mrn, "MRN-%09lld", static_cast<long long>(id));
    const std::string name = std::string{surnames[random() % std::size(surnames)]} +
                             static_cast<char>('a' + random() % 26) + static_cast<char>('a' + random() % 26) + " maria";
    Row row;
    row.add(id);
    row.add(id % tenants);
    row.add(std::string_view{mrn});
    row.add(std::string_view{name});
    for (const int size : sealed_sizes) row.add(std::string_view{blob_.data(), static_cast<std::size_t>(size)});
    for (const std::string_view text :
         {"female", "O+", "penicillin", "Hypertension, follow-up every six months. Prefers morning visits.", "active"})
      row.add(text);
    row.add(std::string_view{blob_.data(), 16});
    row.add(start_ms + id * 60'000);
    row.add(start_ms + id * 60'000);
    send(row, "insert");
  }

  void insert_audit(std::int64_t patient, std::string_view action) {
    Row row;
    row.add(patient % tenants);
    row.add(std::string_view{blob_.data(), 16});
    row.add(action);
    row.add(std::string_view{"patient"});
    row.add(patient);
    row.add(std::string_view{"127.0.0.1"});
    row.add(start_ms + ++events_);
    row.add(std::string_view{blob_.data() + 32, 32});
    row.add(std::string_view{blob_.data() + 64, 32});
    send(row, "audit");
  }

  std::string space_;
  PGconn* connection_;
  std::string blob_ = std::string(256, '\x5A');
  std::size_t sent_ = 0;
  std::int64_t patients_ = 0;
  std::int64_t events_ = 0;
  std::size_t sink_ = 0;
  std::uint64_t random_ = 88172645463325252U;
};

}  // namespace

std::unique_ptr<Raw> raw_postgres(const std::string& url, bool audit_index) {
  return std::make_unique<RawPostgres>(url, audit_index);
}

}  // namespace medflow::bench
