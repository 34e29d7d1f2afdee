// Edits stored audit logs, one copy at a time, and looks whether the verification finds it; and kills honest platforms at work, of
// whose logs it must say nothing.
//
//   campaign_audit_edits [--size EDITS] [--honest LOGS] [--engine sqlite|sqlcipher] [--seed N] [--state FILE]
//                        [--plant seal|signature|outside]
//
// One log in 500 edits is honest where not said. With --state the campaign goes on where it was broken off. With --plant the
// verification leaves one check out, and the campaign fails unless an edit then passes unseen.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "tests/campaigns/audit_edits/edits.hpp"
#include "tests/campaigns/audit_edits/honest.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::campaign {
namespace {

constexpr std::uint64_t sizes[] = {60, 150, 300, 600, 2'300};

/// How far a campaign has come: a line for each part that is over.
struct Progress {
  std::string file{};
  std::uint64_t edits = 0;
  std::uint64_t honest = 0;

  void read() {
    std::ifstream in(file);
    for (std::string what; in >> what;) in >> (what == "edits" ? edits : honest);
  }
  void write() const {
    if (!file.empty()) std::ofstream(file) << "edits " << edits << "\nhonest " << honest << std::endl;
  }
};

Plant plant_of(const std::string& word) {
  if (word.empty()) return Plant::none;
  if (word == "seal") return Plant::seal;
  if (word == "signature") return Plant::signature;
  if (word == "outside") return Plant::outside;
  throw std::runtime_error("there is no plant " + word);
}

class Campaign {
 public:
  Campaign(const Arguments& arguments, std::string folder)
      : folder_(std::move(folder)),
        encrypted_(arguments.text("engine", "sqlite") == "sqlcipher"),
        seed_(arguments.number("seed", 1)),
        size_(arguments.number("size", 1'000)),
        honest_(arguments.number("honest", size_ / 500)),
        plant_(plant_of(arguments.text("plant"))),
        bench_(folder_ + "/logs", encrypted_) {
    progress_.file = arguments.text("state");
    progress_.read();
    std::uint8_t key = 1;
    for (const std::uint64_t size : sizes) {
      logs_.push_back(make_log(bench_, "log" + std::to_string(size), key, size, seed_ * 100 + key));
      ++key;
    }
  }

  bool run() {
    for (const StoredLog& log : logs_)
      if (found_wrong(bench_, log.name, log, Plant::none)) return fail("something is said of the honest " + log.name);
    const bool passed_unseen = !edit();
    if (plant_ != Plant::none) {
      std::cout << "the verification without its check was " << (passed_unseen ? "" : "NOT ") << "caught" << std::endl;
      return passed_unseen;
    }
    return !passed_unseen && crash();
  }

 private:
  static bool fail(const std::string& what) {
    std::cout << "problem: " << what << std::endl;
    return false;
  }

  /// Each edit has a source of chance of its own, so the n-th is the same wherever the campaign began.
  bool edit() {
    std::map<std::string_view, std::uint64_t> done;
    for (; progress_.edits < size_; ++progress_.edits) {
      std::mt19937_64 random(seed_ * 1'000'003 + progress_.edits);
      const std::size_t kind = progress_.edits % std::size(edit_kinds);
      // Small logs mostly: what there is to find does not grow with them, but the time does.
      const std::size_t which = random() % 40 == 0 ? 4 : random() % 4;
      const StoredLog& log = logs_[which];
      const StoredLog& other = logs_[(which + 1) % logs_.size()];
      const std::string what = edit_copy(bench_, log, other, "copy", kind, random);
      if (!found_wrong(bench_, "copy", log, plant_))
        return fail("edit " + std::to_string(progress_.edits) + ", " + std::string(edit_kinds[kind]) + " of " +
                    log.name + ", passed unseen: " + what);
      ++done[edit_kinds[kind]];
      if ((progress_.edits + 1) % 5'000 != 0) continue;
      progress_.write();
      std::cout << progress_.edits + 1 << " edits, all found" << std::endl;
    }
    progress_.write();
    std::cout << "edits:";
    for (const auto& [kind, count] : done) std::cout << ' ' << kind << ' ' << count;
    std::cout << "; all " << size_ << " found" << std::endl;
    return true;
  }

  bool crash() {
    std::uint64_t events = 0;
    std::uint64_t checkpoints = 0;
    std::uint64_t kills = 0;
    for (; progress_.honest < honest_; ++progress_.honest) {
      const std::string folder = folder_ + "/honest";
      std::filesystem::remove_all(folder);
      std::filesystem::create_directories(folder);
      const auto rounds = static_cast<unsigned>(1 + progress_.honest % 3);
      const HonestLog log = crash_and_verify(folder, encrypted_, seed_ * 7'919 + progress_.honest, rounds);
      if (!log.intact) return fail("of honest log " + std::to_string(progress_.honest) + " is said: " + log.said);
      events += log.events;
      checkpoints += log.checkpoints;
      kills += rounds;
      progress_.write();
    }
    std::cout << honest_ << " honest logs with crashes (" << kills << " kills, " << events << " events, " << checkpoints
              << " checkpoints compared): nothing said" << std::endl;
    return true;
  }

  const std::string folder_;
  const bool encrypted_;
  const std::uint64_t seed_;
  const std::uint64_t size_;
  const std::uint64_t honest_;
  const Plant plant_;
  Bench bench_;
  Progress progress_{};
  std::vector<StoredLog> logs_{};
};

int run(const Arguments& arguments) {
  if (arguments.text("mode") == "work")
    return work_until_killed(arguments.text("folder"), arguments.text("engine") == "sqlcipher",
                             arguments.number("seed", 1), static_cast<int>(arguments.number("report", 1)));
  const testing::TemporaryFolder folder;
  return Campaign(arguments, folder.path()).run() ? 0 : 1;
}

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_audit_edits", count, words, medflow::campaign::run);
}
