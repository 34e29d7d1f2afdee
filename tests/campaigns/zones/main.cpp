// Random opening windows in every IANA zone on 400 days, compared with what Python's zoneinfo makes of them (APT-10).
//
//   campaign_zones [--size ZONES*DAYS] [--seed N] [--state FILE] [--plant last|gap]
//
// Number n is a zone and a day, made of seed and n alone: zones first, then days, so that 400 times the number of zones are each zone on
// each day. One window is tried on each, and eight where the day has not 24 hours. A seed has 400 days of its own between 1975 and 2036 (behind 2037 the tz database has rules instead of changes, which
// the library date does not read). With --state the campaign goes on where it was broken off. With --plant a start that comes twice is the
// last, or one that does not exist is half an hour late, and the campaign fails unless that is found.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/campaigns/process.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/temporary_folder.hpp"
#include "time/zoned.hpp"

namespace medflow::campaign {
namespace {

using testing::Dice;
using times::Interval;
using times::ZoneView;

constexpr std::uint64_t days = 400;
constexpr std::uint64_t zone_days_per_check = 50'000;
constexpr std::int32_t first_day = 1'826;  // 1975-01-01
constexpr std::int32_t last_day = 24'471;  // 2036-12-31

const std::string oracle = "python3 '" MEDFLOW_SOURCE_DIR "/tests/campaigns/zones/oracle.py' ";

enum class Plant : std::uint8_t { none, last, gap };

Plant plant_of(const std::string& word) {
  if (word.empty()) return Plant::none;
  if (word == "last") return Plant::last;
  if (word == "gap") return Plant::gap;
  throw std::runtime_error("there is no plant " + word);
}

std::vector<std::string> lines_of(const std::string& command, int& status) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start Python");
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  status = ::pclose(pipe);
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Half of the times are of the small hours, when clocks are changed; half are whole quarters.
TimeOfDay any_time(Dice& dice, bool small_hours) {
  const std::size_t minutes = small_hours || dice.one_in(2) ? dice.below(5 * 60) : dice.below(24 * 60);
  return {static_cast<std::uint16_t>(dice.one_in(2) ? minutes : minutes / 15 * 15)};
}

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments)
      : size_(arguments.number("size", 240'000)),
        seed_(arguments.number("seed", 1)),
        state_(arguments.text("state")),
        plant_(plant_of(arguments.text("plant"))) {
    int status = 0;
    zones_ = lines_of(oracle + "zones", status);
    if (status != 0 || zones_.size() < 400) throw std::runtime_error("Python knows no zones");
    for (const std::string& zone : zones_) {
      if (!Zone::valid(zone)) throw std::runtime_error("Python knows a zone that we do not: " + zone);
      views_.emplace_back(Zone{zone});
    }
    begin_ = first_day + static_cast<std::int32_t>(Dice(seed_).below(last_day - first_day - days));
  }

  bool run() {
    const testing::TemporaryFolder folder;
    std::uint64_t done = 0;
    if (!state_.empty()) std::ifstream(state_) >> done;
    while (done < size_) {
      const std::uint64_t until = std::min(size_, done + zone_days_per_check);
      if (!check(folder / "windows", done, until)) return plant_ != Plant::none ? caught() : false;
      done = until;
      if (!state_.empty()) std::ofstream(state_) << done << std::endl;
    }
    std::cout << zones_.size() << " zones, 400 days from " << Date::from_days(begin_).text() << ": " << size_
              << " zone-days, no difference" << std::endl;
    if (plant_ == Plant::none) return true;
    std::cout << "the planted mistake was NOT found" << std::endl;
    return false;
  }

 private:
  static bool caught() {
    std::cout << "the planted mistake was found" << std::endl;
    return true;
  }

  bool check(const std::string& file, std::uint64_t from, std::uint64_t until) const {
    {
      std::ofstream out(file);
      for (std::uint64_t n = from; n < until; ++n) write(out, n);
      if (!out.flush()) throw std::runtime_error("cannot write " + file);
    }
    int status = 0;
    for (const std::string& line : lines_of(oracle + "check '" + file + "'", status)) std::cout << line << std::endl;
    if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) > 1) throw std::runtime_error("the oracle failed");
    return status == 0;
  }

  void write(std::ofstream& out, std::uint64_t n) const {
    Dice dice(seed_ * 0x100000001B3ULL + n);
    const std::uint64_t zone = n % zones_.size();
    const Date day = Date::from_days(begin_ + static_cast<std::int32_t>(n / zones_.size() % days));
    const auto whole = views_[zone].window_in(day, {}, {});
    const bool changes = !whole || whole->to != whole->from.plus_s(86'400);
    for (int windows = changes ? 8 : 1; windows > 0; --windows)
      write(out, zone, day, any_time(dice, changes), any_time(dice, changes));
  }

  void write(std::ofstream& out, std::size_t zone, Date day, TimeOfDay start, TimeOfDay end) const {
    const auto window = plant(views_[zone], {.date = day, .time = start}, views_[zone].window_in(day, start, end));
    out << zones_[zone] << '\t' << day.text() << '\t' << start.text() << '\t' << end.text();
    if (!window) return void(out << "\t-\t-\n");
    out << '\t' << window->from.us / 1'000'000 << '\t' << window->to.us / 1'000'000 << '\n';
  }

  std::optional<Interval> plant(const ZoneView& view, LocalDateTime start, std::optional<Interval> window) const {
    if (plant_ == Plant::none || !window) return window;
    const WallMeaning meaning = view.meaning_of(start);
    if (plant_ == Plant::last) window->from = meaning.last;
    if (plant_ == Plant::gap && meaning.times == WallTimes::never) window->from = window->from.plus_s(1'800);
    return window;
  }

  const std::uint64_t size_;
  const std::uint64_t seed_;
  const std::string state_;
  const Plant plant_;
  std::vector<std::string> zones_{};
  std::vector<ZoneView> views_{};
  std::int32_t begin_ = 0;
};

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_zones", count, words);
}
