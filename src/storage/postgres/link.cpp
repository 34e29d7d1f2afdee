#include "storage/postgres/link.hpp"

#include <utility>

namespace medflow::inline v1::storage::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
struct FreeText {
  void operator()(char* text) const { PQfreemem(text); }
};

std::string part_of(const std::string& url, std::string_view wanted) {
  char* trouble = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options{PQconninfoParse(url.c_str(), &trouble)};
  const std::unique_ptr<char, FreeText> its_trouble{trouble};  // may repeat the password
  if (!options) throw Fault{FaultKind::misuse, "postgresql", "not a URL that libpq reads"};
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == wanted && option->val != nullptr) return option->val;
  }
  return {};
}

FaultKind kind_of(std::string_view state) {
  if (state == "53100") return FaultKind::full;
  if (state.starts_with("XX")) return FaultKind::corrupt;
  if (state == "23502" || state == "23514" || state == "MF002") return FaultKind::misuse;
  if (state == "MF001") return FaultKind::missing;
  return FaultKind::unavailable;
}

}  // namespace

std::optional<Refusal> refusal_of(const PGresult* result) {
  if (PQresultStatus(result) != PGRES_FATAL_ERROR) return {};
  const auto field = [&](int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string{} : std::string{text};
  };
  const auto severity = field(PG_DIAG_SEVERITY_NONLOCALIZED);
  return Refusal{.state = field(PG_DIAG_SQLSTATE),
                 .constraint = field(PG_DIAG_CONSTRAINT_NAME),
                 .fatal = severity == "FATAL" || severity == "PANIC"};
}

Fault fault_of(const Refusal& refusal, const std::string& name) {
  return Fault{kind_of(refusal.state), name, "PostgreSQL error " + refusal.state};
}

std::string user_of(const std::string& url) { return part_of(url, "user"); }
std::string password_of(const std::string& url) { return part_of(url, "password"); }
std::string database_of(const std::string& url) {
  auto name = part_of(url, "dbname");
  return name.empty() ? user_of(url) : name;
}

std::string place_of(const std::string& url) {
  const auto host = part_of(url, "host");
  const auto port = part_of(url, "port");
  return "postgresql://" + (host.starts_with('/') ? std::string{"localhost"} : host) +
         (port.empty() ? "" : ":" + port) + "/" + database_of(url);
}

Link::Link(const Target& target) : place_(place_of(target.url)) {
  std::vector<const char*> words{"dbname"}, values{target.url.c_str()};
  const auto set = [&](const char* word, const char* value) {
    words.push_back(word);
    values.push_back(value);
  };
  if (!target.database.empty()) set("dbname", target.database.c_str());
  set("application_name", "medflow");
  set("client_encoding", "UTF8");
  if (!target.options.empty()) set("options", target.options.c_str());
  if (part_of(target.url, "connect_timeout").empty()) set("connect_timeout", "10");
  set(nullptr, nullptr);
  raw_ = PQconnectdbParams(words.data(), values.data(), 1);
  if (PQstatus(raw_) == CONNECTION_OK) {
    PQsetNoticeProcessor(
        raw_, [](void*, const char*) {}, nullptr);  // which would go to the standard error
    return;
  }
  std::string detail = raw_ == nullptr ? "no memory" : PQerrorMessage(raw_);
  while (!detail.empty() && detail.back() == '\n') detail.pop_back();
  PQfinish(std::exchange(raw_, nullptr));
  throw Fault{FaultKind::unavailable, place_, std::move(detail)};
}

Link::~Link() { PQfinish(raw_); }

void Link::lost() const { throw Fault{FaultKind::unavailable, place_, "the connection was lost"}; }

Result Link::run(const std::string& sql, std::initializer_list<std::string_view> values) {
  std::vector<std::string> kept(values.begin(), values.end());  // each ends in a zero byte there
  std::vector<const char*> pointers;
  for (const auto& value : kept) pointers.push_back(value.c_str());
  if (PQpipelineStatus(raw_) != PQ_PIPELINE_OFF && PQexitPipelineMode(raw_) == 0) lost();
  Result result{
      PQexecParams(raw_, sql.c_str(), static_cast<int>(kept.size()), nullptr, pointers.data(), nullptr, nullptr, 0)};
  if (!result || PQstatus(raw_) != CONNECTION_OK) lost();
  return result;
}

Result Link::ask(const std::string& sql, std::initializer_list<std::string_view> values) {
  Result result = run(sql, values);
  if (const auto refusal = refusal_of(result.get())) throw fault_of(*refusal, place_);
  return result;
}

std::optional<Refusal> Link::attempt(const std::string& sql, std::initializer_list<std::string_view> values) {
  return refusal_of(run(sql, values).get());
}

bool Link::holds(const std::string& sql, std::initializer_list<std::string_view> values) {
  const Result result = ask(sql, values);
  return PQntuples(result.get()) > 0 && text_at(result, 0, 0) == "t";
}

std::string Link::literal(std::string_view text) {
  const std::unique_ptr<char, FreeText> made{PQescapeLiteral(raw_, text.data(), text.size())};
  if (!made) lost();
  return made.get();
}

std::string Link::verifier(const std::string& password, const std::string& user) {
  const std::unique_ptr<char, FreeText> made{
      PQencryptPasswordConn(raw_, password.c_str(), user.c_str(), "scram-sha-256")};
  if (!made) lost();
  return made.get();
}

}  // namespace medflow::inline v1::storage::postgres
