#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/generator/population.hpp"
#include "adapters/cli/progress.hpp"
#include "adapters/cli/trouble.hpp"

namespace medflow::cli {
namespace {

struct Arguments {
  std::string folder{};
  std::uint64_t patients = 1000;
  std::uint64_t seed = 1;
};

constexpr std::uint64_t block = 1000;

void write_people(std::ostream& file, const Arguments& arguments) {
  const generator::Population population(arguments.seed);
  Progress progress("generate", "patients");
  std::string text = std::string(generator::csv_header()) + '\n';
  for (std::uint64_t i = 0; i < arguments.patients; ++i) {
    generator::append_csv(population.person(i), text);
    if ((i + 1) % block != 0 && i + 1 != arguments.patients) continue;
    if (!file.write(text.data(), static_cast<std::streamsize>(text.size())))
      throw Trouble(exit_code::failure, "the file cannot be written");
    text.clear();
    progress.show(i + 1, arguments.patients, i + 1);
  }
}

void generate(const Arguments& arguments) {
  std::filesystem::create_directories(arguments.folder);
  const std::string path = arguments.folder + "/patients.csv";
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::binary);
  if (!file) throw Trouble(exit_code::failure, part + ": " + std::system_category().message(errno));
  try {
    write_people(file, arguments);
  } catch (...) {
    std::remove(part.c_str());
    throw;
  }
  file.close();
  if (!file) throw Trouble(exit_code::failure, part + ": cannot be written");
  std::filesystem::rename(part, path);
  std::printf("%s\n", path.c_str());
}

}  // namespace

void add_generate(CLI::App& app, Globals&) {
  CLI::App* command = app.add_subcommand("generate", "Make synthetic data");
  command->require_subcommand(1);
  CLI::App* synthea =
      command->add_subcommand("synthea-csv", "Write patients.csv in Synthea's layout: people who never lived");
  auto arguments = std::make_shared<Arguments>();
  synthea->add_option("folder", arguments->folder, "where to write it")->required()->type_name("DIR");
  synthea->add_option("--patients", arguments->patients, "how many")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{100'000'000}))
      ->capture_default_str();
  synthea->add_option("--seed", arguments->seed, "the same seed makes the same people")->capture_default_str();
  synthea->callback([arguments] { generate(*arguments); });
}

}  // namespace medflow::cli
