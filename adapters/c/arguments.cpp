#include "adapters/c/arguments.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/c/handles.hpp"
#include "adapters/config/engine.hpp"
#include "adapters/json/binding.hpp"
#include "adapters/json/codec.hpp"
#include "adapters/json/utf8.hpp"
#include "adapters/pdf/printer.hpp"

namespace medflow::c {
namespace {

struct Options {
  std::string engine{};
  std::optional<std::string> root_key_file{};
  bool create = false;
  std::uint32_t access_ttl_s = PlatformOptions{}.access_ttl_s;
  std::uint32_t refresh_ttl_s = PlatformOptions{}.refresh_ttl_s;
  std::uint32_t password_memory_kib = PlatformOptions{}.password_memory_kib;
  std::uint32_t password_passes = PlatformOptions{}.password_passes;
  std::string deployment = PlatformOptions{}.deployment;
  std::optional<std::string> checkpoint_folder{};
  std::optional<std::string> direct_url{};
};

/// A Principal with its roles as words.
struct PrincipalText {
  std::string issuer{};
  std::string subject{};
  std::string display_name{};
  std::vector<std::string> roles{};
  std::vector<FacilityId> facilities{};
  std::optional<PractitionerId> practitioner_id{};
  std::optional<PatientId> patient_id{};
  std::vector<std::string> custom_roles{};
};

}  // namespace
}  // namespace medflow::c

namespace medflow {

template <>
struct Described<c::Options> {
  using T = c::Options;
  static constexpr std::string_view name = "Options";
  static constexpr Field fields[] = {field<&T::engine>(1, "engine", required),
                                     field<&T::root_key_file>(2, "root_key_file"),
                                     field<&T::create>(3, "create"),
                                     field<&T::access_ttl_s>(4, "access_ttl_s"),
                                     field<&T::refresh_ttl_s>(5, "refresh_ttl_s"),
                                     field<&T::password_memory_kib>(6, "password_memory_kib"),
                                     field<&T::password_passes>(7, "password_passes"),
                                     field<&T::deployment>(8, "deployment"),
                                     field<&T::checkpoint_folder>(9, "checkpoint_folder"),
                                     field<&T::direct_url>(10, "direct_url")};
};

template <>
struct Described<c::PrincipalText> {
  using T = c::PrincipalText;
  static constexpr std::string_view name = "Principal";
  static constexpr Field fields[] = {
      field<&T::issuer>(1, "issuer", required),   field<&T::subject>(2, "subject", required),
      field<&T::display_name>(3, "display_name"), field<&T::roles>(4, "roles"),
      field<&T::facilities>(5, "facilities"),     field<&T::practitioner_id>(6, "practitioner_id"),
      field<&T::patient_id>(7, "patient_id"),     field<&T::custom_roles>(8, "custom_roles")};
};

}  // namespace medflow

