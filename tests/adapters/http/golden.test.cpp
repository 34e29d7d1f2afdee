// Exchanges of the seed's routes, written by hand: golden/NN_name.http, made in their order in one hospital.
//
// A file is a title, a request (line, header, empty line, content), "==> STATUS", and the answer that is expected. {{name}} is a
// variable. In the answer a text "<id>", "<instant>", "<request>" or "<text>" stands for any such; "<id:name>" and "<text:name>" keep it.
// A header line must be there with this value, or not at all where the value is "<none>".
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/adapters/http/walk.hpp"

using namespace medflow;
namespace bj = boost::json;

namespace {

struct Part {
  std::string first_line{};
  std::vector<std::pair<std::string, std::string>> header{};
  std::string content{};
};

struct Golden {
  std::string title{};
  Part request{};
  Part answer{};
};

Part read_part(std::istream& in, std::string first_line) {
  Part part{.first_line = std::move(first_line)};
  std::string line;
  while (std::getline(in, line) && !line.empty()) {
    const std::size_t colon = line.find(": ");
    REQUIRE_MESSAGE(colon != std::string::npos, line);
    part.header.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return part;
}

Golden read_golden(const std::filesystem::path& path) {
  std::ifstream in(path);
  Golden golden;
  std::string line;
  std::getline(in, golden.title);
  std::getline(in, line);
  golden.request = read_part(in, line);
  while (std::getline(in, line) && !line.starts_with("==> ")) golden.request.content += line + "\n";
  REQUIRE_MESSAGE(line.starts_with("==> "), path.string(), ": no answer");
  golden.answer = read_part(in, line.substr(4));
  while (std::getline(in, line)) golden.answer.content += line + "\n";
  while (!golden.request.content.empty() && golden.request.content.back() == '\n') golden.request.content.pop_back();
  return golden;
}

class Variables {
 public:
  std::string& operator[](const std::string& name) { return all_[name]; }

  std::string filled(std::string_view text) const { return things::filled(text, all_); }

  /// Whether a value is as `wanted` says; what is to be kept is kept.
  bool fits(const std::string& wanted, const bj::value& value) {
    if (!wanted.starts_with('<') || !wanted.ends_with('>')) return value == bj::value(filled(wanted));
    if (!value.is_string()) return false;
    const std::string text(value.as_string());
    const std::size_t colon = std::min(wanted.find(':'), wanted.size() - 1);
    const std::string kind = wanted.substr(1, colon - 1);
    if (kind == "id" && !Uuid::parse(text)) return false;
    if (kind == "instant" && !(Instant::parse(text) && text.ends_with('Z'))) return false;
    if (kind == "request" && !(text.starts_with("/requests/") && Uuid::parse(text.substr(10)))) return false;
    if (kind == "text" && text.empty()) return false;
    if (colon + 1 < wanted.size()) all_[wanted.substr(colon + 1, wanted.size() - colon - 2)] = text;
    return true;
  }

 private:
  std::map<std::string, std::string> all_{};
};

/// Says where an answer differs; members that are not expected are a difference.
void compare(const bj::value& wanted, const bj::value& is, const std::string& place, Variables& variables) {
  CAPTURE(place);
  if (wanted.is_string()) {
    CHECK_MESSAGE(variables.fits(std::string(wanted.as_string()), is), bj::serialize(is), " is not ",
                  bj::serialize(wanted));
  } else if (wanted.is_object() && is.is_object()) {
    for (const auto& member : is.as_object())
      CHECK_MESSAGE(wanted.as_object().contains(member.key()), "there is more: ", std::string(member.key()));
    for (const auto& member : wanted.as_object()) {
      const bj::value* found = is.as_object().if_contains(member.key());
      CHECK_MESSAGE(found != nullptr, "there is no ", std::string(member.key()));
      if (found != nullptr) compare(member.value(), *found, place + "/" + std::string(member.key()), variables);
    }
  } else if (wanted.is_array() && is.is_array() && wanted.as_array().size() == is.as_array().size()) {
    for (std::size_t i = 0; i < wanted.as_array().size(); ++i)
      compare(wanted.as_array()[i], is.as_array()[i], place + "/" + std::to_string(i), variables);
  } else {
    CHECK_MESSAGE(wanted == is, bj::serialize(is), " is not ", bj::serialize(wanted));
  }
}

/// A doctor who can be booked at any time, and for what.
void open_calendar(things::HttpHospital& hospital, Variables& variables) {
  const Session admin = hospital.inside.as(Role::tenant_admin);
  const auto doctor =
      testing::must(admin.call(doctors::Create{.name = "Dr Vera Vale", .facilities = {hospital.inside.home}}));
  schedules::Set always{.id = doctor.id.uuid};
  for (int weekday = 0; weekday < 7; ++weekday)
    always.windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = hospital.inside.home});
  testing::must(admin.call(std::move(always)));
  variables["doctor"] = doctor.id.text();
  variables["service"] = testing::must(admin.call(services::Create{.code = "VISIT", .name = "Visit"})).id.text();
}

void make(const Golden& golden, const things::HttpHospital& hospital, Variables& variables) {
  const std::string line = variables.filled(golden.request.first_line);
  const std::size_t space = line.find(' ');
  std::string header;
  std::string type;
  for (const auto& [name, value] : golden.request.header) {
    if (name == "Content-Type") {
      type = value;
    } else {
      header += name + ": " + variables.filled(value) + "\r\n";
    }
  }
  const things::Received received = hospital.ask(line.substr(0, space), line.substr(space + 1), {},
                                                 variables.filled(golden.request.content), header, type);
  REQUIRE_MESSAGE(std::to_string(received.status) == golden.answer.first_line, received.body);
  const bool has_content = golden.answer.content.find_first_not_of('\n') != std::string::npos;
  CHECK(has_content == !received.body.empty());
  if (has_content) compare(bj::parse(golden.answer.content), bj::parse(received.body), "", variables);
  for (const auto& field : golden.answer.header) {
    INFO(field.first);
    CHECK(received.header(field.first) == (field.second == "<none>" ? "" : variables.filled(field.second)));
  }
}

}  // namespace

TEST_CASE("API-7: the golden exchanges of the seed's routes hold") {
  things::HttpHospital hospital;
  Variables variables;
  variables["tenant"] = hospital.inside.slug();
  variables["password"] = testing::Hospital::password;
  variables["admin_email"] = testing::Hospital::email_of(Role::tenant_admin);
  variables["reception_email"] = hospital.inside.member(Role::receptionist).email;
  variables["facility"] = hospital.inside.home.text();
  open_calendar(hospital, variables);

  std::vector<std::filesystem::path> files;
  const std::string folder = std::string(MEDFLOW_SOURCE_DIR) + "/tests/adapters/http/golden";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CHECK(files.size() >= 20);
  for (const auto& file : files) {
    CAPTURE(file.filename().string());
    make(read_golden(file), hospital, variables);
  }
}
