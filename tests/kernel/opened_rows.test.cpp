// Rows that were opened a short time ago are not checked and opened again: of that nobody may notice anything but the time it saves.
#include "kernel/opened_rows.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <functional>

#include "tests/support/platform.hpp"
#include "tests/support/watched_engine.hpp"

using namespace medflow;
using namespace medflow::testing;
using kernel::OpenedRows;
using storage::Cell;

namespace {

/// A row of three cells that ends with its seal.
struct Row {
  explicit Row(int number, std::string text = "content")
      : text_(std::move(text)), seal_(16, static_cast<char>(number)) {
    id.bytes[15] = static_cast<std::uint8_t>(number);
    id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  }
  storage::RowView cells() {
    cells_ = {Cell::bytes(id.view()), Cell::text(text_), Cell::bytes(seal_)};
    return cells_;
  }
  Uuid id{};

 private:
  std::string text_;
  std::string seal_;
  std::array<Cell, 3> cells_{};
};

std::shared_ptr<const void> object(int value) { return std::make_shared<const int>(value); }

constexpr Instant noon{1'700'000'000'000'000};
const OpenedRows::Place here{.tenant = Uuid{{1}}, .table = 20, .classes = 3};

void keep(OpenedRows& rows, Row& row, int value, std::size_t bytes = 100) {
  rows.keep(here, storage::PackedRow(row.cells()), {.object = object(value), .classes = 1}, bytes, noon);
}

bool found(OpenedRows& rows, Row& row, Instant now = noon) {
  return rows.find(here, row.cells(), now).object != nullptr;
}

/// Runs what is posted when it is told to, on the thread that tells it.
class HeldExecutor final : public Executor {
 public:
  void post(std::function<void()> work) override { work_.push_back(std::move(work)); }
  void run_all() {
    for (int i = 0; i < 1000 && !work_.empty(); ++i) {
      const auto work = std::move(work_.front());
      work_.pop_front();
      work();
    }
  }

 private:
  std::deque<std::function<void()>> work_{};
};

/// Changes the last byte of a block of every patient's row that is read, while it is told to.
using Forges = std::atomic<bool>;

class ForgingTransaction final : public WrappedTransaction {
 public:
  ForgingTransaction(storage::Transaction& inner, const Forges& forges) : WrappedTransaction(inner), forges_(forges) {}
  void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
    WrappedTransaction::get(table, keys, [&](std::size_t at, storage::RowView row) {
      forged(table, row, [&](storage::RowView seen) { visit(at, seen); });
    });
  }
  void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
    WrappedTransaction::scan(scan, [&](storage::RowView row) {
      bool more = true;
      forged(*scan.table, row, [&](storage::RowView seen) { more = visit(seen); });
      return more;
    });
  }

 private:
  template <class Visit>
  void forged(const storage::Table& table, storage::RowView row, Visit visit) {
    storage::RowBuffer copy;
    copy.copy(row);
    if (forges_ && table.name == "patients") {
      Cell& block = *std::max_element(copy.cells.begin(), copy.cells.end(), [](const Cell& left, const Cell& right) {
        return left.data.size() < right.data.size();
      });
      std::string& bytes = copy.text() = block.data;
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
      block.data = bytes;
    }
    visit(copy.cells);
  }
  const Forges& forges_;
};

using Forger = WatchedEngine<ForgingTransaction, Forges>;

patients::Register person(std::string_view family) {
  return {.names = {{.family = std::string(family), .given = {"Ann"}}}, .sex_admin = patients::Sex::female};
}

std::string code_of(const auto& result) { return result.ok() ? "ok" : std::string(result.error().code.name); }

}  // namespace

TEST_CASE("SEC-1: what was opened is found again for the same bytes, tenant, table and classes only") {
  OpenedRows rows;
  Row row(1);
  CHECK_FALSE(found(rows, row));
  keep(rows, row, 7);
  const auto kept = rows.find(here, row.cells(), noon);
  REQUIRE(kept.object);
  CHECK(*static_cast<const int*>(kept.object.get()) == 7);
  CHECK(kept.classes == 1);  // of the three that are asked for

  Row edited(1, "Content");
  CHECK_FALSE(found(rows, edited));
  Row other(2);
  CHECK_FALSE(found(rows, other));
  auto elsewhere = here;
  elsewhere.tenant.bytes[3] = 1;
  CHECK(rows.find(elsewhere, row.cells(), noon).object == nullptr);
  elsewhere = here;
  elsewhere.table = 21;
  CHECK(rows.find(elsewhere, row.cells(), noon).object == nullptr);
  elsewhere = here;
  elsewhere.classes = 1;
  CHECK(rows.find(elsewhere, row.cells(), noon).object == nullptr);

  keep(rows, edited, 8);  // takes the place of the row before
  CHECK(found(rows, edited));
  CHECK_FALSE(found(rows, row));
  CHECK(rows.bytes() == 0);  // what is no more as it was is not kept for the next one either

  // Who may see less of the row does not push out what others see of it; what the row has become does.
  keep(rows, row, 7);
  rows.keep(here, storage::PackedRow(row.cells()), {.object = object(9), .classes = 0}, 100, noon);
  CHECK(rows.find(here, row.cells(), noon).classes == 1);
  rows.keep(here, storage::PackedRow(edited.cells()), {.object = object(9), .classes = 0}, 100, noon);
  CHECK(rows.find(here, edited.cells(), noon).object != nullptr);
  CHECK(rows.find(here, edited.cells(), noon).classes == 0);
}