namespace medflow::c {
namespace {

[[noreturn]] void refuse(std::string_view name, std::string code, std::string message) {
  throw Failure(medflow::codes::invalid, "/" + std::string(name), std::move(code), std::move(message));
}

template <class T>
T decoded(const char* json) {
  T object;
  Error error;
  if (!json::decode(json_argument(json), type_of<T>, &object, error)) throw Failure(std::move(error));
  return object;
}

/// A path outside the data folder, where a copy of the data does not take it along.
const std::string& outside_path(std::string_view name, const std::string& path, const config::EngineUrl& engine) {
  const std::string code(name.substr(0, name.rfind('_')));
  if (path.empty() || path.find('\0') != std::string::npos) refuse(name, code + ".path", "Not a path.");
  if (config::inside_data(path, engine))
    refuse(name, code + ".inside_data", "It lies inside the data folder; keep it apart from the data.");
  return path;
}

const std::string& key_path(const std::string& path, const config::EngineUrl& engine) {
  return outside_path("root_key_file", path, engine);
}

/// Of the host's functions, as the library takes them. A call may wait for what they answer, so they may make none.
std::shared_ptr<RootKeyProvider> functions_argument(const KeyFunctions& given) {
  static constexpr Code unavailable{"key.unavailable", Errc::unavailable,
                                    "Whoever keeps the root key cannot answer now.", true};
  constexpr std::size_t wrapped_max = 512;
  if (given.current == nullptr) refuse("current", "required", "Must not be NULL.");
  if (given.wrap == nullptr) refuse("wrap", "required", "Must not be NULL.");
  if (given.unwrap == nullptr) refuse("unwrap", "required", "Must not be NULL.");
  const auto bytes = [](const std::byte* from) { return reinterpret_cast<const unsigned char*>(from); };
  return callback_root_key(
      {.current =
           [given] {
             const InCallback inside;
             RootId id{};
             if (given.current(given.state, reinterpret_cast<unsigned char*>(id.data())) != 0)
               throw Failure(unavailable);
             return id;
           },
       .wrap =
           [given, bytes](const RootId& id, std::span<const std::byte> associated, std::span<const std::byte, 32> key) {
             const InCallback inside;
             std::vector<std::byte> wrapped(wrapped_max);
             const std::ptrdiff_t size = given.wrap(given.state, bytes(id.data()), associated.data(), associated.size(),
                                                    bytes(key.data()), wrapped.data(), wrapped.size());
             if (size <= 0 || static_cast<std::size_t>(size) > wrapped.size()) throw Failure(unavailable);
             wrapped.resize(static_cast<std::size_t>(size));
             return wrapped;
           },
       .unwrap =
           [given, bytes](const RootId& id, std::span<const std::byte> associated, std::span<const std::byte> wrapped,
                          std::span<std::byte, 32> key) {
             const InCallback inside;
             const int said =
                 given.unwrap(given.state, bytes(id.data()), associated.data(), associated.size(), wrapped.data(),
                              wrapped.size(), reinterpret_cast<unsigned char*>(key.data()));
             if (said != 0 && said != 1) throw Failure(unavailable);
             return said == 0;
           }});
}

std::shared_ptr<RootKeyProvider> root_key_argument(const Options& options, const config::EngineUrl& engine,
                                                   const void* key, std::size_t key_bytes) {
  if ((key != nullptr) == options.root_key_file.has_value())
    refuse("root_key_file", "root_key.one", "Give a root key file or a root key, and not both.");
  if (key != nullptr) {
    if (key_bytes != 32) refuse("root_key", "root_key.size", "A root key has 32 bytes.");
    return memory_root_key(std::span<const std::byte, 32>(static_cast<const std::byte*>(key), 32));
  }
  return file_root_key(key_path(*options.root_key_file, engine));
}

config::EngineUrl engine_argument(const Options& options) {
  auto url = config::parse_engine(options.engine);
  if (!url || options.engine.find('\0') != std::string::npos)
    refuse("engine", "engine.unknown", "Must be memory:, sqlite:FOLDER, sqlcipher:FOLDER or postgresql://….");
  if (!options.direct_url) return *url;
  const auto direct = config::parse_engine(*options.direct_url);
  if (!direct || direct->kind != config::EngineKind::postgresql || url->kind != config::EngineKind::postgresql)
    refuse("direct_url", "engine.unknown", "Must be postgresql://…, as the engine is.");
  url->direct_url = *options.direct_url;
  return *url;
}

/// The roles' type as requests have it: its words stand in no public header.
const Type& role_type() { return *json::find_field(*find_operation("users.invite")->request, "roles")->type->element; }

std::vector<Role> roles_of(const std::vector<std::string>& names) {
  const auto words = role_type().words;
  std::vector<Role> roles;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto word = std::ranges::find(words, names[i]);
    if (word == words.end()) refuse("roles/" + std::to_string(i), "enum.unknown", "There is no such role.");
    roles.push_back(static_cast<Role>(std::distance(words.begin(), word)));
  }
  return roles;
}

}  // namespace

std::string_view text_argument(const char* text, std::string_view name, std::size_t bytes_max) {
  if (text == nullptr) refuse(name, "required", "Must not be NULL.");
  const std::size_t size = ::strnlen(text, bytes_max + 1);
  if (size > bytes_max) refuse(name, "text.too_long", "At most " + std::to_string(bytes_max) + " bytes.");
  const std::string_view view(text, size);
  if (!json::valid_utf8(view)) throw Failure(medflow::codes::invalid_utf8);
  return view;
}

