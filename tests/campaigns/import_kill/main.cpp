// Imports a generated population with the built program, which is killed at random moments and started again, and
// compares what there is at the end with what one run without kills leaves.
//
//   campaign_import_kill [--size PATIENTS] [--kills N] [--seed N]
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "adapters/cli/generator/population.hpp"
#include "medflow/medflow.hpp"
#include "medflow/testing/hospital.hpp"
#include "tests/adapters/cli/process.hpp"
#include "tests/campaigns/process.hpp"

namespace medflow::campaign {
namespace {

using tests::Home;
using tests::Ran;
using Words = std::vector<std::string>;
using Time = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* password = "seven quiet herons wade at dawn";
constexpr const char* tenant = "northfield";
constexpr std::uint64_t checked_after_each_kill_max = 5'000;

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  if (at == std::string::npos) throw std::runtime_error("no " + name + " in the program's answer");
  const std::size_t from = at + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

using testing::must;

/// What is compared of a patient: everything but when and by whom it was imported, and its record number.
struct State {
  std::map<PatientId, patients::Register> patients{};
  std::size_t numbers = 0;
  bool intact = false;
};

bool same(const patients::Register& a, const patients::Register& b) {
  return a.names == b.names && a.birth == b.birth && a.sex_admin == b.sex_admin && a.identifiers == b.identifiers &&
         a.addresses == b.addresses && a.deceased == b.deceased && a.extensions == b.extensions;
}

/// A hospital of the program's own making.
class Hospital {
 public:
  Hospital() {
    const std::string made =
        run({"init", "--json", "--data", home_ / "data", "--tenant", tenant, "--email", "head@north.example"});
    complete(member(made, "invitation"));
    login("head@north.example");
    const std::string facility = member(run({"facilities", "list", "--json"}), "id");
    complete(member(run({"users", "invite", "--json", "--email", "desk@north.example", "--display-name", "Desk",
                         "--roles", "receptionist", "--facilities", facility}),
                    "token"));
  }

  Words import_of(const std::string& csv) const { return {"import", "synthea-csv", csv, "--json"}; }

  std::string run(const Words& words) const {
    const Ran ran = tests::run(home_, words);
    if (ran.exit != 0) throw std::runtime_error(words[0] + " ended with " + std::to_string(ran.exit) + ": " + ran.err);
    return ran.out;
  }

  /// Kills the import as soon as `now` says so; false where it had come to its end.
  bool import_killed_when(const std::string& csv, const std::function<bool()>& now) const {
    tests::Process process(home_, import_of(csv));
    siginfo_t info{};
    while (info.si_pid == 0 && !now()) {
      std::this_thread::sleep_for(std::chrono::microseconds(500));
      ::waitid(P_PID, static_cast<id_t>(process.pid()), &info, WEXITED | WNOHANG | WNOWAIT);
    }
    ::kill(process.pid(), SIGKILL);
    const Ran ran = process.wait();
    if (ran.exit > 0) throw std::runtime_error("import ended with " + std::to_string(ran.exit) + ": " + ran.err);
    return ran.exit < 0;
  }

  /// How much lies in its files.
  std::uintmax_t bytes() const {
    std::uintmax_t sum = 0;
    std::error_code gone;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home_ / "data", gone)) {
      const auto size = entry.file_size(gone);
      if (!gone) sum += size;
    }
    return sum;
  }

  /// As the library sees it.
  State state() const {
    State state;
    const Platform platform = must(Platform::open({.engine = storage::sqlcipher_engine(home_ / "data"),
                                                   .root_key = file_root_key(home_ / "config/medflow/root.key")}));
    const Session desk = session(platform, "desk@north.example");
    std::set<std::string> numbers;
    for (patients::List page{.limit = page_limit_max};;) {
      auto got = must(desk.call(page));
      for (auto& patient : got.data) {
        numbers.insert(patient.mrn);
        state.patients[patient.id] = {.names = patient.names,
                                      .birth = patient.birth,
                                      .sex_admin = patient.sex_admin,
                                      .identifiers = patient.identifiers,
                                      .addresses = patient.addresses,
                                      .deceased = patient.deceased,
                                      .extensions = patient.extensions};
      }
      if (!got.page.next) break;
      page.cursor = *got.page.next;
    }
    state.numbers = numbers.size();
    const Session head = session(platform, "head@north.example");
    state.intact = must(head.call(audit::Verify{})).intact;
    // Else the program's own session would be one of too many, and end.
    must(desk.call(auth::Logout{}));
    must(head.call(auth::Logout{}));
    return state;
  }

