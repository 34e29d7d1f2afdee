#include "tests/campaigns/booking/desk.hpp"

#include <unistd.h>

#include <optional>

#include "tests/campaigns/served.hpp"

namespace medflow::campaign {
namespace {

constexpr std::string_view status_words[] = {"requested", "held",      "booked",  "arrived",         "in_progress",
                                             "completed", "cancelled", "no_show", "entered_in_error"};

std::vector<appointments::Participant> resources_of(const Group& group) {
  std::vector<appointments::Participant> resources;
  for (std::size_t i = 0; i < group.count; ++i)
    resources.push_back({.kind = group.kinds.at(i), .id = group.resources.at(i)});
  return resources;
}

void tell(Reply& reply, const appointments::Appointment& appointment) {
  reply.id = appointment.id.uuid;
  reply.revision = appointment.revision;
  reply.start = appointment.start.us;
  reply.status = status_words[static_cast<std::size_t>(appointment.status)];
  if (appointment.hold_expires_at) reply.expires = appointment.hold_expires_at->us;
}

template <class T>
Reply refusal_of(const Result<T>& result) {
  Reply reply{.code = std::string(result.error().code.name)};
  for (const Instant& start : result.error().alternatives) reply.alternatives.push_back(start.us);
  return reply;
}

Reply reply_of(const Result<appointments::Appointment>& result) {
  if (!result.ok()) return refusal_of(result);
  Reply reply{.code = "ok"};
  tell(reply, *result);
  return reply;
}

class InProcess final : public Desk {
 public:
  explicit InProcess(Session session) : session_(std::move(session)) {}

  Reply book(const Uuid& id, const Wanted& wanted) override {
    return reply_of(
        session_.call(appointments::Book{.id = AppointmentId{id},
                                         .patient_id = {wanted.patient},
                                         .service_id = {wanted.group->ways.at(wanted.way).service},
                                         .resources = resources_of(*wanted.group),
                                         .start = Instant{wanted.start},
                                         .overbook = wanted.overbook,
                                         .override_reason = std::string(wanted.overbook ? overbook_reason : "")}));
  }
  Reply hold(const Wanted& wanted) override {
    const auto result = session_.call(appointments::Hold{.patient_id = {wanted.patient},
                                                         .service_id = {wanted.group->ways.at(wanted.way).service},
                                                         .resources = resources_of(*wanted.group),
                                                         .start = Instant{wanted.start},
                                                         .minutes = 1});
    if (!result.ok()) return refusal_of(result);
    Reply reply{.code = "ok", .token = result->token};
    tell(reply, result->appointment);
    return reply;
  }
  Reply confirm(const Uuid& id, const std::string& token) override {
    return reply_of(session_.call(appointments::Confirm{.id = {id}, .token = token}));
  }
  Reply move(const Uuid& id, std::uint64_t revision, std::int64_t start) override {
    return reply_of(session_.call(appointments::Reschedule{.id = {id}, .revision = revision, .start = Instant{start}}));
  }
  Reply cancel(const Uuid& id, std::uint64_t revision) override {
    return reply_of(session_.call(appointments::Cancel{.id = {id}, .revision = revision}));
  }
  Reply get(const Uuid& id) override { return reply_of(session_.call(appointments::Get{.id = {id}})); }

 private:
  Session session_;
};

std::int64_t instant_in(const json::object& object, json::string_view name) {
  const auto* found = object.if_contains(name);
  if (found == nullptr || !found->is_string()) return 0;
  const auto instant = Instant::parse(std::string_view(found->as_string()));
  return instant ? instant->us : 0;
}

void tell(Reply& reply, const json::object& object) {
  reply.id = Uuid::parse(std::string_view(object.at("id").as_string())).value_or(Uuid{});
  reply.revision = object.at("revision").to_number<std::uint64_t>();
  reply.start = instant_in(object, "start");
  reply.status = std::string(object.at("status").as_string());
  reply.expires = instant_in(object, "hold_expires_at");
}

class OverHttp final : public Desk {
 public:
  OverHttp(const Shared& shared, std::size_t hand) : shared_(shared), token_("hand-" + std::to_string(hand)) {}

  Reply book(const Uuid& id, const Wanted& wanted) override {
    json::object body = body_of(wanted);
    body["id"] = id.text();
    return ask("POST", "/appointments", body);
  }
  Reply hold(const Wanted& wanted) override {
    json::object body = body_of(wanted);
    body["minutes"] = 1;
    return ask("POST", "/appointments/holds", body);
  }
  Reply confirm(const Uuid& id, const std::string& token) override {
    return ask("POST", "/appointments/" + id.text() + "/confirm", object_of({{"token", token}}));
  }
  Reply move(const Uuid& id, std::uint64_t revision, std::int64_t start) override {
    return ask("POST", "/appointments/" + id.text() + "/reschedule", object_of({{"start", Instant{start}.text()}}),
               revision);
  }
  Reply cancel(const Uuid& id, std::uint64_t revision) override {
    return ask("DELETE", "/appointments/" + id.text(), {}, revision);
  }
  Reply get(const Uuid& id) override { return ask("GET", "/appointments/" + id.text(), {}); }

 private:
  static json::object body_of(const Wanted& wanted) {
    json::array resources;
    for (const auto& one : resources_of(*wanted.group))
      resources.emplace_back(object_of(
          {{"kind", one.kind == ResourceKind::practitioner ? "practitioner" : "room"}, {"id", one.id.text()}}));
    auto body = object_of({{"patient_id", wanted.patient.text()},
                           {"service_id", wanted.group->ways.at(wanted.way).service.text()},
                           {"start", Instant{wanted.start}.text()}});
    body["resources"] = std::move(resources);
    if (wanted.overbook) {
      body["overbook"] = true;
      body["override_reason"] = overbook_reason;
    }
    return body;
  }

  Reply ask(std::string_view method, const std::string& target, const json::object& body, std::uint64_t revision = 0) {
    const std::uint16_t port = shared_.port;
    if (port != port_) caller_.reset();
    if (!caller_) caller_.emplace(port), port_ = port;
    try {
      const std::string text = body.empty() ? std::string() : json::serialize(body);
      return reply_of(caller_->ask(method, target, token_, text, revision));
    } catch (const std::exception&) {  // half an answer
      caller_.reset();
      return {};
    }
  }

  static Reply reply_of(const Answer& answer) {
    if (answer.status == 0) return {};
    Reply reply{.code = answer.good() ? "ok" : answer.text("code")};
    if (reply.code == "precondition.failed") reply.code = "conflict.revision";  // what it is called over HTTP
    const json::object& object = answer.body.as_object();
    if (!answer.good()) {
      if (const auto* list = object.if_contains("alternatives"); list != nullptr)
        for (const json::value& each : list->as_array())
          reply.alternatives.push_back(Instant::parse(std::string_view(each.as_string())).value_or(Instant{}).us);
      return reply;
    }
    const auto* held = object.if_contains("appointment");
    tell(reply, held == nullptr ? object : held->as_object());
    reply.token = answer.text("token");
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
