// An import whose process dies: what was in use stays so, nothing half is ever seen, and the file can be sent again.
#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <functional>

#include "medflow/testing/wrapped_engine.hpp"
#include "tests/codes/loading.hpp"
#include "tests/support/child.hpp"
#include "tests/support/dice.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::size_t pieces = 8;
constexpr std::size_t rows_of_piece = 60;
constexpr std::size_t codes_of_version = pieces * rows_of_piece;

/// A process dies at one of its steps in storage: a row that is written, or a commit that has been done.
struct Steps {
  std::atomic<std::size_t> done{0};
  std::size_t last = SIZE_MAX;
  void step() {
    if (++done > last) die_now();
  }
};

class SteppedTransaction final : public WrappedTransaction {
 public:
  SteppedTransaction(storage::Transaction& inner, Steps& steps) : WrappedTransaction(inner), steps_(steps) {}
  void insert(const storage::Table& table, storage::RowView row) override {
    steps_.step();
    WrappedTransaction::insert(table, row);
  }
  void update(const storage::Table& table, storage::RowView row, storage::Revision expected) override {
    steps_.step();
    WrappedTransaction::update(table, row, expected);
  }
  void erase(const storage::Table& table, storage::Key key) override {
    steps_.step();
    WrappedTransaction::erase(table, key);
  }

 private:
  Steps& steps_;
};

class SteppedDatabase final : public WrappedDatabase {
 public:
  SteppedDatabase(std::unique_ptr<storage::Database> inner, Steps& steps)
      : WrappedDatabase(std::move(inner)), steps_(steps) {}
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& transaction) {
      SteppedTransaction stepped(transaction, steps_);
      body(stepped);
    });
    steps_.step();
  }

 private:
  Steps& steps_;
};

class SteppedEngine final : public WrappedEngine {
 public:
  SteppedEngine(std::shared_ptr<storage::Engine> inner, Steps& steps)
      : WrappedEngine(std::move(inner)), steps_(steps) {}

 private:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> inner,
                                          const storage::StoreName&) override {
    return std::make_unique<SteppedDatabase>(std::move(inner), steps_);
  }

  Steps& steps_;
};

std::string code_at(std::size_t i) {
  return std::string(1, static_cast<char>('A' + i / 100)) + static_cast<char>('0' + i / 10 % 10) +
         static_cast<char>('0' + i % 10);
}

/// All of a version, piece by piece, as ICD-10-CM is published; `word` is in each of its texts.
void import_version(
    const Session& admin, const std::string& version, const std::string& word,
    const std::function<void(std::size_t)>& before_piece = [](std::size_t) {}) {
  std::optional<CodeSystemId> id;
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    before_piece(piece);
    std::string text = "code,billable,long_description\n";
    for (std::size_t i = piece * rows_of_piece; i < (piece + 1) * rows_of_piece; ++i)
      text += code_at(i) + ",1,\"" + word + " illness of " + code_at(i) + "\"\n";
    auto request = piece_of(version, std::move(text));
    request.id = id;
    request.format = code_systems::Format::icd10cm;
    if (piece + 1 == pieces) request.total = codes_of_version;
    const auto imported = must(admin.call(std::move(request)));
    if (imported.failed != 0) throw std::runtime_error("a line that was left out");
    id = imported.system.id;
  }
}

Session open_admin(const Platform& platform, const std::string& place) {
  std::string token;
  std::ifstream(place) >> token;
  return must(platform.authenticate(token));
}

constexpr int former_is_whole = 0;
constexpr int new_is_whole = 10;

/// What somebody sees who comes after that: which version is in use, or what is wrong with it.
int seen(const Session& admin) {
  std::vector<code_systems::CodeSystem> used;
  for (const auto& each : must(admin.call(code_systems::List{.limit = page_limit_max})).data)
    if (each.in_use) used.push_back(each);
  if (used.size() != 1) return 1;
  const bool is_new = used[0].version == "2026";
  if (used[0].state != code_systems::State::ready || used[0].codes != codes_of_version) return 2;
  if (search(admin, "later").empty() == is_new || search(admin, "former").empty() != is_new) return 3;
  for (std::size_t i = 0; i < codes_of_version; i += 23) {
    const auto code = admin.call(codes::Get{.code = code_at(i), .system = icd});
    if (!code.ok() || code->display != (is_new ? "later" : "former") + std::string(" illness of ") + code_at(i))
      return 4;
    // What is not whole is not there, not even by its name; what was in use before still is.
    if (admin.call(codes::Get{.code = code_at(i), .system = icd, .version = "2026"}).ok() != is_new) return 5;
    if (!admin.call(codes::Get{.code = code_at(i), .system = icd, .version = "2025"}).ok()) return 6;
  }
  return is_new ? new_is_whole : former_is_whole;
}

}  // namespace

TEST_CASE("REC-6: an import that is killed anywhere leaves the version before in use, and can be done again") {
  for (const std::string_view engine : {"sqlite", "sqlcipher"}) {
    CAPTURE(engine);
    const EngineHome home(engine);
    const std::string place = home.folder() / "token";
    const auto options = [&](std::shared_ptr<storage::Engine> inner) {
      return test_options(std::move(inner), std::make_shared<FakeClock>());
    };
    REQUIRE(in_child([&] {
              auto clock = std::make_shared<FakeClock>();
              Hospital hospital(test_options(home.engine(), clock), clock);
              std::ofstream(place) << hospital.member(Role::tenant_admin).tokens.access_token;
              import_version(hospital.as(Role::tenant_admin), "2025", "former");
              return 0;
            }) == 0);
    // Dies `last` steps behind the beginning of a piece.
    const auto run = [&](std::size_t in_piece, std::size_t last) {
      return in_child([&, in_piece, last] {
        Steps steps;
        const Platform platform = must(Platform::open(options(std::make_shared<SteppedEngine>(home.engine(), steps))));
        import_version(open_admin(platform, place), "2026", "later", [&](std::size_t piece) {
          if (piece == in_piece) steps.last = steps.done + last;
        });
        return 0;
      });
    };
    const auto look = [&] {
      return in_child([&] {
        const Platform platform = must(Platform::open(options(home.engine())));
        return seen(open_admin(platform, place));
      });
    };
    Dice dice(20'260'000 + engine.size());
    // Each code of a piece is a row. The last piece makes the version whole and puts it to use.
    for (const std::size_t piece :
         {std::size_t{0}, 1 + dice.below(pieces - 2), 1 + dice.below(pieces - 2), pieces - 1}) {
      const std::size_t last = dice.below(rows_of_piece);
      CAPTURE(piece);
      CAPTURE(last);
      REQUIRE(run(piece, last) == child_killed);
      CHECK(look() == former_is_whole);
    }
    CHECK(run(0, SIZE_MAX / 2) == 0);
    CHECK(look() == new_is_whole);
    // Once more is nothing new, killed or not.
    CHECK(run(3, 1) == child_killed);
    CHECK(look() == new_is_whole);
    CHECK(in_child([&] {
            const Platform platform = must(Platform::open(options(home.engine())));
            const Session admin = open_admin(platform, place);
            import_version(admin, "2026", "later");
            return must(admin.call(audit::Verify{})).intact ? seen(admin) : 7;
          }) == new_is_whole);
  }
}
