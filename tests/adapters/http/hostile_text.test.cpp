// Texts that have broken other programs, through every text field of every operation that the worked example shows: the Big List of
// Naughty Strings and the string tokens of JSONTestSuite. What is accepted comes back unchanged but for NFC (R4); what is not is refused,
// with the field's pointer. Nothing is an internal error.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "adapters/http/uri.hpp"
#include "tests/adapters/http/walk.hpp"
#include "tests/support/shared_data.hpp"
#include "text/utf8.hpp"

using namespace medflow;
using things::HttpHospital;
using things::Walk;
namespace bj = boost::json;

namespace {

/// A JSON token as it stands in a request, and what it says; nothing where it must not be read.
struct Token {
  std::string raw{};
  std::optional<std::string> text{};
  bool must_fail = false;
};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<std::string> text_of(const std::string& raw) {
  boost::system::error_code why;
  const bj::value value = bj::parse(raw, why);
  if (why || !value.is_string()) return std::nullopt;
  return std::string(value.as_string());
}

std::vector<Token> tokens() {
  const std::filesystem::path strings = testing::shared_data("text/blns.json");
  const std::filesystem::path suite = testing::shared_data("json/JSONTestSuite");
  std::vector<Token> all;
  if (strings.empty() || suite.empty()) return all;
  const bj::value naughty = bj::parse(content_of(strings));
  for (const bj::value& one : naughty.as_array())
    all.push_back({.raw = bj::serialize(one), .text = std::string(one.as_string())});
  for (const auto& entry : std::filesystem::recursive_directory_iterator(suite)) {
    const std::string name = entry.path().filename().string();
    if (name.find("string") == std::string::npos || !name.ends_with(".json")) continue;
    std::string raw = content_of(entry.path());
    if (raw.size() < 2 || raw.front() != '[' || raw.back() != ']' || raw.find(',') != std::string::npos) continue;
    raw = raw.substr(1, raw.size() - 2);
    all.push_back({.raw = raw, .text = text_of(raw), .must_fail = name.starts_with("n_")});
  }
  return all;
}

/// The pointers of the texts of a request's body, of lists the first item's.
void text_pointers(const Type& type, const std::string& place, std::vector<std::string>& found) {
  switch (type.kind) {
    case Kind::text:
    case Kind::secret:
      found.push_back(place);
      return;
    case Kind::optional:
    case Kind::change:
      return text_pointers(*type.element, place, found);
    case Kind::list:
      return text_pointers(*type.element, place + "/0", found);
    case Kind::object:
      for (const Field& field : type.fields) text_pointers(*field.type, place + "/" + std::string(field.name), found);
      return;
    default:
      return;
  }
}

/// A patient of whom everything is said.
constexpr std::string_view whole_patient =
    R"({"names":[{"use":"official","family":"Field","given":["Finn"],"prefix":"Dr","suffix":"Jr","script":"Latn"}],)"
    R"("birth":{"date":"1980-05-12"},"sex_admin":"male","gender_identity":"male",)"
    R"("identifiers":[{"system":"urn:example:national","value":"NX-{{run}}","type":"NI","issuer":"The Registry"}],)"
    R"("phones":[{"e164":"+442071234567"}],"emails":["finn-{{run}}@example.org"],)"
    R"("addresses":[{"lines":["1 Mill Road"],"city":"Leeds","region":"Yorkshire","postal":"LS1","country":"GB"}],)"
    R"("language":"en","deceased":{"deceased":true,"at":"2020-01-01","cause":"old age"},"flags":[{"code":"falls"}],)"
    R"("extensions":[{"url":"urn:example:note","value":"a note"}])";

bool fills_invoice(const json::Example& example) {
  return example.operation == "invoices.create" || example.operation == "invoices.update" ||
         example.operation == "invoices.bill";
}

std::string base_body(const json::Example& example) {
  if (example.operation == "patients.register") return std::string(whole_patient) + "}";
  if (example.operation == "patients.update" || example.operation == "patients.patch")
    return std::string(whole_patient) + R"(,"revision":{{patient_revision}}})";
  // With prices that are said, so that none has to be in whatever list is tried, and all that can be said of a line.
  if (fills_invoice(example)) {
    const std::string who = example.operation == "invoices.update"
                                ? R"("revision":{{invoice_revision}})"
                                : R"("patient_id":"{{patient_id}}","facility_id":"{{home_id}}")";
    return "{" + who +
           R"(,"lines":[{"description":"a","price_micro":1000000,"discount":{"kind":"fixed","value":1,"reason":"a"}}],)"
           R"("discount":{"kind":"fixed","value":1,"reason":"a"},"shares":[{"payer_id":"{{payer_id}}","amount":1}],)"
           R"("extensions":[{"url":"urn:example:note","value":"a"}]})";
  }
  // Of as much as anybody can pay, to no invoice.
  if (example.operation == "payments.record")
    return R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}","method":"card","amount":1,)"
           R"("keep_as_deposit":true})";
  // By now the calendar is there.
  if (example.operation == "schedules.set")
    return R"({"revision":{{schedule_revision}},)" + std::string(example.body.substr(1));
  return std::string(example.body);
}

