// Every operation asked over HTTP: the server reads what was meant, and no URL says anything of a patient.
#include "adapters/cli/http_request.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "adapters/cli/connection.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/http/router.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/operations.hpp"
#include "tests/adapters/http/raw_client.hpp"

using namespace medflow;

namespace {

/// What no URL may hold, and what could be read as something else in every place.
constexpr std::string_view canary = "Quetzal, \"R\xC3\xB6ntgen\" 50% + 'more' & so=on; \xC3\xA9t\xC3\xA9";
constexpr std::string_view file_bytes = "a file, or a table";
constexpr int depth_max = 4;

/// Makes a value that differs from the one that a request begins with.
void fill(const Type& type, void* at, int depth = 0) {
  switch (type.kind) {
    case Kind::boolean:
      return type.set_integer(at, type.get_integer(at) == 0 ? 1 : 0);
    case Kind::integer:
      return type.set_integer(at, 7);
    case Kind::text:
      *static_cast<std::string*>(at) = canary;
      return;
    case Kind::secret:
      *static_cast<Secret*>(at) = Secret("0123456789 is a secret");
      return;
    case Kind::enumeration:
      return type.set_integer(at, static_cast<std::int64_t>(type.words.size()) - 1);
    case Kind::uuid: {
      const Uuid id = Uuid::parse("0190b8a0-1234-7000-8000-00000000abcd").value();
      std::memcpy(at, &id, sizeof id);
      return;
    }
    case Kind::instant:
      *static_cast<Instant*>(at) = Instant::parse("2026-03-04T05:06:07Z").value();
      return;
    case Kind::date:
      *static_cast<Date*>(at) = Date::parse("2024-02-29").value();
      return;
    case Kind::partial_date:
      *static_cast<PartialDate*>(at) = PartialDate::parse("1980-05").value();
      return;
    case Kind::time:
      *static_cast<TimeOfDay*>(at) = TimeOfDay::parse("08:30").value();
      return;
    case Kind::local_date_time:
      *static_cast<LocalDateTime*>(at) = LocalDateTime::parse("2026-03-04T08:30").value();
      return;
    case Kind::zone:
      static_cast<Zone*>(at)->id = "Europe/London";
      return;
    case Kind::currency:
      *static_cast<Currency*>(at) = Currency::parse("GBP").value();
      return;
    case Kind::money:
      *static_cast<Money*>(at) = Money{.minor = 1234, .currency = Currency::parse("GBP").value()};
      return;
    case Kind::object:
      for (const Field& field : type.fields) fill(*field.type, field.at(at), depth + 1);
      return;
    case Kind::list:
      clear_list(type, at);
      for (int i = 0; i < 2 && depth < depth_max; ++i) fill(*type.element, type.append(at), depth + 1);
      return;
    case Kind::optional:
    case Kind::change:
      if (depth < depth_max) fill(*type.element, type.emplace(at), depth + 1);
      return;
    case Kind::content:
      *static_cast<Content*>(at) = Content::of("text/csv", std::string(file_bytes));
      return;
    case Kind::stream:
      return;
  }
}

/// A request that says all that it can, or no more than it must.
Value request_of(const OperationRow& row, bool all) {
  Value request(*row.request);
  for (const Field& field : row.request->fields)
    if (all || field.is(required) || &field == row.content || json::place_of(row, field) == json::Place::path)
      fill(*field.type, field.at(request.data()));
  return request;
}

boost::json::value json_of(const Value& request, const Type& type) {
  std::string text;
  json::encode(type, request.data(), text, json::Secrets::write);
  return boost::json::parse(text);
}

/// What an operation was asked with.
struct Seen {
  const OperationRow* row = nullptr;
  Value request{};
  std::string content{};
};

class Listening final : public http::Backend {
 public:
  explicit Listening(Seen& seen) : seen_(seen) {}
  Session visit(std::string_view) override { return Session(nullptr); }
  Result<Session> authenticate(std::string_view) override { return Session(nullptr); }
  http::RateKey principal(const Session&) override { return {}; }
  bool may(const Session&, const OperationRow&) override { return true; }
  void submit(const Session&, const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
              CallContext) override {
    if (row.content != nullptr)
      seen_.content = static_cast<const Content*>(row.content->at(request.data()))->read_all(1000).value();
    seen_.row = &row;
    seen_.request = std::move(request);
    Value output(*row.output);
    if (row.shape == Shape::stream)
      *static_cast<Stream*>(output.data()) = {.media_type = "text/plain",
                                              .pull = [](std::span<std::byte>) -> Result<std::size_t> { return 0; }};
    done(Reply{.output = std::move(output)});
  }

