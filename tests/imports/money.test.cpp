// Real input: what the California population of Synthea was charged, and who paid.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "tests/imports/reports.hpp"
#include "tests/support/california.hpp"

using namespace medflow;
using namespace medflow::testing;
using imports::MoneyTable;

namespace {

/// What is charged and what of it is a payer's, in cents.
struct Sum {
  std::int64_t count = 0;
  std::int64_t total = 0;
  std::int64_t covered = 0;

  friend bool operator==(const Sum&, const Sum&) = default;
};
std::ostream& operator<<(std::ostream& out, const Sum& sum) {
  return out << sum.count << " rows, " << sum.total << ", " << sum.covered;
}

using Sums = std::map<std::string, Sum>;  ///< by "payer <id>", "patient <id>", "table <name>", "lifetime <table>"

/// As the second program adds the files of a folder up.
Sums sums_of(const std::string& folder) {
  const std::string command = "python3 '" MEDFLOW_SOURCE_DIR "/tests/imports/sum_money.py' '" + folder + "'";
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  REQUIRE(::pclose(pipe) == 0);
  Sums sums;
  std::istringstream lines(text);
  std::string kind, key;
  for (Sum sum; lines >> kind >> key >> sum.count >> sum.total >> sum.covered;) sums[kind + " " + key] = sum;
  return sums;
}

/// Those of one kind.
Sums only(const Sums& sums, const std::string& kind) {
  Sums found;
  for (const auto& [key, sum] : sums)
    if (key.starts_with(kind + " ")) found[key] = sum;
  return found;
}

void add(Sum& sum, std::int64_t total, std::int64_t covered) {
  ++sum.count;
  sum.total += total;
  sum.covered += covered;
}

template <class Op, class Visit>
void each_of(const Session& session, Op list, Visit visit) {
  list.limit = page_limit_max;
  do {
    const auto page = must(session.call(list));
    for (const auto& one : page.data) visit(one);
    list.cursor = page.page.next.value_or("");
  } while (!list.cursor.empty());
}

/// The first rows of encounters.csv, and the rows of medications.csv that belong to them.
void cut(std::map<std::string, std::string>& texts, std::size_t rows) {
  const auto shorten = [](std::string& text, auto&& keeps) {
    std::istringstream lines(text);
    std::string kept, line;
    for (std::size_t n = 0; std::getline(lines, line); ++n)
      if (n == 0 || keeps(n, line)) kept += line + "\n";
    text = kept;
  };
  std::set<std::string> ids;
  shorten(texts.at("encounters"), [&](std::size_t n, const std::string& line) {
    if (n <= rows) ids.insert(line.substr(0, line.find(',')));
    return n <= rows;
  });
  shorten(texts.at("medications"), [&](std::size_t, const std::string& line) {
    std::istringstream cells(line);
    std::string cell;
    for (int i = 0; i < 5; ++i) std::getline(cells, cell, ',');
    return ids.contains(cell);
  });
}

std::string told(const imports::Report& report) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(report.rows.size(), 5); ++i)
    text += std::to_string(report.rows[i].line) + " " + report.rows[i].column + ":" + report.rows[i].code + " ";
  return text;
}

imports::Report import_charges(const Session& admin, const std::string& csv, MoneyTable table) {
  return import(admin, csv, imports::Charges{.table = table});
}

constexpr const char* tables[] = {"patients", "organizations",     "providers",  "encounters",
                                  "payers",   "payer_transitions", "medications"};

/// Imports what charges refer to.
void import_ground(const Session& admin, const std::map<std::string, std::string>& texts) {
  import <imports::Patients>(admin, texts.at("patients"));
  import(admin, texts.at("organizations"), imports::Facilities{.zone = Zone { "America/Los_Angeles" }});
  import <imports::Doctors>(admin, texts.at("providers"));
}

/// One line, one share, and what of it is settled.
void check_charge(const invoices::Invoice& invoice) {
  REQUIRE(invoice.shares.size() == 1);
  REQUIRE(invoice.lines.size() == 1);
  const std::int64_t share = invoice.shares[0].amount;
  CHECK(invoice.lines[0].net == invoice.total);
  CHECK(invoice.lines[0].price_micro * invoice.lines[0].quantity == invoice.total * 100'000'000);
  CHECK(invoice.status == invoices::InvoiceStatus::issued);
  CHECK(invoice.paid == share);
  CHECK(invoice.balance == invoice.total - share);
  CHECK(invoice.patient_balance == invoice.patient_share);
  CHECK(invoice.patient_share == invoice.total - share);
  CHECK(invoice.currency.code() == "USD");
}

