// A few operations on things, and a backend that remembers what it was asked and answers what a test wants.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/router.hpp"
#include "medflow/operation.hpp"
#include "medflow/page.hpp"
#include "medflow/secret.hpp"

namespace things {

using namespace medflow;

using ThingId = Id<struct ThingTag>;

struct Part {
  std::string label{};
};

struct Thing {
  ThingId id{};
  std::uint64_t revision = 0;
  std::string name{};
};

struct Make {
  using Output = Thing;
  std::string name{};
  std::vector<Part> parts{};
  std::optional<std::uint32_t> size{};
  static constexpr Operation operation{.name = "things.make",
                                       .method = Method::post,
                                       .path = "/things",
                                       .permission = Permission::session,
                                       .effect = Effect::write,
                                       .summary = "Make",
                                       .object = "thing",
                                       .status = 201};
};

struct Get {
  using Output = Thing;
  ThingId id{};
  static constexpr Operation operation{.name = "things.get",
                                       .method = Method::get,
                                       .path = "/things/{id}",
                                       .permission = Permission::session,
                                       .summary = "Get",
                                       .object = "thing"};
};

struct List {
  using Output = Page<Thing>;
  std::string name{};
  std::vector<std::string> tags{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};
  static constexpr Operation operation{.name = "things.list",
                                       .method = Method::get,
                                       .path = "/things",
                                       .permission = Permission::session,
                                       .summary = "List",
                                       .object = "thing"};
};

/// A list without a search of its own.
struct ListParts {
  using Output = Page<Thing>;
  std::string name{};
  std::vector<std::string> tags{};
  std::uint32_t limit = page_limit_default;
  static constexpr Operation operation{.name = "parts.list",
                                       .method = Method::get,
                                       .path = "/parts",
                                       .permission = Permission::session,
                                       .summary = "List",
                                       .object = "part"};
};

struct Search {
  using Output = Page<Thing>;
  std::string name{};
  static constexpr Operation operation{.name = "things.search",
                                       .method = Method::post,
                                       .path = "/things/search",
                                       .permission = Permission::session,
                                       .summary = "Search",
                                       .object = "thing"};
};

struct Update {
  using Output = Thing;
  ThingId id{};
  std::optional<std::uint64_t> revision{};
  std::string name{};
  static constexpr Operation operation{.name = "things.update",
                                       .method = Method::put,
                                       .path = "/things/{id}",
                                       .permission = Permission::session,
                                       .effect = Effect::write,
                                       .summary = "Update",
                                       .object = "thing"};
};

struct Delete {
  using Output = Done;
  ThingId id{};
  std::string reason{};
  std::string reason_code{};
  static constexpr Operation operation{.name = "things.delete",
                                       .method = Method::del,
                                       .path = "/things/{id}",
                                       .permission = Permission::session,
                                       .effect = Effect::write,
                                       .summary = "Delete",
                                       .object = "thing",
                                       .status = 204,
                                       .reason_required = true};
};

struct Login {
  using Output = Thing;
  std::string email{};
  Secret password{};
  static constexpr Operation operation{.name = "auth.login",
                                       .method = Method::post,
                                       .path = "/auth/login",
                                       .permission = Permission::anonymous,
                                       .effect = Effect::write,
                                       .summary = "Sign in",
                                       .object = "session"};
};

struct Logout {
  using Output = Done;
  static constexpr Operation operation{.name = "auth.logout",
                                       .method = Method::post,
                                       .path = "/auth/logout",
                                       .permission = Permission::session,
                                       .effect = Effect::write,
                                       .summary = "Sign out",
                                       .object = "session",
                                       .status = 204};
};

struct Export {
  using Output = Stream;
  static constexpr Operation operation{.name = "things.export",
                                       .method = Method::get,
                                       .path = "/things/export",
                                       .permission = Permission::session,
                                       .summary = "Export",
                                       .object = "thing"};
};

struct Import {
  using Output = Thing;
  std::uint32_t first_line = 1;
  Content content{};
  static constexpr Operation operation{.name = "things.import",
                                       .method = Method::post,
                                       .path = "/things/import",
                                       .permission = Permission::session,
                                       .effect = Effect::write,
                                       .summary = "Import",
                                       .object = "thing"};
};

}  // namespace things