 private:
  Seen& seen_;
};

}  // namespace

TEST_CASE("CLI-1: every operation can be asked over a server, with all of its members and with the fewest") {
  Seen seen;
  http::Router router(std::make_unique<Listening>(seen), operations(), {});
  const things::RunningServer running(router);
  const auto server = cli::connect_to("http://127.0.0.1:" + std::to_string(running.port()), "v1");
  for (const bool all : {true, false})
    for (const OperationRow& row : operations()) {
      CAPTURE(row.operation->name);
      CAPTURE(all);
      Value request = request_of(row, all);
      const auto meant = json_of(request, *row.request);
      cli::Caller caller{.tenant = "north"};
      if (row.operation->permission != Permission::anonymous) caller.access_token = "token";
      seen = {};
      try {
        server->call(row, std::move(request), caller, [](std::span<const std::byte>) {});
      } catch (const cli::Trouble& trouble) {
        FAIL_CHECK(trouble.what());
        continue;
      }
      REQUIRE(seen.row != nullptr);
      // A list may be asked for by its form with a body, which can be an operation of its own.
      if (row.shape != Shape::page) CHECK(seen.row->operation->name == row.operation->name);
      CHECK(json_of(seen.request, *seen.row->request) == meant);
      if (row.content != nullptr) CHECK(seen.content == file_bytes);
    }
}

TEST_CASE("R15: no URL that the command line makes holds what is PHI, and what it says there is said elsewhere") {
  for (const OperationRow& row : operations()) {
    CAPTURE(row.operation->name);
    Value request = request_of(row, true);
    const cli::HttpRequest made = cli::http_request(row, request);
    const std::string query = made.target.substr(std::min(made.target.find('?'), made.target.size()));
    for (const Field& field : row.request->fields) {
      if (!field.is(phi)) continue;
      CAPTURE(field.name);
      CHECK(json::place_of(row, field) != json::Place::path);
      CHECK(query.find("?" + std::string(field.name) + "=") == std::string::npos);
      CHECK(query.find("&" + std::string(field.name) + "=") == std::string::npos);
    }
  }
}

TEST_CASE("CLI-1, R15: what is deleted with a reason has no body, and the reason in a header; an export is a POST") {
  const OperationRow& remove = *find_operation("patients.delete");
  patients::Delete deleted{.revision = 3, .reason = "R\xC3\xB6ntgen, twice"};
  fill(type_of<PatientId>, &deleted.id);
  Value request = Value::of(*remove.request, deleted);
  const cli::HttpRequest made = cli::http_request(remove, request);
  CHECK(made.method == "DELETE");
  CHECK(made.target == "/patients/0190b8a0-1234-7000-8000-00000000abcd?revision=3");
  CHECK_FALSE(made.body);
  REQUIRE(made.headers.size() == 1);
  CHECK(made.headers[0].first == "Medflow-Reason");
  CHECK(made.headers[0].second == "UTF-8''R%C3%B6ntgen%2C%20twice");

  const OperationRow& take = *find_operation("patients.export");
  patients::Export exported{.reason = "for the next hospital"};
  fill(type_of<PatientId>, &exported.id);
  request = Value::of(*take.request, exported);
  const cli::HttpRequest asked = cli::http_request(take, request);
  CHECK(asked.method == "POST");
  CHECK(asked.target == "/patients/0190b8a0-1234-7000-8000-00000000abcd/export");
  REQUIRE(asked.body);
  CHECK(asked.body->find(R"("reason":"for the next hospital")") != std::string::npos);
}