/// What is stored, summed as the second program sums the files.
Sums stored_sums(const Session& admin, const std::map<PayerId, std::string>& payers) {
  Sums sums;
  std::map<std::string, std::set<std::uint64_t>> numbers;
  each_of(admin, invoices::List{}, [&](const invoices::Invoice& invoice) {
    check_charge(invoice);
    const invoices::PayerShare& share = invoice.shares[0];
    add(sums["patient " + invoice.patient_id.text()], invoice.total, share.amount);
    add(sums["payer " + share.payer_id.text()], invoice.total, share.amount);
    CHECK(payers.contains(share.payer_id));
    CHECK(numbers[invoice.series].insert(invoice.sequence).second);
  });
  for (const auto& [series, used] : numbers) {
    CHECK(series.starts_with("IMP-"));
    CHECK(*used.begin() == 1);
    CHECK(*used.rbegin() == used.size());
  }
  return sums;
}

std::int64_t balance_of(const ledger::Balances& balances, ledger::Account account) {
  std::int64_t balance = 0;
  for (const auto& one : balances.accounts)
    if (one.account == account) balance += one.balance;
  return balance;
}

}  // namespace

TEST_CASE("INT-5, BIL-10: what California was charged and its payers paid is reconciled to the cent") {
  auto texts = california(
      {"patients", "organizations", "providers", "encounters", "payers", "payer_transitions", "medications"});
  if (texts.empty()) return;
  const auto whole = texts;
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const bool all = name == "memory" || name == "sqlite";
    texts = whole;
    if (!all) cut(texts, 200);
    const TemporaryFolder folder;
    for (const char* table : tables) std::ofstream(folder / (std::string(table) + ".csv")) << texts.at(table);
    const Sums sums = sums_of(folder.path());
    const auto rows = [&](const char* table) {
      return static_cast<std::uint64_t>(sums.at("table " + std::string(table)).count);
    };

    const TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Session admin = hospital.as(Role::tenant_admin);
    import_ground(admin, texts);

    CHECK(import <imports::Payers>(admin, texts.at("payers")).created == 10);
    CHECK(import <imports::Payers>(admin, texts.at("payers")).unchanged == 10);
    std::map<PayerId, std::string> payers;
    each_of(admin, payers::List{}, [&](const payers::Payer& payer) { payers[payer.id] = payer.name; });
    CHECK(payers.size() == 10);

    if (all) {
      const auto coverages = import <imports::Coverages>(admin, texts.at("payer_transitions"));
      CHECK(coverages.created == 1'953);
      CHECK(coverages.unchanged == 779);
      CHECK(coverages.failed == 0);
      CHECK(coverages.rows.size() == 779);  // each of them is named
      for (const auto& row : coverages.rows) CHECK(row.code == "coverage.none");
      CHECK(import <imports::Coverages>(admin, texts.at("payer_transitions")).created == 0);
    }

    const auto encounters = import_charges(admin, texts.at("encounters"), MoneyTable::encounters);
    CAPTURE(told(encounters));
    CHECK(encounters.created == rows("encounters"));
    CHECK(encounters.failed == 0);
    const auto medications = import_charges(admin, texts.at("medications"), MoneyTable::medications);
    CAPTURE(told(medications));
    CHECK(medications.created == rows("medications"));
    CHECK(medications.failed == 0);

    const Sums stored = stored_sums(admin, payers);
    CHECK(only(stored, "payer") == only(sums, "payer"));
    CHECK(only(stored, "patient") == only(sums, "patient"));
    Sum charged, paid;
    for (const auto& [key, sum] : only(stored, "payer")) {
      charged.count += sum.count;
      charged.total += sum.total;
      charged.covered += sum.covered;
    }
    if (all) CHECK(charged == Sum{2'590 + 1'772, 1'166'765'916 + 128'203'455, 198'723'013 + 1'210'849});

    // What payers paid lies on payments of their own, of which nothing is left over.
    Sums by_payer;
    each_of(admin, payments::List{}, [&](const payments::Payment& payment) {
      REQUIRE(payment.payer_id);
      CHECK(payment.state == payments::PaymentState::succeeded);
      CHECK(payment.unallocated == 0);
      add(by_payer["payer " + payment.payer_id->text()], 0, payment.amount);
      paid.covered += payment.amount;
    });
    for (const auto& [key, sum] : by_payer) CHECK(sum.covered == sums.at(key).covered);
    CHECK(paid.covered == charged.covered);

    const auto balances = must(admin.call(ledger::TrialBalance{}));
    CHECK(balances.balanced);
    CHECK(balance_of(balances, ledger::Account::revenue) == -charged.total);
    CHECK(balance_of(balances, ledger::Account::payer_remittance) == charged.covered);
    CHECK(balance_of(balances, ledger::Account::receivable_payer) == 0);
    CHECK(balance_of(balances, ledger::Account::receivable_patient) == charged.total - charged.covered);
    CHECK(must(admin.call(ledger::Verify{})).sound);
    const auto numbers = must(admin.call(invoices::VerifySequence{}));
    CHECK(numbers.numbers == static_cast<std::uint64_t>(charged.count));
    CHECK(numbers.gaps.empty());  // no rows come in the order of their days, and that is known of the series

    // The service was on the day of the place; in London, whose books these are, it was the next.
    const auto first = must(admin.call(invoices::Get{.id = *InvoiceId::parse("33dc326d-4b64-921b-4afe-6456415a2e78")}));
    CHECK(first.issue_date == Date::parse("2021-08-23"));
    CHECK(first.lines.at(0).service_date == *Date::parse("2021-08-22"));
    CHECK(first.total == 130'655);
    CHECK(first.balance == 130'655 - 124'122);
    CHECK(first.series.starts_with("IMP"));

    // Again: nothing changes, also where a file is cut into other pieces.
    CHECK(import_charges(admin, texts.at("encounters"), MoneyTable::encounters).unchanged == rows("encounters"));
    CHECK(import_charges(admin, texts.at("medications"), MoneyTable::medications).unchanged == rows("medications"));
    CHECK(must(admin.call(ledger::TrialBalance{})).accounts.size() == balances.accounts.size());
    CHECK(must(admin.call(audit::Verify{})).intact);
    if (name == "memory")
      for (const char* table : {"payers", "patients"}) {
        const Sum& lifetime = sums.at("lifetime " + std::string(table));
        MESSAGE(std::string(table) << ".csv says that " << lifetime.covered
                                   << " cents were covered in their lifetimes, " << lifetime.covered - charged.covered
                                   << " more than the rows of the set say");
      }
  }
}

TEST_CASE("INT-5, BIL-5: what is imported is charged and paid on the tenant's day, and served on that of its place") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto patient = hospital.add_patients(1).at(0);
    const auto doctor = must(admin.call(doctors::Create{.name = "Dr Grey", .facilities = {hospital.home}}));
    const auto west = must(admin.call(facilities::Create{.name = "West", .zone = Zone{"America/Los_Angeles"}}));
    const auto payer = must(admin.call(payers::Create{.code = "fund", .name = "Fund"}));
    const auto report =
        import_charges(admin,
                       "Id,START,PATIENT,ORGANIZATION,PROVIDER,PAYER,DESCRIPTION,TOTAL_CLAIM_COST,PAYER_COVERAGE\n"
                       "00000000-0000-4000-8000-000000000110,2021-01-01T02:00:00Z," +
                           patient.id.text() + "," + west.id.text() + "," + doctor.id.text() + "," + payer.id.text() +
                           ",Visit,10.00,4.00\n",
                       MoneyTable::encounters);
    CAPTURE(told(report));
    REQUIRE(report.created == 1);
    const auto invoice = must(admin.call(invoices::List{})).data.at(0);
    CHECK(invoice.issue_date == Date::parse("2021-01-01"));
    CHECK(invoice.due_date == Date::parse("2021-01-01"));
    CHECK(invoice.series == "IMP-2021");
    CHECK(invoice.lines.at(0).service_date == *Date::parse("2020-12-31"));
    for (const auto& entry : must(admin.call(ledger::ListEntries{})).data)
      CHECK(entry.day == *Date::parse("2021-01-01"));
    CHECK(invoice.balance == 600);
  }
}

TEST_CASE("R4, INT-5: names of payers and numbers of members are held to the limits of their fields, in code points") {
  Hospital hospital = make_platform(storage::memory_engine());
  const Session admin = hospital.as(Role::tenant_admin);
  const auto patient = hospital.add_patients(1).at(0);
  const auto id = [](int n) { return "0000000" + std::to_string(n) + "-0000-4000-8000-000000000000"; };
  const auto payers = must(admin.call(
      imports::Payers{.content = Content::of("text/csv", "Id,NAME,ADDRESS,CITY,STATE_HEADQUARTERED,ZIP\n" + id(1) +
                                                             "," + repeated(200, "\u0416") + ",,,,\n" + id(2) + "," +
                                                             repeated(201, "\u0416") + ",,,,\n" + id(3) +
                                                             ",\"Two\nlines\",,,,\n" + id(4) + ",H\xE9lios,,,,\n" +
                                                             id(5) + ",Long," + repeated(501, "\u0416") + ",,,\n")}));
  CHECK(payers.created == 1);
  CHECK(failures(payers) == std::map<std::uint64_t, std::string>{{3, "NAME:text.too_long"},
                                                                 {4, "NAME:text.control_character"},
                                                                 {6, "NAME:text.invalid_utf8"},
                                                                 {7, "ADDRESS:text.too_long"}});
  const auto row = [&](const std::string& member) {
    return patient.id.text() + "," + member + ",2020-06-01T12:00:00Z,2021-06-01T12:00:00Z," + id(1) + ",,Self\n";
  };
  const auto coverages = must(admin.call(imports::Coverages{
      .content = Content::of("text/csv", "PATIENT,MEMBERID,START_YEAR,END_YEAR,PAYER,SECONDARY_PAYER,OWNERSHIP\n" +
                                             row(repeated(64, "\u0416")) + row(repeated(65, "\u0416")))}));
  CHECK(coverages.created == 1);
  CHECK(failures(coverages) == std::map<std::uint64_t, std::string>{{3, "MEMBERID:text.too_long"}});
}

TEST_CASE("INT-5, R9: a row of nobody, or whose amounts are none, is named and left out") {
  Hospital hospital = make_platform(storage::memory_engine());
  const Session admin = hospital.as(Role::tenant_admin);
  const auto patient = hospital.add_patients(1).at(0);
  const auto doctor = must(admin.call(doctors::Create{.name = "Dr Grey", .facilities = {hospital.home}}));
  const std::string insurer = "5059a55e-5d6e-34d1-b6cb-d83d16e57bcf", nobody = "00000000-0000-4000-8000-000000000001",
                    none = "b1c428d6-4f07-31e0-90f0-68ffa6ff8c76";
  const std::string payers = "Id,NAME,ADDRESS,CITY,STATE_HEADQUARTERED,ZIP\n";
  const auto of_payers = must(admin.call(imports::Payers{
      .content = Content::of(
          "text/csv", payers + insurer + ",UnitedHealthcare,9800 Healthcare Lane,Minnetonka,MN,55436\n" + none +
                          ",NO_INSURANCE,,,,\n" + nobody + ",,,,,\nx,A,,,,\n" + nobody + ",unitedHEALTHcare,,,,\n")}));
  CHECK(of_payers.created == 2);
  REQUIRE(of_payers.rows.size() == 3);
  CHECK(of_payers.rows[0].column + ":" + of_payers.rows[0].code == "NAME:required");
  CHECK(of_payers.rows[1].code == "format.uuid");
  CHECK(of_payers.rows[2].code == "payer.code_taken");

  const auto transition = [&](const std::string& who, const std::string& from, const std::string& to,
                              const std::string& payer, const std::string& owner) {
    return who + ",m-1," + from + "," + to + "," + payer + ",," + owner + "\n";
  };
  const std::string who = patient.id.text(), start = "2020-06-01T12:00:00Z", end = "2021-06-01T12:00:00Z";
  const auto of_coverages = must(admin.call(imports::Coverages{
      .content = Content::of(
          "text/csv", "PATIENT,MEMBERID,START_YEAR,END_YEAR,PAYER,SECONDARY_PAYER,OWNERSHIP\n" +
                          transition(who, start, end, insurer, "Guardian") + transition(who, start, end, none, "") +
                          transition(nobody, start, end, insurer, "Self") +
                          transition(who, start, end, nobody, "Self") + transition(who, end, start, insurer, "Self") +
                          transition(who, start, end, insurer, "Neighbour"))}));
  CHECK(of_coverages.created == 1);
  CHECK(of_coverages.unchanged == 1);
  std::map<std::uint64_t, std::string> found;
  for (const auto& row : of_coverages.rows) found[row.line] = row.column + ":" + row.code;
  CHECK(found == std::map<std::uint64_t, std::string>{{3, "PAYER:coverage.none"},
                                                      {4, "PATIENT:patient.unknown"},
                                                      {5, "PAYER:payer.unknown"},
                                                      {6, "END_YEAR:time.order"},
                                                      {7, "OWNERSHIP:enum.unknown"}});
  const auto coverages = must(hospital.as(Role::billing_clerk).call(coverages::List{.patient_id = patient.id})).data;
  REQUIRE(coverages.size() == 1);
  CHECK(coverages[0].relationship == coverages::Relationship::child);
  CHECK(coverages[0].valid_from == *Date::parse("2020-06-01"));
  CHECK(coverages[0].valid_to == Date::parse("2021-05-31"));

  int number = 0;
  const auto charged = [&](const std::string& total, const std::string& covered, const std::string& payer,
                           const std::string& of, const std::string& at) {
    std::string id = "00000000-0000-4000-8000-0000000001";
    id += std::to_string(10 + number++);
    const auto report = must(admin.call(imports::Charges{
        .content = Content::of(
            "text/csv", "Id,START,PATIENT,ORGANIZATION,PROVIDER,PAYER,DESCRIPTION,TOTAL_CLAIM_COST,PAYER_COVERAGE\n" +
                            id + "," + at + "," + of + "," + hospital.home.text() + "," + doctor.id.text() + "," +
                            payer + ",Visit," + total + "," + covered + "\n")}));
    if (report.rows.empty()) return std::string(report.created == 1 ? "created" : "unchanged");
    return report.rows[0].column + ":" + report.rows[0].code;
  };
  CHECK(charged("10.5", "0.5", insurer, who, start) == "created");
  CHECK(charged("10", "10.000", insurer, who, start) == "created");
  CHECK(charged("0.00", "0.00", none, who, start) == "created");
  for (const char* amount : {"", "-1", "1e3", "1,5", ".5", "5.", "1.2.3", "ten"}) {
    CAPTURE(amount);
    CHECK(charged(std::string("\"") + amount + "\"", "0", insurer, who, start) == "TOTAL_CLAIM_COST:type.mismatch");
  }
  CHECK(charged("10.005", "0", insurer, who, start) == "TOTAL_CLAIM_COST:type.mismatch");
  CHECK(charged("99999999999999999999", "0", insurer, who, start) == "TOTAL_CLAIM_COST:number.out_of_range");
  CHECK(charged("10", "10.01", insurer, who, start) == "PAYER_COVERAGE:shares.exceed");
  CHECK(charged("10", "1", none, who, start) == "PAYER_COVERAGE:payer.unknown");
  CHECK(charged("10", "1", nobody, who, start) == "PAYER:payer.unknown");
  CHECK(charged("10", "1", insurer, nobody, start) == "PATIENT:patient.unknown");
  CHECK(charged("10", "1", insurer, who, "2999-01-01T00:00:00Z") == "START:date.future");

  // Medicines have no ids: lines that say the same are two, and the same lines again are those.
  const auto encounter = must(hospital.as(Role::doctor).call(encounters::Open{.patient_id = patient.id}));
  const std::string medicine = start + "," + who + "," + insurer + "," + encounter.id.text() + ",1,Ibuprofen,";
  const std::string medicines = "START,PATIENT,PAYER,ENCOUNTER,CODE,DESCRIPTION,PAYER_COVERAGE,DISPENSES,TOTALCOST\n" +
                                medicine + "0,2,26.60\n" + medicine + "0,2,26.60\n" + medicine + "0,x,26.60\n" + start +
                                "," + who + "," + insurer + "," + nobody + ",1,Ibuprofen,0,1,1\n";
  for (const bool again : {false, true}) {
    const auto report = import_charges(admin, medicines, MoneyTable::medications);
    CHECK(report.created == (again ? 0 : 2));
    CHECK(report.unchanged == (again ? 2 : 0));
    REQUIRE(report.rows.size() == 2);
    CHECK(report.rows[0].column + ":" + report.rows[0].code == "DISPENSES:type.mismatch");
    CHECK(report.rows[1].column + ":" + report.rows[1].code == "ENCOUNTER:encounter.unknown");
  }

  const auto invoices = must(admin.call(invoices::List{})).data;
  CHECK(invoices.size() == 5);
  CHECK(invoices[0].lines[0].quantity == 20'000);
  CHECK(invoices[0].lines[0].price_micro == 13'300'000);
  CHECK(invoices[0].shares[0].amount == 0);  // the row says so, not the coverage
  std::int64_t total = 0;
  for (const auto& invoice : invoices) total += invoice.total;
  CHECK(total == 1'050 + 1'000 + 2 * 2'660);
  CHECK(must(admin.call(payments::List{})).data.size() == 2);
  CHECK(must(admin.call(ledger::Verify{})).sound);
  CHECK(must(admin.call(invoices::VerifySequence{})).gaps.empty());
}