namespace medflow::inline v1 {

template <>
struct Described<things::Part> {
  static constexpr std::string_view name = "Part";
  static constexpr Field fields[] = {field<&things::Part::label>(1, "label", required)};
};
template <>
struct Described<things::Thing> {
  static constexpr std::string_view name = "Thing";
  static constexpr std::string_view page_name = "ThingPage";
  static constexpr Field fields[] = {field<&things::Thing::id>(1, "id"), field<&things::Thing::revision>(2, "revision"),
                                     field<&things::Thing::name>(3, "name")};
};
template <>
struct Described<things::Make> {
  static constexpr std::string_view name = "MakeThing";
  static constexpr Field fields[] = {field<&things::Make::name>(1, "name", required),
                                     field<&things::Make::parts>(2, "parts"), field<&things::Make::size>(3, "size")};
};
template <>
struct Described<things::Get> {
  static constexpr std::string_view name = "GetThing";
  static constexpr Field fields[] = {field<&things::Get::id>(1, "id", required)};
};
template <>
struct Described<things::List> {
  static constexpr std::string_view name = "ListThings";
  static constexpr Field fields[] = {field<&things::List::name>(1, "name", phi), field<&things::List::tags>(2, "tags"),
                                     field<&things::List::limit>(3, "limit"),
                                     field<&things::List::cursor>(4, "cursor")};
};
template <>
struct Described<things::ListParts> {
  static constexpr std::string_view name = "ListParts";
  static constexpr Field fields[] = {field<&things::ListParts::name>(1, "name", phi),
                                     field<&things::ListParts::tags>(2, "tags"),
                                     field<&things::ListParts::limit>(3, "limit")};
};
template <>
struct Described<things::Search> {
  static constexpr std::string_view name = "SearchThings";
  static constexpr Field fields[] = {field<&things::Search::name>(1, "name", phi)};
};
template <>
struct Described<things::Update> {
  static constexpr std::string_view name = "UpdateThing";
  static constexpr Field fields[] = {field<&things::Update::id>(1, "id", required),
                                     field<&things::Update::revision>(2, "revision"),
                                     field<&things::Update::name>(3, "name")};
};
template <>
struct Described<things::Delete> {
  static constexpr std::string_view name = "DeleteThing";
  static constexpr Field fields[] = {field<&things::Delete::id>(1, "id", required),
                                     field<&things::Delete::reason>(2, "reason", header),
                                     field<&things::Delete::reason_code>(3, "reason_code")};
};
template <>
struct Described<things::Login> {
  static constexpr std::string_view name = "LoginHere";
  static constexpr Field fields[] = {field<&things::Login::email>(1, "email", required),
                                     field<&things::Login::password>(2, "password", required | secret)};
};
template <>
struct Described<things::Logout> {
  static constexpr std::string_view name = "LogoutHere";
  static constexpr std::span<const Field> fields{};
};
template <>
struct Described<things::Export> {
  static constexpr std::string_view name = "ExportThings";
  static constexpr std::span<const Field> fields{};
};
template <>
struct Described<things::Import> {
  static constexpr std::string_view name = "ImportThings";
  static constexpr Field fields[] = {field<&things::Import::first_line>(1, "first_line"),
                                     field<&things::Import::content>(2, "content", required)};
};

}  // namespace medflow::inline v1

namespace things {

template <class Op>
OperationRow row(Shape shape = Shape::value, const Field* content = nullptr) {
  return {.operation = &Op::operation,
          .request = &type_of<Op>,
          .output = &type_of<typename Op::Output>,
          .shape = shape,
          .content = content};
}

inline std::span<const OperationRow> rows() {
  static const std::vector<OperationRow> all{row<Make>(),
                                             row<Get>(),
                                             row<List>(Shape::page),
                                             row<ListParts>(Shape::page),
                                             row<Search>(Shape::page),
                                             row<Update>(),
                                             row<Delete>(),
                                             row<Login>(),
                                             row<Logout>(),
                                             row<Export>(Shape::stream),
                                             row<Import>(Shape::value, &Described<Import>::fields[1])};
  return all;
}

/// Answers at once, on the caller's thread, unless `hold` is set: then when `release` is called.
class FakeBackend : public http::Backend {
 public:
  using Handler = std::function<Result<Reply>(const OperationRow&, Value&)>;

  Session visit(std::string_view tenant) override {
    visited = tenant;
    return Session(nullptr);
  }
  Result<Session> authenticate(std::string_view token) override {
    if (token != "good") return Error{.code = codes::unauthenticated};
    return Session(nullptr);
  }
  void submit(const Session&, const OperationRow& what, Value request, std::function<void(Result<Reply>)> done,
              CallContext with) override {
    called = what.operation->name;
    context = std::move(with);
    Result<Reply> result = handler ? handler(what, request) : Result<Reply>(Error{.code = codes::internal});
    if (hold) {
      held.emplace_back([done = std::move(done), shared = std::make_shared<Result<Reply>>(std::move(result))] {
        done(std::move(*shared));
      });
    } else {
      done(std::move(result));
    }
  }
  void release() {
    for (const auto& one : std::exchange(held, {})) one();
  }

  template <class Op>
  void on(std::function<Result<typename Op::Output>(Op&)> answer) {
    handlers_[Op::operation.name] = [answer = std::move(answer)](const OperationRow& what,
                                                                 Value& request) -> Result<Reply> {
      auto output = answer(*static_cast<Op*>(request.data()));
      if (!output.ok()) return output.error();
      return Reply{.output = Value::of(*what.output, std::move(*output))};
    };
    handler = [this](const OperationRow& what, Value& request) -> Result<Reply> {
      const auto found = handlers_.find(what.operation->name);
      if (found == handlers_.end()) return Error{.code = codes::internal};
      return found->second(what, request);
    };
  }

  std::string visited{"(nobody)"};
  std::string called{};
  CallContext context{};
  Handler handler{};
  bool hold = false;
  std::vector<std::function<void()>> held{};

 private:
  std::map<std::string_view, Handler> handlers_{};
};

inline ThingId some_id() { return *ThingId::parse("0190b8a0-1234-7000-8000-00000000abcd"); }

}  // namespace things
