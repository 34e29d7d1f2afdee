#include "adapters/cli/operation_commands.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include <CLI/CLI.hpp>

#include "adapters/cli/client.hpp"
#include "adapters/cli/files.hpp"
#include "adapters/cli/render.hpp"
#include "adapters/cli/text.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/json/binding.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/audit.hpp"
#include "medflow/stream.hpp"

namespace medflow::cli {
namespace {

constexpr std::string_view module_texts[][2] = {
    {"audit", "The audit log"},
    {"auth", "Signing in and out"},
    {"facilities", "Where a tenant works"},
    {"imports", "Data from elsewhere"},
    {"patients", "Patients"},
    {"platform", "This deployment"},
    {"profile", "One's own account"},
    {"role_proposals", "Changes of roles that wait"},
    {"roles", "Who may do what"},
    {"settings", "The tenant's settings"},
    {"tenants", "The hospitals here"},
    {"users", "Who can sign in"},
};

std::string module_text(std::string_view module) {
  for (const auto& [name, text] : module_texts)
    if (name == module) return std::string(text);
  return std::string(module);
}

/// "--sex_admin,--sex-admin": the field's name, and how hands type it.
std::string flags_of(std::string_view name, std::string_view ending = {}) {
  const std::string flag = "--" + std::string(name) + std::string(ending);
  std::string dashed = flag;
  std::ranges::replace(dashed, '_', '-');
  return dashed == flag ? flag : dashed + "," + flag;
}

std::string words_of(const Type& type) {
  std::string text;
  for (const std::string_view word : type.words) text.append(text.empty() ? "" : "|").append(word);
  return text;
}

/// What a field takes, as the help says it.
std::string value_name(const Type& type) {
  const Type& inner = plain(type);
  switch (inner.kind) {
    case Kind::integer:
      return "NUMBER";
    case Kind::enumeration:
      return words_of(inner);
    case Kind::uuid:
      return "ID";
    case Kind::instant:
    case Kind::time:
    case Kind::local_date_time:
      return "TIME";
    case Kind::date:
    case Kind::partial_date:
      return "DATE";
    case Kind::zone:
      return "ZONE";
    case Kind::list:
      return value_name(*inner.element) + " …";
    case Kind::object:
    case Kind::money:
      return "JSON";
    default:
      return "TEXT";
  }
}

std::string help_of(const OperationRow& row, const Field& field) {
  const bool in_path = row.operation->path.find("{" + std::string(field.name) + "}") != std::string_view::npos;
  std::string text(field.rules.meaning);
  if (in_path || field.is(FieldFlag::required)) text.append(text.empty() ? "" : " ").append("(required)");
  return text;
}

void add_field(CLI::App& command, const OperationRow& row, const Field& field,
               const std::shared_ptr<OperationArguments>& into) {
  const std::string name(field.name);
  const Kind kind = plain(*field.type).kind;
  if (kind == Kind::content || kind == Kind::stream) return;
  if (kind == Kind::secret) {  // what stands in argv is no secret
    command
        .add_option(flags_of(name, "_file"), into->secret_files[name],
                    "file whose first line it is, - for standard input")
        ->type_name("FILE");
    return;
  }
  auto& values = into->values[name];
  if (kind == Kind::boolean) {
    command.add_flag(flags_of(name), values, help_of(row, field));
    return;
  }
  command.add_option(flags_of(name), values, help_of(row, field))
      ->type_name(value_name(*field.type))
      ->allow_extra_args(false);
}

/// Whether an idempotency key has a meaning for it.
bool takes_key(const OperationRow& row) {
  const Operation& operation = *row.operation;
  return operation.method == Method::post && operation.effect == Effect::write && row.content == nullptr &&
         operation.permission != Permission::anonymous && operation.permission != Permission::session;
}

std::string key_help(const OperationRow& row) {
  std::string text =
      "1 to 255 visible ASCII characters: the same command with the same key within 24 hours is done once";
  if (row.operation->key_required) text.append("; a random one where none is given");
  return text;
}

void add_operation(CLI::App& module, const OperationRow& row, std::string_view verb,
                   const std::function<void(const OperationRow&, const OperationArguments&)>& chosen) {
  CLI::App* command = module.add_subcommand(std::string(verb), std::string(row.operation->summary));
  auto arguments = std::make_shared<OperationArguments>();
  for (const Field& field : row.request->fields) add_field(*command, row, field, arguments);
  command
      ->add_option("--data", arguments->data, "the request as JSON; - reads it from standard input, @FILE from a file")
      ->type_name("JSON");
  if (row.content != nullptr) {
    command->add_option("--file", arguments->file, "the content; - is standard input")->required()->type_name("FILE");
    command->add_option("--content-type", arguments->content_type,
                        "its media type; by the file's ending where not said");
  }
  if (takes_key(row))
    command->add_option("--idempotency-key", arguments->idempotency_key, key_help(row))->type_name("KEY");
  if (row.shape == Shape::stream)
    command->add_option("--output", arguments->output, "write to this file")->type_name("FILE");
  command->footer("Where, as whom and how to print: see `medflow --help`. Those options may follow the command too.");
  command->callback([&row, arguments, chosen] { chosen(row, *arguments); });
}

/// The text of `--data` and of texts of several lines: itself, a file's (@FILE), or standard input's (-).
std::string data_text(const std::string& argument) {
  if (argument == "-") {
    std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    return text;
  }
  if (!argument.starts_with('@')) return argument;
  auto text = read_file(argument.substr(1), json::bytes_max);
  if (!text) throw usage(argument.substr(1) + ": there is no such file");
  return std::move(*text);
}

std::string media_type_of(const std::string& path) {
  if (path.ends_with(".csv")) return "text/csv";
  if (path.ends_with(".json")) return "application/json";
  return "application/octet-stream";
}

/// Content that is read from a stream as it is asked for; standard input for "-".
Content content_of(const std::string& path, const std::string& type) {
  auto file = std::make_shared<std::ifstream>();
  if (path != "-") {
    file->open(path, std::ios::binary);
    if (!*file) throw usage(path + ": cannot be read");
  }
  std::istream* in = path == "-" ? static_cast<std::istream*>(&std::cin) : file.get();
  return {.media_type = type.empty() ? media_type_of(path) : type,
          .pull = [file, in](std::span<std::byte> to) -> Result<std::size_t> {
            in->read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
            if (in->bad()) return Error{.code = codes::malformed, .detail = "The file cannot be read any further."};
            return static_cast<std::size_t>(in->gcount());
          }};
}

void set_secrets(const OperationRow& row, const OperationArguments& arguments, void* object, json::Given& given,
                 Error& error) {
  for (const auto& [name, path] : arguments.secret_files) {
    if (path.empty()) continue;
    const Field* field = json::find_field(*row.request, name);
    const Secret secret = secret_from_file(path);
    json::set_from_text(*field, object, secret.reveal(), error);
    given.add(*row.request, *field);
  }
}

void set_fields(const OperationRow& row, const OperationArguments& arguments, void* object, json::Given& given,
                Error& error) {
  for (const auto& [name, values] : arguments.values) {
    const Field* field = json::find_field(*row.request, name);
    if (values.empty()) continue;
    if (values.size() > 1 && plain(*field->type).kind != Kind::list)
      throw usage("--" + name + " is given more than once");
    // Texts of several lines lie in files.
    const bool of_files = plain(*field->type).kind == Kind::list && field->rules.text == TextRule::note;
    if (field->type->kind == Kind::list && !given.has(*row.request, *field))
      clear_list(*field->type, field->at(object));  // it may begin with items of its own
    for (const std::string& value : values)
      json::set_from_text(*field, object, of_files ? data_text(value) : value, error);
    given.add(*row.request, *field);
  }
}

/// Writes a streamed answer to standard output or a file that is there only when it is whole.
class Output {
 public:
  explicit Output(const std::string& path) : path_(path) {
    if (path_.empty()) return;
    file_.open(path_ + ".part", std::ios::binary);
    if (!file_) throw Trouble(exit_code::failure, path_ + ": cannot be written");
  }
  ~Output() {
    if (file_.is_open()) std::remove((path_ + ".part").c_str());
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::span<const std::byte> bytes) {
    out().write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    require_written();
  }
  void finish() {
    out().flush();
    require_written();
    if (path_.empty()) return;
    file_.close();
    if (std::rename((path_ + ".part").c_str(), path_.c_str()) != 0)
      throw Trouble(exit_code::failure, path_ + ": cannot be written");
  }

