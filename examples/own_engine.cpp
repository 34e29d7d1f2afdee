// A third party's storage engine, shown to keep every promise by the public conformance suite; then a hospital works on it.
#include "own_engine.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "medflow/conformance/suite.hpp"
#include "medflow/testing.hpp"

namespace {

const std::filesystem::path place =
    std::filesystem::temp_directory_path() / ("medflow-journal-" + std::to_string(medflow::system_clock()->now().us));

/// All that the suite asks for: an empty engine, and how it looks after its process has ended.
class JournalHarness final : public medflow::conformance::Harness {
 public:
  JournalHarness() {
    std::filesystem::remove_all(place);
    restart();
  }
  medflow::storage::Engine& engine() override { return *engine_; }
  void restart() override { engine_ = std::make_unique<journal::JournalEngine>(place); }

 private:
  std::unique_ptr<journal::JournalEngine> engine_{};
};

void flip_a_bit(const std::filesystem::path& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const int byte = file.seekg(at).get();
  file.seekp(at).put(static_cast<char>(byte ^ 1));
}

}  // namespace

int main() {
  using namespace medflow;
  const auto broken = conformance::run([] { return std::make_unique<JournalHarness>(); });
  for (const auto& finding : broken)
    std::printf("%s: %s\n", std::string(finding.sentence).c_str(), finding.what.c_str());
  std::printf("%zu promises, %zu broken\n", std::size(conformance::cases), broken.size());

  std::filesystem::remove_all(place);
  auto clock = std::make_shared<testing::FakeClock>();
  std::string token;
  {
    auto hospital = testing::make_platform(std::make_shared<journal::JournalEngine>(place));
    hospital.add_patients(5);
    token = hospital.member(Role::receptionist).tokens.access_token;
    const Session desk = hospital.as(Role::receptionist);
    std::printf("%zu patients\n", testing::must(desk.call(patients::List{})).data.size());
  }
  const auto open = [&] {
    return Platform::open(testing::test_options(std::make_shared<journal::JournalEngine>(place), clock));
  };
  const auto journal = place / "platform.data";
  const auto size = std::filesystem::file_size(journal);
  for (const std::streamoff at : {0, 24}) {  // of the first record its length, and then what it holds
    flip_a_bit(journal, at);
    std::printf("damaged: %s, %s\n", testing::code_of(open()).c_str(),
                std::filesystem::file_size(journal) == size ? "nothing is cut off" : "something is cut off");
    flip_a_bit(journal, at);
  }
  std::ofstream(journal, std::ios::app | std::ios::binary) << "the begin";  // as a crash leaves it
  {
    const auto again = testing::must(open());
    const Session desk = testing::must(again.authenticate(token));
    std::printf("%zu patients after a restart\n", testing::must(desk.call(patients::List{})).data.size());
  }
  std::filesystem::remove_all(place);
  return broken.empty() ? 0 : 1;
}