/// Who asks it: lines whose prices are said are a billing clerk's, which the nurse is as well.
json::Example asked_by(json::Example example) {
  if (fills_invoice(example)) example.caller = "nurse";
  return example;
}

/// The body with a token at a place, what the place lies in being made where it is not there.
std::string with_token(const std::string& body, const std::string& pointer, const std::string& raw) {
  constexpr std::string_view mark = "(here)";
  bj::value value = bj::parse(body);
  bj::value* at = &value;
  for (std::size_t from = 1; from <= pointer.size();) {
    const std::size_t end = std::min(pointer.find('/', from), pointer.size());
    const std::string part = pointer.substr(from, end - from);
    if (part == "0") {
      if (!at->is_array() || at->as_array().empty()) *at = bj::array{nullptr};
      at = &at->as_array()[0];
    } else {
      if (!at->is_object()) *at = bj::object{};
      at = &at->as_object()[part];
    }
    from = end + 1;
  }
  *at = bj::string(mark);
  std::string text = bj::serialize(value);
  text.replace(text.find("\"" + std::string(mark) + "\""), mark.size() + 2, raw);
  return text;
}

/// What an example asks beside the parameter `name`, with an "&" after each: some ask for what is needed.
std::string query_beside(std::string_view query, std::string_view name) {
  std::string rest;
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    if (one.substr(0, one.find('=')) != name) rest.append(one).append("&");
    query.remove_prefix(std::min(one.size() + 1, query.size()));
  }
  return rest;
}

/// Asks the router itself: these are too many calls for a connection each.
things::Received ask(HttpHospital& hospital, const OperationRow& row, const std::string& target,
                     const std::string& token, std::string body) {
  const std::string method = Walk::method_of(row);
  const std::string key = Walk::fresh_key();
  const std::string bearer = "Bearer " + token;
  std::vector<http::HeaderField> fields;
  if (!token.empty()) fields.push_back({"Authorization", bearer});
  if (!body.empty()) fields.push_back({"Content-Type", "application/json"});
  if (row.operation->key_required) fields.push_back({"Idempotency-Key", key});
  std::promise<http::Response> promise;
  auto future = promise.get_future();
  hospital.router.handle({.method = method, .target = target, .fields = fields, .body = std::move(body)},
                         [&](http::Answer answer) { promise.set_value(std::move(answer).render()); });
  const http::Response response = future.get();
  return {.status = response.status, .head = "\r\n" + response.headers, .body = response.body};
}

bool points_to(const bj::value& problem, const std::string& pointer) {
  for (const bj::value& error : problem.at("errors").as_array()) {
    const std::string place(error.at("pointer").as_string());
    // A list may be refused as a whole, and a cursor or a query names its member.
    if (place == pointer || pointer.starts_with(place + "/") || place.starts_with(pointer + "/")) return true;
  }
  return false;
}

/// Whether all that is wrong is what the item that was made for the token lacks beside it.
bool only_lacks(const bj::value& problem, const std::string& pointer) {
  const std::string item = pointer.substr(0, pointer.rfind('/') + 1);
  const auto& errors = problem.at("errors").as_array();
  return item.find("/0/") != std::string::npos &&
         std::all_of(errors.begin(), errors.end(), [&](const bj::value& error) {
           return error.at("code") == "required" && error.at("pointer").as_string().starts_with(item);
         });
}

struct Tally {
  std::size_t accepted = 0;
  std::size_t refused = 0;
};

