#include "adapters/cli/operation_commands.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "adapters/cli/render.hpp"
#include "adapters/cli/trouble.hpp"
#include "medflow/operations.hpp"
#include "process.hpp"

namespace {

using medflow::OperationRow;
using medflow::Value;
using medflow::cli::OperationArguments;
using medflow::cli::Trouble;

/// What a command line of operations names, and its request.
struct Parsed {
  const OperationRow* row = nullptr;
  OperationArguments arguments{};
};

Parsed parse(const std::vector<std::string>& words) {
  CLI::App app("test", "medflow");
  Parsed parsed;
  medflow::cli::add_operations(app, [&](const OperationRow& row, const OperationArguments& arguments) {
    parsed.row = &row;
    parsed.arguments = arguments;
  });
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  app.parse(reversed);
  REQUIRE(parsed.row != nullptr);
  return parsed;
}

template <class Op>
Op request(const std::vector<std::string>& words) {
  const Parsed parsed = parse(words);
  REQUIRE(parsed.row->operation->name == Op::operation.name);
  Value value = medflow::cli::build_request(*parsed.row, parsed.arguments);
  return std::move(*static_cast<Op*>(value.data()));
}

int exit_of(const std::vector<std::string>& words) {
  try {
    const Parsed parsed = parse(words);
    static_cast<void>(medflow::cli::build_request(*parsed.row, parsed.arguments));
  } catch (const Trouble& trouble) {
    return trouble.exit();
  }
  return 0;
}

constexpr const char* some_id = "019a0000-0000-7000-8000-000000000001";

}  // namespace

TEST_CASE("CLI-1: every operation is a command, and each of its fields can be given") {
  CLI::App app("test", "medflow");
  medflow::cli::add_operations(app, [](const OperationRow&, const OperationArguments&) {});
  for (const OperationRow& row : medflow::operations()) {
    const std::string name(row.operation->name);
    const std::size_t dot = name.find('.');
    CLI::App* command = nullptr;
    REQUIRE_NOTHROW(command = app.get_subcommand(name.substr(0, dot))->get_subcommand(name.substr(dot + 1)));
    for (const medflow::Field& field : row.request->fields) {
      if (field.type->kind == medflow::Kind::content) continue;
      const std::string flag =
          "--" + std::string(field.name) + (field.type->kind == medflow::Kind::secret ? "_file" : "");
      CHECK_MESSAGE(command->get_option_no_throw(flag) != nullptr, name, " ", flag);
    }
  }
}

TEST_CASE("CLI-1: no field's flag hides one of the options of every command") {
  CLI::App app("test", "medflow");
  medflow::cli::Globals globals;
  medflow::cli::add_globals(app, globals);
  std::set<std::string> taken{"data", "file", "output", "content-type", "idempotency-key"};
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) taken.insert(name);
  for (const OperationRow& row : medflow::operations())
    for (const medflow::Field& field : row.request->fields) {
      const bool hidden = taken.contains(std::string(field.name)) && field.type->kind != medflow::Kind::content;
      CHECK_MESSAGE(!hidden, row.operation->name, " --", field.name);
    }
}

TEST_CASE("CLI-1: scalars, repeated lists, objects and JSON fill one request") {
  using medflow::patients::Register;
  const auto by_flags = request<Register>({"patients", "register", "--names", R"({"family":"Müller","given":["Eva"]})",
                                           "--sex-admin", "female", "--emails", "a@b.example", "--emails",
                                           "c@d.example", "--force", "--reason=twice over"});
  REQUIRE(by_flags.names.size() == 1);
  CHECK(by_flags.names[0].family == "Müller");
  CHECK(by_flags.sex_admin == medflow::patients::Sex::female);
  CHECK(by_flags.emails == std::vector<std::string>{"a@b.example", "c@d.example"});
  CHECK(by_flags.force);
  CHECK(by_flags.reason == "twice over");

  const auto by_json =
      request<Register>({"patients", "register", "--sex_admin", "male", "--data", R"({"unidentified":true})"});
  CHECK(by_json.unidentified);
  CHECK(by_json.sex_admin == medflow::patients::Sex::male);
}

TEST_CASE("CLI-1: a partial update tells a flag that is off from one that is not there, and null from both") {
  using medflow::patients::Patch;
  const auto patch = request<Patch>({"patients", "patch", "--id", some_id, "--revision", "3", "--interpreter=false",
                                     "--data", R"({"language":null})"});
  CHECK(patch.revision == 3U);
  REQUIRE(patch.interpreter.sets());
  CHECK_FALSE(patch.interpreter.value());
  CHECK(patch.unidentified.keeps());
  CHECK(patch.language.removes());
}