std::string_view json_argument(const char* text) {
  return text == nullptr ? std::string_view("{}") : std::string_view(text, ::strnlen(text, json::bytes_max + 1));
}

const OperationRow& operation_argument(const char* name) {
  const OperationRow* row = find_operation(text_argument(name, "operation"));
  if (row == nullptr) throw Failure(medflow::codes::unknown_operation);
  return *row;
}

Value request_argument(const OperationRow& row, const char* json, bool with_content) {
  if (with_content && row.content == nullptr) refuse("content", "member.unknown", "This operation takes no content.");
  Value request(*row.request);
  json::Given given;
  if (with_content) given.add(*row.request, *row.content);
  Error error;
  const bool read = json::merge(json_argument(json), *row.request, request.data(), given, error);
  if (!read || !json::require(*row.request, given, error)) throw Failure(std::move(error));
  return request;
}

namespace {

/// `root_key` comes first: a wrong key leaves no folder behind.
PlatformOptions opened(const Options& given, const config::EngineUrl& engine,
                       std::shared_ptr<RootKeyProvider> root_key) {
  PlatformOptions options;
  options.root_key = std::move(root_key);
  if (given.checkpoint_folder)
    options.checkpoint_sinks = {
        file_checkpoint_sink(outside_path("checkpoint_folder", *given.checkpoint_folder, engine))};
  options.deployment = given.deployment;
  options.pdf_printer = pdf::printer();
  try {
    options.engine = config::open_engine(engine);
  } catch (const config::Refused& refused) {
    refuse("engine", "engine.refused", refused.lines().front());
  }
  options.create = given.create;
  options.access_ttl_s = given.access_ttl_s;
  options.refresh_ttl_s = given.refresh_ttl_s;
  options.password_memory_kib = given.password_memory_kib;
  options.password_passes = given.password_passes;
  return options;
}

}  // namespace

PlatformOptions options_argument(const char* json, const void* root_key, std::size_t root_key_bytes) {
  const auto given = decoded<Options>(json);
  const config::EngineUrl engine = engine_argument(given);
  return opened(given, engine, root_key_argument(given, engine, root_key, root_key_bytes));
}

PlatformOptions options_argument(const char* json, std::string_view passphrase) {
  const auto given = decoded<Options>(json);
  const config::EngineUrl engine = engine_argument(given);
  if (!given.root_key_file) refuse("root_key_file", "required", "The file whose key the passphrase opens.");
  return opened(given, engine, passphrase_root_key(key_path(*given.root_key_file, engine), passphrase));
}

PlatformOptions options_argument(const char* json, const KeyFunctions& functions) {
  const auto given = decoded<Options>(json);
  const config::EngineUrl engine = engine_argument(given);
  if (given.root_key_file) refuse("root_key_file", "root_key.one", "The functions keep the root key; give no file.");
  return opened(given, engine, functions_argument(functions));
}

Principal principal_argument(const char* json) {
  auto given = decoded<PrincipalText>(json);
  return {.issuer = std::move(given.issuer),
          .subject = std::move(given.subject),
          .display_name = std::move(given.display_name),
          .roles = roles_of(given.roles),
          .facilities = std::move(given.facilities),
          .practitioner_id = given.practitioner_id,
          .patient_id = given.patient_id,
          .custom_roles = std::move(given.custom_roles)};
}

CallContext caller_argument(const char* address, const char* user_agent, const char* request_id) {
  CallContext caller;
  if (address != nullptr) caller.address = text_argument(address, "address");
  if (user_agent != nullptr) caller.user_agent = text_argument(user_agent, "user_agent");
  if (request_id != nullptr) {
    caller.request_id = RequestId::parse(text_argument(request_id, "request_id"));
    if (!caller.request_id) refuse("request_id", "format.uuid", "Expected a UUID.");
  }
  return caller;
}

}  // namespace medflow::c