/// What is wrong with the answer to a request with `token` at `pointer`; empty where nothing is.
std::string fault_of(const things::Received& received, const Token& token, const std::string& pointer, Tally& tally) {
  if (received.status >= 500) return "an internal error: " + received.body;
  if (received.status >= 300) {
    ++tally.refused;
    const bj::value problem = bj::parse(received.body);
    if (problem.at("code") == "text.invalid_utf8") return {};  // the body as a whole is no UTF-8
    if (problem.at("code") == "reason.required" && pointer == "/reason_code") return {};  // an empty one is none
    if (received.status == 422 && !points_to(problem, pointer) && !only_lacks(problem, pointer))
      return "refused for something else: " + received.body;
    static const std::set<int> known{400, 401, 403, 404, 409, 410, 422, 423, 429};
    return known.contains(received.status) ? "" : "an unexpected status: " + received.body;
  }
  ++tally.accepted;
  if (token.must_fail) return "accepted what is no JSON";
  if (!token.text || token.text->empty() || received.body.empty()) return {};  // an empty text is none
  std::string wanted = *token.text;
  if (!text::valid_utf8(wanted)) return "accepted what is no UTF-8";
  text::make_nfc(wanted);
  const bj::value body = bj::parse(received.body);
  for (const char* prefix : {"", "/user"}) {
    boost::system::error_code why;
    const bj::value* there = body.find_pointer(prefix + pointer, why);
    if (there == nullptr || !there->is_string()) continue;
    return there->as_string() == wanted ? "" : "came back altered";
  }
  return {};
}

/// What was tried of a sign-in is not held against the next one (USR-3): a minute goes by, and the counts of all accounts are cleared.
void forgive(HttpHospital& hospital) {
  hospital.inside.clock->advance_s(61);
  const Session admin = testing::must(hospital.inside.platform.authenticate(hospital.token(Role::tenant_admin)));
  for (const users::User& user : testing::must(admin.call(users::List{.limit = 200})).data)
    testing::must(admin.call(users::ClearThrottle{.id = user.id}));
}

/// Who is dead books no visits (PAT-12): whom the texts about a death were tried on lives again.
void revive(HttpHospital& hospital, Walk& walk) {
  const Session doctor = testing::must(hospital.inside.platform.authenticate(walk.variable("doctor_token")));
  const auto patient = testing::must(doctor.call(patients::Get{.id = *PatientId::parse(walk.variable("patient_id"))}));
  const auto alive = testing::must(doctor.call(patients::Patch{
      .id = patient.id, .revision = patient.revision, .deceased = Change<patients::DeceasedPatch>::removed()}));
  walk.variable("patient_revision") = std::to_string(alive.revision);
}

/// Operations that hash passwords or make whole tenants take one text in twenty.
std::size_t step_of(std::string_view operation) {
  if (operation.starts_with("auth.") || operation == "tenants.provision") return 20;
  // Drafts, payments and what stands on them: each is sealed for its patient, and some are posted.
  for (const std::string_view module :
       {"invoices.", "credit_notes.", "write_offs.", "payments.", "refunds.", "coverages.", "prices.", "payers.",
        "tax_codes.", "fee_rules.", "cash_shifts.", "ledger."})
    if (operation.starts_with(module)) return 7;
  // Each of them is checked against the chart, which grows with them.
  for (const std::string_view module : {"records.", "vitals.", "lab_results.", "medications.", "encounters."})
    if (operation.starts_with(module)) return 7;
  return 1;
}

/// Whether what follows needs it as the example has it, under a code of its own.
bool is_made_again(const json::Example& example) {
  return example.operation == "tax_codes.create" || example.operation == "prices.create" ||
         example.operation == "payers.create" || example.operation == "invoices.update" ||
         (example.operation == "payments.record" && example.body.find("\"pending\"") != std::string_view::npos);
}

