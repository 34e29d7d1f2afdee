#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"

namespace medflow::cli {
namespace {

/// The commands below this one and its long options, as one word list.
std::string words_of(const CLI::App& app) {
  std::string words;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    words += command->get_name() + ' ';
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) words += "--" + name + ' ';
  return words;
}

void print_case(const std::string& path, const CLI::App& app) {
  std::printf("    '%s') words='%s' ;;\n", path.c_str(), words_of(app).c_str());
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    print_case(path.empty() ? command->get_name() : path + ' ' + command->get_name(), *command);
}

void print_bash(const CLI::App& app) {
  std::fputs(
      "# medflow completion bash > /etc/bash_completion.d/medflow\n"
      "_medflow() {\n"
      "  local path='' word words=''\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    [[ $word == -* ]] && break\n"
      "    path=${path:+$path }$word\n"
      "  done\n"
      "  case $path in\n",
      stdout);
  print_case("", app);
  std::fputs(
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
      "}\n"
      "complete -o default -F _medflow medflow\n",
      stdout);
}

}  // namespace

void add_completion(CLI::App& app, Globals&) {
  CLI::App* command = app.add_subcommand("completion", "Print a script that completes commands in a shell");
  command->require_subcommand(1);
  command->add_subcommand("bash", "For bash")->callback([&app] { print_bash(app); });
}

}  // namespace medflow::cli
