// What whoever looks after the database may reckon from its plain columns, without us.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tests/ledger/book.hpp"
#include "tests/support/raw_sqlite.hpp"
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
#include "storage/postgres/link.hpp"
#include "tests/support/postgres_engine.hpp"
#include "tests/support/postgres_server.hpp"
#endif

using namespace medflow;
using namespace medflow::testing;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// As docs/database.md shows it.
std::string sql_of(std::string_view engine) {
  std::ostringstream text;
  text << std::ifstream(std::string(MEDFLOW_SOURCE_DIR) + "/tests/ledger/sql/revenue_by_month." + std::string(engine) +
                        ".sql")
              .rdbuf();
  REQUIRE(!text.str().empty());
  return text.str();
}

/// Charges, discounts and credits of two years, and the revenue of one of them by month.
Rows fill(Book& book) {
  Dice dice(7);
  const PatientId patient = book.add_patient();
  const auto invoice = book.add_invoice(patient, "2026-12-01");
  const auto amount = [&] { return static_cast<std::int64_t>(100 + dice.below(100'000)); };
  for (int i = 0; i < 120; ++i) {
    const std::string on =
        Date::from_days(day("2025-07-01").days() + static_cast<std::int32_t>(dice.below(600))).text();
    const std::int64_t gross = amount();
    const auto off = static_cast<std::int64_t>(dice.below(100));
    const Posting whose{.patient_id = patient, .invoice_id = invoice.id};
    const bool credits = dice.one_in(4);
    book.post(
        book.entry(credits ? EntryKind::credit_note : EntryKind::invoice, on,
                   credits ? std::vector{debit(Account::revenue, off), credit(Account::receivable_patient, off, whose)}
                           : std::vector{debit(Account::receivable_patient, gross - off, whose),
                                         debit(Account::discounts, off), credit(Account::revenue, gross)},
                   dice.one_in(3) ? "JPY" : "GBP"));
  }
  Rows rows;
  const auto report = must(book.session().call(
      reports::Revenue{.by = reports::RevenueBy::month, .from = day("2026-01-01"), .to = day("2026-12-31")}));
  for (const auto& row : report.rows)
    rows.push_back({row.key, std::string(row.currency.code()), std::to_string(row.gross), std::to_string(row.discounts),
                    std::to_string(row.net)});
  CHECK(rows.size() == 24);
  return rows;
}

/// Names are what nobody reads there.
void check_nameless(const Rows& rows) {
  for (const auto& row : rows)
    for (const std::string& cell : row) CHECK(cell.find("Quillfeather") == std::string::npos);
}

}  // namespace

TEST_CASE("BIL-9: revenue by month is the same in plain SQL over SQLite, which shows no name") {
  const EngineHome home("sqlite");
  std::optional<Book> book(std::in_place, home.engine());
  const Rows expected = fill(*book);
  const std::string file = home.folder() / ("data/" + book->tenant.text() + "/data.db");
  book.reset();
  RawSqlite raw(storage::sqlite::load_library(storage::sqlite::LibraryKind::sqlite), file);
  CHECK(raw.rows(sql_of("sqlite")) == expected);
  const Rows all = raw.rows("SELECT * FROM postings");
  CHECK(all.size() > 240);
  check_nameless(all);
  check_nameless(raw.rows("SELECT * FROM balances"));
  check_nameless(raw.rows("SELECT * FROM journal_entries"));
}

#ifdef MEDFLOW_TEST_ON_POSTGRESQL
TEST_CASE("BIL-9: revenue by month is the same in plain SQL over PostgreSQL, which shows no name") {
  using storage::postgres::text_at;
  const auto database = prepared_database();
  Book book(engine_of(database));
  const Rows expected = fill(book);
  std::string sql = sql_of("postgresql");
  const std::string placeholder = "…";
  sql.replace(sql.find(placeholder), placeholder.size(), book.tenant.text());
  const std::size_t select = sql.find("SELECT");
  storage::postgres::Link link({.url = database->app()});
  const auto rows_of = [&](const std::string& statement) {
    const auto found = link.ask(statement);
    Rows rows;
    for (int row = 0; row < PQntuples(found.get()); ++row) {
      rows.emplace_back();
      for (int column = 0; column < PQnfields(found.get()); ++column)
        rows.back().emplace_back(text_at(found, row, column));
    }
    return rows;
  };
  link.ask(sql.substr(0, select));
  CHECK(rows_of(sql.substr(select)) == expected);
  const Rows all = rows_of("SELECT encode(convert_to(p::text, 'UTF8'), 'escape') FROM tenant.postings p");
  CHECK(all.size() > 240);
  check_nameless(all);
}
#endif