TEST_CASE("CLI-1: --data takes a file") {
  const medflow::tests::Home home;
  const std::string file = home.write("request.json", R"({"name":"Ward 3","zone":"Europe/London"})");
  const auto create = request<medflow::facilities::Create>({"facilities", "create", "--data", "@" + file});
  CHECK(create.name == "Ward 3");
  CHECK(create.zone.id == "Europe/London");
}

TEST_CASE("CLI-1: a flag for a list takes the place of what the list begins with; given again it adds") {
  using medflow::services::Create;
  const auto once =
      request<Create>({"services", "create", "--code", "C", "--name", "Consultation", "--reminders-min", "60"});
  CHECK(once.reminders_min == std::vector<std::uint32_t>{60});
  const auto twice = request<Create>({"services", "create", "--code", "C", "--name", "Consultation", "--reminders-min",
                                      "60", "--reminders-min", "30"});
  CHECK(twice.reminders_min == std::vector<std::uint32_t>{60, 30});
}

TEST_CASE("CLI-1: secrets come from files, and there is no flag for the secret itself") {
  const medflow::tests::Home home;
  const std::string file = home.write("password", "correct horse battery\nnot this line\n");
  const auto login =
      request<medflow::auth::Login>({"auth", "login", "--email", "a@b.example", "--password-file", file});
  CHECK(login.password.reveal() == "correct horse battery");
  CHECK_THROWS_AS(parse({"auth", "login", "--email", "a@b.example", "--password", "x"}), CLI::ParseError);
}

TEST_CASE("CLI-1: what cannot be a request ends as usage or invalid, before anything is opened") {
  CHECK(exit_of({"patients", "get"}) == 2);  // no id
  CHECK(exit_of({"patients", "get", "--id", "x"}) == 4);
  CHECK(exit_of({"patients", "get", "--id", some_id}) == 0);
  CHECK(exit_of({"patients", "register", "--sex_admin", "neither"}) == 4);
  CHECK(exit_of({"patients", "register", "--data", R"({"colour":"red"})"}) == 4);
  CHECK(exit_of({"patients", "register", "--data", "{"}) == 4);
  CHECK(exit_of({"patients", "list", "--limit", "1", "--limit", "2"}) == 2);
  CHECK(exit_of({"patients", "list", "--data", "@/nowhere/at/all"}) == 2);
  CHECK_THROWS_AS(parse({"patients", "eat"}), CLI::ParseError);
  CHECK_THROWS_AS(parse({"patients", "get", "--colour", "red"}), CLI::ParseError);
}

TEST_CASE("CLI-1, R11: an idempotency key can be given wherever it has a meaning") {
  CLI::App app("test", "medflow");
  medflow::cli::add_operations(app, [](const OperationRow&, const OperationArguments&) {});
  for (const OperationRow& row : medflow::operations()) {
    const std::string name(row.operation->name);
    const std::size_t dot = name.find('.');
    const CLI::App* command = app.get_subcommand(name.substr(0, dot))->get_subcommand(name.substr(dot + 1));
    const bool can = command->get_option_no_throw("--idempotency-key") != nullptr;
    if (row.operation->key_required) CHECK_MESSAGE(can, name);
    if (row.operation->effect == medflow::Effect::read || row.content != nullptr) CHECK_MESSAGE(!can, name);
  }
  CHECK(parse({"patients", "register", "--sex-admin", "male", "--idempotency-key", "k-1"}).arguments.idempotency_key ==
        "k-1");
  CHECK_THROWS_AS(parse({"patients", "get", "--id", some_id, "--idempotency-key", "k-1"}), CLI::ParseError);
}

TEST_CASE("CLI-1: answers are aligned lines, pages are tables, and nothing moves the cursor") {
  const OperationRow& get = *medflow::find_operation("patients.get");
  medflow::patients::Patient patient{.revision = 2, .mrn = "MF-00000001-8"};
  patient.names = {{.family = "Ng\x1b[2Juyễn", .given = {"Thị Hoa"}},
                   {.use = medflow::patients::NameUse::maiden, .family = "Trần"}};
  Value one = Value::of(*get.output, patient);
  const std::string text = medflow::cli::render(get, one);
  CHECK(text.find("mrn          ") != std::string::npos);
  CHECK(text.find("MF-00000001-8\n") != std::string::npos);
  CHECK(text.find("family Ng?[2Juyễn, given Thị Hoa\n") != std::string::npos);
  CHECK(text.find("use maiden, family Trần\n") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);

  const OperationRow& list = *medflow::find_operation("patients.list");
  medflow::Page<medflow::patients::Patient> page{.data = {patient, patient}};
  page.page.next = "abc";
  Value many = Value::of(*list.output, page);
  const std::string table = medflow::cli::render(list, many);
  CHECK(table.starts_with("mrn            names"));
  CHECK(table.ends_with("more: --cursor abc\n"));
  Value none = Value::of(*list.output, medflow::Page<medflow::patients::Patient>{});
  CHECK(medflow::cli::render(list, none) == "(none)\n");
}
