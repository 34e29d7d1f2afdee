#include "tests/campaigns/numbers/desk.hpp"

#include <optional>

#include "tests/campaigns/served.hpp"

namespace medflow::campaign {
namespace {

constexpr std::string_view status_words[] = {"draft", "issued", "voided", "discarded"};
constexpr std::string_view description = "Consultation";
constexpr std::int64_t micro_of_cent = 10'000;
const Date yesterday{2026, 11, 21};

Reply reply_of(const Result<invoices::Invoice>& result) {
  if (!result.ok()) {
    if (result.error().kind() == Errc::unavailable) return {};
    return {.code = std::string(result.error().code.name)};
  }
  return {.code = "ok",
          .revision = result->revision,
          .status = std::string(status_words[static_cast<std::size_t>(result->status)]),
          .number = result->number.value_or(""),
          .sequence = result->sequence};
}

class InProcess final : public Desk {
 public:
  explicit InProcess(Session session) : session_(std::move(session)) {}

  Reply draft(const Uuid& id, const Uuid& patient, const Uuid& facility, std::int64_t amount) override {
    return reply_of(session_.call(
        invoices::Create{.id = InvoiceId{id},
                         .patient_id = {patient},
                         .facility_id = FacilityId{facility},
                         .lines = {{.description = std::string(description), .price_micro = amount * micro_of_cent}}}));
  }
  Reply discard(const Uuid& id, std::uint64_t revision) override {
    return reply_of(
        session_.call(invoices::DiscardDraft{.id = {id}, .revision = revision, .reason = "It was a mistake"}));
  }
  Reply issue(const Uuid& id, std::uint64_t revision, const std::string& key, bool early) override {
    invoices::Issue request{.id = {id}, .revision = revision};
    if (early) request.issue_date = yesterday;
    return reply_of(session_.call(request, {.idempotency_key = key}));
  }
  Reply get(const Uuid& id) override { return reply_of(session_.call(invoices::Get{.id = {id}})); }

 private:
  Session session_;
};

class OverHttp final : public Desk {
 public:
  OverHttp(const Shared& shared, std::size_t hand) : shared_(shared), token_("hand-" + std::to_string(hand)) {}

  Reply draft(const Uuid& id, const Uuid& patient, const Uuid& facility, std::int64_t amount) override {
    auto body = object_of({{"id", id.text()}, {"patient_id", patient.text()}, {"facility_id", facility.text()}});
    body["lines"] = list_of(object_of({{"description", description}, {"price_micro", amount * micro_of_cent}}));
    return ask("POST", "/invoices", body);
  }
  Reply discard(const Uuid& id, std::uint64_t revision) override {
    return ask("POST", "/invoices/" + id.text() + "/discard", object_of({{"reason", "It was a mistake"}}), revision);
  }
  Reply issue(const Uuid& id, std::uint64_t revision, const std::string& key, bool early) override {
    auto body = object_of({});
    if (early) body["issue_date"] = yesterday.text();
    return ask("POST", "/invoices/" + id.text() + "/issue", body, revision, key);
  }
  Reply get(const Uuid& id) override { return ask("GET", "/invoices/" + id.text()); }

 private:
  Reply ask(std::string_view method, const std::string& target, const std::optional<json::object>& body = {},
            std::uint64_t revision = 0, const std::string& key = {}) {
    const std::uint16_t port = shared_.port;
    if (port != port_) caller_.reset();
    if (!caller_) caller_.emplace(port), port_ = port;
    try {
      return reply_of(
          caller_->ask(method, target, token_, body ? json::serialize(*body) : std::string(), revision, key));
    } catch (const std::exception&) {  // half an answer
      caller_.reset();
      return {};
    }
  }

  static Reply reply_of(const Answer& answer) {
    constexpr int unavailable = 503;
    if (answer.status == 0 || answer.status == unavailable) return {};
    Reply reply{.code = answer.good() ? "ok" : answer.text("code")};
    if (reply.code == "precondition.failed") reply.code = "conflict.revision";  // what it is called over HTTP
    if (!answer.good()) return reply;
    const json::object& object = answer.body.as_object();
    reply.revision = object.at("revision").to_number<std::uint64_t>();
    reply.status = answer.text("status");
    reply.number = answer.text("number");
    if (const auto* sequence = object.if_contains("sequence"); sequence != nullptr)
      reply.sequence = sequence->to_number<std::uint64_t>();
    return reply;
  }

  const Shared& shared_;
  const std::string token_;
  std::uint16_t port_ = 0;
  std::optional<Caller> caller_{};
};

}  // namespace

std::unique_ptr<Desk> desk_in_process(Session session) { return std::make_unique<InProcess>(std::move(session)); }

std::unique_ptr<Desk> desk_over_http(const Shared& shared, std::size_t hand) {
  return std::make_unique<OverHttp>(shared, hand);
}

}  // namespace medflow::campaign
