#include "adapters/cli/program.hpp"

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/operation_commands.hpp"
#include "adapters/cli/text.hpp"
#include "adapters/cli/trouble.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::cli {
namespace {

void add_all(CLI::App& app, Globals& globals) {
  app.require_subcommand(1)->fallthrough();
  app.footer(
      "Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 invalid, 5 conflict, 6 denied, 7 unavailable, 8 "
      "integrity.");
  add_globals(app, globals);
  add_init(app, globals);
  add_migrate(app, globals);
  add_recovery(app, globals);
  add_login(app, globals);
  add_logout(app, globals);
  add_serve(app, globals);
  add_demo(app, globals);
  add_import(app, globals);
  add_generate(app, globals);
  add_config(app, globals);
  add_version(app, globals);
  add_completion(app, globals);
  add_operations(app, [&globals](const OperationRow& row, const OperationArguments& arguments) {
    run_operation(globals, row, arguments);
  });
  // Options of the whole program may stand after the command too, where people put them.
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    command->fallthrough();
    for (CLI::App* verb : command->get_subcommands([](CLI::App*) { return true; })) verb->fallthrough();
  }
}

/// An engine that says no before there is a platform to say it.
Error error_of(const storage::Fault& fault) {
  using storage::FaultKind;
  switch (fault.kind) {
    case FaultKind::in_use:
      return {.code = codes::store_in_use, .detail = fault.name};
    case FaultKind::wrong_key:
      return {.code = codes::key_mismatch, .detail = fault.name};
    case FaultKind::schema_newer:
      return {.code = codes::schema_newer, .detail = fault.name};
    case FaultKind::schema_outdated:
      return {.code = codes::schema_outdated, .detail = fault.name};
    case FaultKind::corrupt:
      return {.code = codes::integrity, .detail = fault.name};
    case FaultKind::full:
      return {.code = codes::store_full, .detail = fault.name};
    default:
      return {.code = codes::store_unavailable,
              .detail = fault.name + (fault.detail.empty() ? "" : ": " + fault.detail)};
  }
}

int end_with(const Trouble& trouble) {
  std::fflush(stdout);
  trouble.print(stderr);
  return trouble.exit();
}

int follow(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0) throw Trouble(exit_code::failure, "the output cannot be written");
    return exit_code::ok;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help
    return end_with(usage(std::string(error.what())));
  } catch (const Trouble& trouble) {
    return end_with(trouble);
  } catch (const config::Refused& refused) {
    for (const std::string& line : refused.lines()) std::fprintf(stderr, "medflow: %s\n", harmless(line).c_str());
    return exit_code::usage;
  } catch (const Failure& failure) {
    return end_with(Trouble(failure.error));
  } catch (const storage::Fault& fault) {
    return end_with(Trouble(error_of(fault)));
  } catch (const std::exception& error) {
    return end_with(Trouble(exit_code::failure, error.what()));
  }
}

}  // namespace

int run(int argc, const char* const* argv, const char* const* environment) {
  Globals globals;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const char* equal = std::strchr(*environment, '=');
    if (equal != nullptr)
      globals.environment.emplace(std::string(*environment, static_cast<std::size_t>(equal - *environment)), equal + 1);
  }
  CLI::App app("MedFlow: hospital management", "medflow");
  add_all(app, globals);
  return follow(app, argc, argv);
}

}  // namespace medflow::cli