 private:
  std::ostream& out() { return path_.empty() ? std::cout : file_; }
  void require_written() {
    if (!out()) throw Trouble(exit_code::failure, "the output cannot be written");
  }

  std::string path_;
  std::ofstream file_{};
};

}  // namespace

void add_operations(CLI::App& app, const std::function<void(const OperationRow&, const OperationArguments&)>& chosen) {
  std::map<std::string, CLI::App*, std::less<>> modules;
  for (const OperationRow& row : operations()) {
    const std::string_view name = row.operation->name;
    const std::size_t dot = name.find('.');
    const std::string module(name.substr(0, dot));
    auto [at, is_new] = modules.try_emplace(module, nullptr);
    if (is_new) {
      at->second = app.add_subcommand(module, module_text(module));
      at->second->require_subcommand(1)->fallthrough()->group("Operations");
    }
    add_operation(*at->second, row, name.substr(dot + 1), chosen);
  }
}

Value build_request(const OperationRow& row, const OperationArguments& arguments) {
  Value request(*row.request);
  json::Given given;
  Error error{.code = codes::invalid};
  set_fields(row, arguments, request.data(), given, error);
  set_secrets(row, arguments, request.data(), given, error);
  if (!error.fields.empty()) throw Trouble(error);
  if (!arguments.data.empty() && !json::merge(data_text(arguments.data), *row.request, request.data(), given, error))
    throw Trouble(error);
  std::string missing;
  for (const Field& field : row.request->fields)
    if (row.operation->path.find("{" + std::string(field.name) + "}") != std::string_view::npos &&
        !given.has(*row.request, field))
      missing += " --" + std::string(field.name);
  if (!missing.empty()) throw usage(std::string(row.operation->name) + " needs" + missing);
  if (!json::require(*row.request, given, error)) throw Trouble(error);
  if (row.content != nullptr)
    *static_cast<Content*>(row.content->at(request.data())) = content_of(arguments.file, arguments.content_type);
  return request;
}

void run_operation(const Globals& globals, const OperationRow& row, const OperationArguments& arguments) {
  Value request = build_request(row, arguments);  // before anything is opened: a typing error needs no data
  Client client = Client::open(globals);
  if (row.shape == Shape::stream) {
    Output output(arguments.output);
    client.call(
        row, std::move(request), [&](std::span<const std::byte> bytes) { output.write(bytes); },
        arguments.idempotency_key);
    output.finish();
    return;
  }
  const std::string json = client.call(row, std::move(request), {}, arguments.idempotency_key);
  if (json.empty()) return;
  Value answer = read_answer(row, json);
  std::fputs(globals.json ? (json + "\n").c_str() : render(row, answer).c_str(), stdout);
  // The answer is whole, and says that the data is not.
  if (row.operation->name == audit::Verify::operation.name &&
      !static_cast<const audit::Verification*>(answer.data())->intact)
    throw Trouble(describe(Errc::integrity).exit_code, "the data or its audit log is damaged; see the findings");
}

}  // namespace medflow::cli
