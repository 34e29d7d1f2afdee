#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/deployment.hpp"
#include "adapters/cli/serving.hpp"

namespace medflow::cli {
namespace {

struct Arguments {
  std::uint32_t threads = 0;
  bool quiet = false;
};

void serve(const Globals& globals, const Arguments& arguments) {
  const config::Settings settings = load_settings(globals);
  print_warnings(settings);
  const SignalWait signals;
  Log log(arguments.quiet);
  const auto commits = std::make_shared<http::ServingThreads>();
  Platform platform = open_deployment(settings, false, 0, commits);
  const std::uint32_t threads =
      arguments.threads != 0 ? arguments.threads : std::max(1U, std::thread::hardware_concurrency());
  Serving serving(platform, settings, threads, log, commits);
  std::printf("%s\n", serving.url().c_str());
  std::fflush(stdout);
  const bool has_certificate = !settings.text("tls_certificate").empty();
  signals.wait(has_certificate ? std::function<void()>([&serving] { serving.reload(); }) : nullptr);
}

}  // namespace

void add_serve(CLI::App& app, Globals& globals) {
  CLI::App* command =
      app.add_subcommand("serve", "Serve the HTTP API until SIGTERM; the address is printed once it listens");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--data", globals.data_dir, "the same as --data-dir")->type_name("DIR");
  command->add_option("--threads", arguments->threads, "threads that serve; 0 is one a core, to which each keeps")
      ->check(CLI::Range(0U, 256U));
  command->add_flag("--quiet", arguments->quiet, "write no log");
  command->callback([&globals, arguments] { serve(globals, *arguments); });
}

}  // namespace medflow::cli