/// What a query says beside one member: "&limit=5".
std::string others_of(std::string_view query, std::string_view member) {
  std::string others;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    if (query.substr(0, query.find('=')) != member) others.append("&").append(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return others;
}

struct Tour {
  const std::vector<Token>& all;
  Tally tally{};
  std::size_t fields = 0;
  int run = 1000;

  /// The worked example from its beginning to its end, and of the operations that `tried` names each text field with each token.
  void walk_through(const std::function<bool(std::string_view)>& tried);
  void try_fields(HttpHospital& hospital, Walk& walk, const json::Example& example);
};

void Tour::walk_through(const std::function<bool(std::string_view)>& tried) {
  HttpHospital hospital;
  Walk walk(hospital);
  for (const json::Example& example : json::examples()) {
    const OperationRow& row = *find_operation(example.operation);
    if (example.operation.starts_with("auth.")) forgive(hospital);
    walk.variable("run") = std::to_string(++run);
    const things::Received whole = walk.make(example);
    REQUIRE_MESSAGE(whole.status == row.operation->status, example.operation, " ", walk.filled(example.body), " ",
                    whole.body);
    if (example.content_type != "application/json" || !tried(example.operation)) continue;
    try_fields(hospital, walk, example);
    if (example.operation == "patients.patch") revive(hospital, walk);
    if (is_made_again(example)) {
      walk.variable("run") = std::to_string(++run);
      REQUIRE(walk.make(example).status == row.operation->status);
    }
  }
}

/// Whether it lies in a member of a record's content that the example does not have: records of its kind are tried by their own examples.
bool is_of_another_kind(const json::Example& example, const std::string& pointer) {
  constexpr std::string_view content = "/content/";
  if (!pointer.starts_with(content) || example.content_type != "application/json") return false;
  const std::string member = pointer.substr(content.size(), pointer.find('/', content.size()) - content.size());
  // Codes stand in other members as well; the content's own comes first.
  const std::string wanted = (member == "code" ? "\"content\":{\"" : "\"") + member + "\":";
  return example.body.find(wanted) == std::string_view::npos;
}

void Tour::try_fields(HttpHospital& hospital, Walk& walk, const json::Example& example) {
  const OperationRow& row = *find_operation(example.operation);
  std::vector<std::string> pointers;
  text_pointers(*row.request, "", pointers);
  const bool in_url = row.operation->method == Method::get || row.operation->method == Method::del;
  for (const std::string& pointer : pointers) {
    // A visit is moved ten times at most; what is said of who takes part is tried where it is booked.
    if (example.operation == "appointments.update" && pointer.starts_with("/resources")) continue;
    // The uploads that come later are of types that are taken.
    if (example.operation == "settings.update" && pointer.starts_with("/file_types")) continue;
    if (is_of_another_kind(example, pointer)) continue;
    ++fields;
    std::size_t faults = 0;
    for (std::size_t i = fields % step_of(example.operation); i < all.size(); i += step_of(example.operation)) {
      const Token& token = all[i];
      walk.variable("run") = std::to_string(++run);
      std::string target = walk.target_of({.operation = example.operation});
      std::string body;
      if (in_url) {
        if (!token.text) continue;
        target += "?" + query_beside(walk.filled(example.query), pointer.substr(1)) + pointer.substr(1) + "=" +
                  http::percent_encoded(*token.text);
        // Codes are those of a system; what is tried stands in the place of the example's.
        if (example.operation.starts_with("codes.")) target += others_of(example.query, pointer.substr(1));
      } else {
        const std::string base = base_body(example);
        body = with_token(walk.filled(base.empty() ? "{}" : base), pointer, token.raw);
      }
      const things::Received received = ask(hospital, row, target, walk.token_of(asked_by(example)), std::move(body));
      const std::string fault = fault_of(received, token, pointer, tally);
      CHECK_MESSAGE(fault.empty(), example.operation, " ", pointer, " ", token.raw.substr(0, 80), ": ", fault);
      faults += fault.empty() ? 0 : 1;
      if (faults > 3) break;
      if (received.status < 300) walk.keep(example, received);
    }
  }
}

}  // namespace

TEST_CASE("R4, API-2: naughty strings go through every text field unchanged, or are refused by name") {
  const std::vector<Token> all = tokens();
  if (all.empty()) return;
  REQUIRE(all.size() > 550);
  Tour tour{.all = all};
  // What reads the whole log is tried in a hospital of its own, whose log is short.
  const auto reads_all = [](std::string_view operation) {
    return operation == "audit.verify" || operation == "patients.export";
  };
  tour.walk_through([&](std::string_view operation) { return !reads_all(operation); });
  tour.walk_through(reads_all);
  CHECK(tour.fields > 60);
  MESSAGE("fields: " << tour.fields << ", accepted: " << tour.tally.accepted << ", refused: " << tour.tally.refused);
}

TEST_CASE(
    "R9: every text of JSONTestSuite as the body of every operation: what is no JSON is refused, nothing is an error "
    "of ours") {
  const std::filesystem::path folder = testing::shared_data("json/JSONTestSuite");
  if (folder.empty()) return;
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && name.ends_with(".json")) texts.emplace_back(name, content_of(entry.path()));
  }
  REQUIRE(texts.size() > 300);
  HttpHospital hospital;
  Walk walk(hospital);
  std::set<std::string_view> done;
  for (const json::Example& example : json::examples()) {
    const things::Received whole = walk.make(example);
    const OperationRow& row = *find_operation(example.operation);
    REQUIRE(whole.status == row.operation->status);
    const bool has_body = !example.body.empty() && example.content_type == "application/json";
    if (!has_body || !done.insert(example.operation).second) continue;
    for (const auto& named : texts) {
      const auto& [name, text] = named;
      if (text.empty()) continue;  // no body at all, which is no text
      const things::Received received = ask(hospital, row, walk.target_of(example), walk.token_of(example), text);
      CAPTURE(example.operation);
      CAPTURE(named.first);
      CHECK(received.status < 500);
      if (name.starts_with("n_")) CHECK((received.status == 400 || received.status == 422));
    }
  }
  CHECK(done.size() >= 15);
}