 private:
  void complete(const std::string& invitation) const {
    run({"auth", "register", "--data-dir", home_ / "data", "--tenant", tenant, "--invitation-file",
         home_.write("invitation", invitation), "--password-file", home_.write("password", password), "--display-name",
         "Somebody"});
  }
  void login(const std::string& email) const {
    run({"login", "--tenant", tenant, "--email", email, "--password-file", home_.write("password", password), "--data",
         home_ / "data"});
  }
  static Session session(const Platform& platform, const std::string& email) {
    const auto tokens =
        must(platform.visit(tenant).call(auth::Login{.email = email, .password = Secret(std::string(password))}));
    return must(platform.authenticate(tokens.access_token));
  }

  Home home_{};
};

void write_population(const std::string& path, std::uint64_t size, std::uint64_t seed) {
  const generator::Population population(seed);
  std::ofstream file(path, std::ios::binary);
  std::string text = std::string(generator::csv_header()) + '\n';
  for (std::uint64_t i = 0; i < size; ++i) {
    generator::append_csv(population.person(i), text);
    if (text.size() < std::size_t{1} << 20 && i + 1 < size) continue;
    file << text;
    text.clear();
  }
}

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments)
      : size_(arguments.number("size", 1'000)),
        kills_(arguments.number("kills", 20)),
        random_(arguments.number("seed", 1)) {
    write_population(csv_, size_, arguments.number("seed", 1));
  }

  bool run() {
    const Hospital uninterrupted;
    const auto start = Time::now();
    uninterrupted.run(uninterrupted.import_of(csv_));
    const auto took = std::chrono::duration_cast<milliseconds>(Time::now() - start);
    std::cout << "one run without kills: " << took.count() << " ms" << std::endl;
    const State wanted = uninterrupted.state();
    expect(wanted.patients.size() == size_,
           "the uninterrupted run left " + std::to_string(wanted.patients.size()) + " patients");

    const Hospital killed;
    kill_and_go_on(killed, took, uninterrupted.bytes());
    killed.run(killed.import_of(csv_));
    const std::string again = killed.run(killed.import_of(csv_));
    expect(again.find("\"created\":0,") != std::string::npos &&
               again.find("\"unchanged\":" + std::to_string(size_)) != std::string::npos,
           "a second import does not leave everything as it is: " + again.substr(0, 200));
    compare(killed.state(), wanted);
    std::cout << size_ << " patients, " << done_ << " kills: " << (well_ ? "as one run" : "FAILED") << std::endl;
    return well_;
  }

 private:
  void expect(bool holds, const std::string& what) {
    if (holds) return;
    well_ = false;
    std::cout << "problem: " << what << std::endl;
  }

  /// The n-th kill comes in the n-th part of the way, as far as the files' size tells of it; where that is passed
  /// already, at some moment of a run that has little left to do.
  void kill_and_go_on(const Hospital& hospital, milliseconds took, std::uintmax_t full) {
    const std::uintmax_t empty = hospital.bytes();
    for (std::uint64_t i = 0; i < kills_; ++i) {
      const std::uintmax_t way = full > empty ? full - empty : 1;
      const std::uintmax_t target = empty + (way * i + random_() % way) / kills_;
      bool killed =
          hospital.bytes() < target && hospital.import_killed_when(csv_, [&] { return hospital.bytes() >= target; });
      auto moment = milliseconds(random_() % static_cast<std::uint64_t>(took.count() + 1));
      while (!killed) {
        const auto end = Time::now() + moment;
        killed = hospital.import_killed_when(csv_, [&] { return Time::now() >= end; });
        moment /= 2;
      }
      ++done_;
      std::cout << "kill " << done_ << ": " << hospital.bytes() / 1024 << " KiB of " << full / 1024;
      if (size_ <= checked_after_each_kill_max) {
        const State now = hospital.state();
        expect(now.intact, "audit.verify after a kill");
        std::cout << ", " << now.patients.size() << " patients";
      }
      std::cout << std::endl;
    }
  }

  void compare(const State& now, const State& wanted) {
    expect(now.intact && wanted.intact, "audit.verify");
    expect(now.patients.size() == wanted.patients.size(),
           "there are " + std::to_string(now.patients.size()) + " patients");
    expect(now.numbers == now.patients.size(), "record numbers were given twice");
    for (const auto& [id, patient] : wanted.patients) {
      const auto found = now.patients.find(id);
      if (found == now.patients.end()) return expect(false, "patient " + id.text() + " is missing");
      if (!same(found->second, patient)) return expect(false, "patient " + id.text() + " differs");
    }
  }

  const Home files_{};
  const std::string csv_ = files_ / "patients.csv";
  const std::uint64_t size_;
  const std::uint64_t kills_;
  std::mt19937_64 random_;
  std::uint64_t done_ = 0;
  bool well_ = true;
};

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_import_kill", count, words);
}