TEST_CASE("SEC-1: opened rows are kept within their bytes and their time") {
  OpenedRows rows;
  Row used(0);
  keep(rows, used, 0);
  for (int i = 1; i <= 500; ++i) {
    Row row(i);
    keep(rows, row, i, OpenedRows::bytes_max / 100);
    REQUIRE(found(rows, used));  // who is used stays
    REQUIRE(rows.bytes() <= OpenedRows::bytes_max);
  }
  Row first(1);
  CHECK_FALSE(found(rows, first));
  Row last(501);
  int tries = 0;  // who is asked for finds room, when nobody has asked for another for long enough
  for (; tries < 500 && !found(rows, last); ++tries) keep(rows, last, 501, OpenedRows::bytes_max / 100);
  CHECK(tries < 500);
  const Instant later = noon.plus_s(OpenedRows::ttl_s + 1);
  CHECK_FALSE(found(rows, used, later));
  rows.expire(later);
  CHECK(rows.bytes() == 0);
}

TEST_CASE("SEC-1: of a chart that is longer than there is room, read again and again, most is found") {
  OpenedRows rows;
  constexpr int length = 150;
  int hits = 0;
  for (int lap = 0; lap < 10; ++lap) {
    hits = 0;
    for (int i = 1; i <= length; ++i) {
      Row row(i);
      if (found(rows, row))
        ++hits;
      else
        keep(rows, row, i, OpenedRows::bytes_max / 101);
      REQUIRE(rows.bytes() <= OpenedRows::bytes_max);
    }
  }
  CHECK(hits >= 90);
  // Another chart takes its place.
  for (int lap = 0; lap < 10; ++lap) {
    hits = 0;
    for (int i = 1'001; i <= 1'050; ++i) {
      Row row(i);
      if (found(rows, row))
        ++hits;
      else
        keep(rows, row, i, OpenedRows::bytes_max / 101);
    }
  }
  CHECK(hits == 50);
}

TEST_CASE("SEC-1: a row is worth keeping when it is opened a second time") {
  OpenedRows rows;
  Row row(1);
  Row other(2);
  CHECK_FALSE(rows.wants(row.cells()[2]));
  CHECK_FALSE(rows.wants(other.cells()[2]));
  CHECK(rows.wants(row.cells()[2]));
  CHECK_FALSE(rows.wants(Cell::null()));
}

TEST_CASE("SEC-1: a row that is changed in storage answers integrity, however often it was shown before") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine inner(name);
    const auto engine = std::make_shared<Forger>(inner);
    const auto clock = std::make_shared<FakeClock>();
    Hospital hospital(test_options(engine, clock), clock);
    const Session desk = hospital.as(Role::receptionist);
    const auto made = must(desk.call(person("Seen")));
    const auto read = [&] { return code_of(desk.call(patients::Get{.id = made.id})); };
    const auto listed = [&] { return code_of(desk.call(patients::List{})); };
    const auto sought = [&] { return code_of(desk.call(patients::List{.name = "seen"})); };
    for (int i = 0; i < 4; ++i) {
      CHECK(must(desk.call(patients::Get{.id = made.id})).names == made.names);
      CHECK(must(desk.call(patients::List{})).data.at(0).names == made.names);
      CHECK(must(desk.call(patients::List{.name = "seen"})).data.at(0).names == made.names);
    }
    engine->notes = true;
    CHECK(read() == "integrity");
    CHECK(listed() == "integrity");
    CHECK(sought() == "integrity");
    engine->notes = false;
    CHECK(read() == "ok");
    // What others may see of it is what their roles open.
    CHECK(must(hospital.as(Role::nurse).call(patients::Get{.id = made.id})).names == made.names);
    const auto names = person("Changed").names;
    must(desk.call(patients::Patch{.id = made.id, .revision = made.revision, .names = names}));
    CHECK(must(desk.call(patients::Get{.id = made.id})).names == names);
  }
}

TEST_CASE("R5: a search in the batch that changes a name shows nobody by the name that was") {
  const TestEngine engine("memory");
  const auto executor = std::make_shared<HeldExecutor>();
  const auto clock = std::make_shared<FakeClock>();
  PlatformOptions options = test_options(engine, clock);
  options.executor = executor;
  {
    Hospital hospital(std::move(options), clock);
    const Session desk = hospital.as(Role::receptionist);
    const auto leaves = must(desk.call(person("Oldname")));
    const auto stays = must(desk.call(person("Oldname")));
    std::vector<PatientId> seen;
    int answered = 0;
    desk.submit(patients::List{.name = "oldname"}, [&](Result<Page<patients::Patient>> page) {
      ++answered;
      for (const auto& patient : must(std::move(page)).data) {
        CHECK(patient.names == stays.names);
        seen.push_back(patient.id);
      }
    });
    desk.submit(patients::Patch{.id = leaves.id, .revision = leaves.revision, .names = person("Newname").names},
                [&](const Result<patients::Patient>& patient) {
                  CHECK(patient.ok());
                  CHECK(answered == 0);  // it went first, and was made durable with the search
                  ++answered;
                });
    executor->run_all();
    CHECK(answered == 2);
    CHECK(seen == std::vector<PatientId>{stays.id});
    CHECK(must(desk.call(patients::List{.name = "newname"})).data.at(0).id == leaves.id);
  }
  executor->run_all();
}
