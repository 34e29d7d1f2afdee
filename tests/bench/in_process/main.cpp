// What the domain API costs without any adapter, against a raw loop on the same engine library in the same minutes.
//   bench_in_process [--engine sqlite|sqlcipher|postgres] [--url URL --direct-url URL] [--patients N] [--operations N] [--rounds N]
//                    [--cache-kib N] [--no-raw]
// For postgres without URLs it starts a server of its own, whose commits wait for the disk.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <map>
#include <memory>

#include "tests/bench/in_process/parts.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::bench {
namespace {

struct Arguments {
  Plan plan{};
  std::vector<std::string> engines{"sqlite", "sqlcipher"};
};

/// Whether the command line could be read.
bool parse(int count, char** values, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    if (name == "--no-raw") {
      arguments.plan.raw = false;
      continue;
    }
    if (++i == count) return false;
    const std::string value = values[i];
    if (name == "--engine")
      arguments.engines = {value};
    else if (name == "--url")
      arguments.plan.url = value;
    else if (name == "--direct-url")
      arguments.plan.direct_url = value;
    else if (name == "--patients")
      arguments.plan.patients = std::stoul(value);
    else if (name == "--operations")
      arguments.plan.operations = std::stoul(value);
    else if (name == "--rounds")
      arguments.plan.rounds = std::stoul(value);
    else if (name == "--cache-kib")
      arguments.plan.cache_kib = std::stoi(value);
    else
      return false;
  }
  return true;
}

/// Runs a part in a process of its own.
bool in_child(const std::function<void()>& part) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      part();
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "bench: %s\n", failure.what());
      ::_exit(1);
    } catch (...) {
      std::fprintf(stderr, "bench: failed\n");
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

struct OwnServer {
  testing::PostgresServer server{testing::Disk::synced};
  testing::PostgresDatabase database{server};
};

class Table {
 public:
  explicit Table(std::map<std::string, double> figures) : figures_(std::move(figures)) {}

  void cost(const char* what, const std::string& name) const {
    std::printf("| %s | %.0f | %.1f | %.1f |\n", what, 1e6 / at(name + ".wall"), at(name + ".wall"), at(name + ".cpu"));
  }
  void ratio(const char* what, const std::string& ours, const std::string& raw, double bar) const {
    std::printf("  %-58s %.2f by time, %.2f by CPU (goal of performance.md: %.2f)\n", what,
                at(raw + ".wall") / at(ours + ".wall"), at(raw + ".cpu") / at(ours + ".cpu"), bar);
  }
  double at(const std::string& name) const {
    const auto found = figures_.find(name);
    return found == figures_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, double> figures_;
};

void print(const Plan& plan, const Table& table) {
  std::printf("\n%s, %zu patients; %zu operations a run, the median of %zu runs in turn\n\n", plan.engine.c_str(),
              plan.patients, plan.operations, plan.rounds);
  std::printf("| measure | per second | wall us | CPU us |\n| --- | --- | --- | --- |\n");
  table.cost("create, 64 in flight", "create");
  table.cost("raw insert + audit, 64 a commit, audit rows with their index", "create.indexed");
  table.cost("raw insert + audit, 64 a commit, audit rows without", "create.raw");
  table.cost("of the create: its key slot", "slot");
  table.cost("create, 1 thread that waits", "create.blocking1");
  table.cost("create, 8 threads that wait", "create.blocking8");
  table.cost("create, 32 threads that wait", "create.blocking32");
  table.cost("audited read, 64 in flight", "read");
  table.cost("raw get + audit, 64 a commit, audit rows with their index", "read.indexed");
  table.cost("raw get + audit, 64 a commit, audit rows without", "read.raw");
  table.cost("the same read unaudited, 64 a transaction", "read.unaudited");
  table.cost("audited read, 1 thread that waits", "read.blocking1");
  table.cost("audited read, 8 threads that wait", "read.blocking8");
  table.cost("audited read, 32 threads that wait", "read.blocking32");
  table.cost("name search, page of 20, audited, 1 thread", "names");
  std::printf("\n");
  table.ratio("create at 64 against raw (performance.md 3: audit indexed)", "create", "create.indexed", 0.5);
  table.ratio("create at 64 against raw, audit without index", "create", "create.raw", 0.5);
  table.ratio("audited read at 64 against raw, audit without index", "read", "read.raw", 0.45);
  table.ratio("audited read at 64 against raw, audit indexed", "read", "read.indexed", 0.45);
  std::printf("  audited read against unaudited, CPU                        %.2fx (AUD-4: at most 2x)\n",
              table.at("read.cpu") / table.at("read.unaudited.cpu"));
  std::printf("  name search p50 %.2f ms, p95 %.2f ms; cold index build %.2f s (CPU %.2f s) per 100,000 patients\n",
              table.at("names.p50") / 1e3, table.at("names.p95") / 1e3, table.at("names.build"),
              table.at("names.build.cpu"));
  std::printf(
      "  open to first audited read %.0f ms; PSS before %.1f, open %.1f, after reads %.1f MiB, with raw store and name "
      "index %.1f\n",
      table.at("open.ms"), table.at("pss.empty"), table.at("pss.open"), table.at("pss.read"), table.at("pss.names"));
  std::printf("  on the disk %.0f bytes a patient, with key store, feed and audit\n", table.at("stored"));
}

/// A server with a database, where the plan wants one and names none.
std::unique_ptr<OwnServer> server_for(Plan& plan) {
  if (plan.engine != "postgres" || !plan.url.empty()) return nullptr;
  auto own = std::make_unique<OwnServer>();
  plan.url = own->database.app();
  plan.direct_url = own->database.migrator();
  return own;
}

int run(Arguments& arguments) {
  bool good = true;
  for (const std::string& engine : arguments.engines) {
    const testing::TemporaryFolder folder;
    Plan plan = arguments.plan;
    plan.engine = engine;
    plan.folder = folder.path();
    const auto server = server_for(plan);
    const Figures figures(folder / "figures");
    good = in_child([&] { measure_creates(plan, figures); }) && in_child([&] { measure_reads(plan, figures); }) && good;
    print(plan, Table(figures.read()));
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace medflow::bench

int main(int count, char** values) {
  medflow::bench::Arguments arguments;
  if (!medflow::bench::parse(count, values, arguments)) {
    std::fprintf(stderr,
                 "usage: bench_in_process [--engine sqlite|sqlcipher|postgres] [--url URL --direct-url URL] "
                 "[--patients N] [--operations N] [--rounds N] "
                 "[--cache-kib N] [--no-raw]\n");
    return 2;
  }
  return medflow::bench::run(arguments);
}
