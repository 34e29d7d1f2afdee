#include "tests/campaigns/two_servers/planted.hpp"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

#include "adapters/cli/globals.hpp"
#include "adapters/cli/serving.hpp"
#include "adapters/config/engine.hpp"
#include "tests/campaigns/served.hpp"
#include "tests/support/planted_engines.hpp"

extern char** environ;

namespace medflow::campaign {
namespace {

/// Whoever reads on in the change feed is told of rows that are of no interest to anybody.
class BlindDatabase final : public testing::WrappedDatabase {
 public:
  using WrappedDatabase::WrappedDatabase;
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) {
      Blind transaction(inner);
      body(transaction);
    });
  }

 private:
  class Blind final : public testing::WrappedTransaction {
   public:
    using WrappedTransaction::WrappedTransaction;
    void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
      if (scan.table->name != "changes") return WrappedTransaction::scan(scan, visit);
      WrappedTransaction::scan(scan, [&](storage::RowView row) {
        std::vector<storage::Cell> cells(row.begin(), row.end());
        cells[1] = storage::Cell::of(0);
        return visit(cells);
      });
    }
  };
};

std::shared_ptr<storage::Engine> with(std::shared_ptr<storage::Engine> engine, const std::string& bug) {
  if (bug != "blind") return testing::planted(std::move(engine), bug);
  const auto make = [](std::unique_ptr<storage::Database> data) -> std::unique_ptr<storage::Database> {
    return std::make_unique<BlindDatabase>(std::move(data));
  };
  return std::make_shared<testing::PlantedEngine<decltype(make)>>(std::move(engine), make);
}

}  // namespace

int serve_planted(const std::string& bug) {
  cli::Globals globals;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view line = *each;
    globals.environment.emplace(line.substr(0, line.find('=')), line.substr(line.find('=') + 1));
  }
  globals.flags["port"] = "0";
  const config::Settings settings = cli::load_settings(globals);
  const cli::SignalWait signals;
  PlatformOptions options = config::platform_options(settings);
  options.engine = with(std::move(options.engine), bug);
  auto platform = Platform::open(std::move(options));
  if (!platform.ok()) return 1;
  cli::Log log(true);
  const cli::Serving serving(*platform, settings, 2, log);
  std::printf("%s\n", serving.url().c_str());
  std::fflush(stdout);
  signals.wait();
  return 0;
}

}  // namespace medflow::campaign
