#include "tests/campaigns/two_servers/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace medflow::campaign {
namespace {

constexpr std::size_t problems_max = 50;
constexpr std::uint64_t renews_each = 150;  // operations of one client
constexpr std::uint64_t signs_out_each = 700;
constexpr std::uint64_t sought_each = 2;  // registrations
constexpr unsigned poll_us = 20'000;
constexpr int tries_max = 10;

bool is_late(const Answer& answer) { return answer.status == 503 && answer.text("code") == "server.late"; }

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool holds(const Answer& page, const std::string& id) {
  const auto* object = page.body.if_object();
  if (object == nullptr || !object->contains("data")) return false;
  const auto& data = object->at("data").as_array();
  return std::any_of(data.begin(), data.end(),
                     [&](const json::value& each) { return each.at("id").as_string() == id; });
}

}  // namespace

Worker::Worker(Ports ports, std::string email, Record& record, std::atomic<std::int64_t>& left, std::uint64_t seed)
    : callers_{Caller(ports[0]), Caller(ports[1])},
      email_(std::move(email)),
      record_(record),
      left_(left),
      random_(seed),
      turn_(seed) {}

void Worker::run() {
  sign_in_anew();
  for (std::uint64_t number = 1; left_.fetch_sub(1) > 0 && record_.problems.count() < problems_max; ++number)
    step(number);
}

// A server that has too little of its machine answers too late, which is no acknowledgement.
bool Worker::acknowledge(const Answer& answer, std::string_view operation) {
  if (answer.good())
    record_.acknowledged(answer.request, operation);
  else if (is_late(answer))
    record_.late(operation == "patients.register");
  else
    record_.problems.add(std::string(operation) + " answers " + std::to_string(answer.status) + " " +
                         answer.text("code"));
  return answer.good();
}

void Worker::step(std::uint64_t number) {
  if (number % signs_out_each == 0) return sign_out();
  if (number % renews_each == 0) return renew();
  const auto patient = record_.any(random_);
  const auto dice = random_() % 100;
  if (patient == nullptr || dice < 18) return enrol();
  if (dice < 60) return read(*patient);
  if (dice < 82) return patch(*patient);
  seek(*patient, next(), "somebody who was registered long ago");
}

void Worker::enrol() {
  const std::string family = "Zq" + letters(random_, 10);
  Caller& here = next();
  const Answer answer = here.ask("POST", "/patients", access_, newcomer(family, letters(random_, 14)));
  if (!acknowledge(answer, "patients.register")) return;
  const auto patient = std::make_shared<Patient>(answer.text("id"), answer.text("mrn"), family);
  record_.registered(patient);
  if (++made_ % sought_each != 0) return;
  record_.sought();
  seek(*patient, next(), "somebody whom the other server has just registered");
}

void Worker::seek(const Patient& patient, Caller& at, std::string_view why) {
  const Answer answer = at.ask("GET", "/patients?limit=20&name=" + patient.family, access_);
  if (!acknowledge(answer, "patients.list")) return;
  record_.problems.expect(holds(answer, patient.id), "a search does not find " + std::string(why));
}

void Worker::read(const Patient& patient) {
  const std::uint64_t told = patient.revision();
  const Answer answer = next().ask("GET", "/patients/" + patient.id, access_);
  if (!acknowledge(answer, "patients.get")) return;
  const auto seen = seen_in(answer);
  record_.problems.expect(seen && seen->revision >= told, "a server shows an older state than was acknowledged");
}

void Worker::patch(Patient& patient) {
  const Answer shown = next().ask("GET", "/patients/" + patient.id, access_);
  if (!acknowledge(shown, "patients.get")) return;
  const auto seen = seen_in(shown);
  if (!seen) return record_.problems.add("a patient without a revision");
  const std::string mark = letters(random_, 16);
  const Answer answer = next().ask("PATCH", "/patients/" + patient.id, access_, marked(mark), seen->revision);
  if (answer.status == 412) return record_.lost_race();
  if (is_late(answer))
    patient.patched({.revision = seen->revision + 1, .before = seen->mark, .after = mark, .certain = false});
  if (!acknowledge(answer, "patients.patch")) return;
  const auto made = seen_in(answer);
  if (!made) return record_.problems.add("a patient without a revision");
  record_.problems.expect(made->revision == seen->revision + 1, "a change skips a revision");
  patient.patched({.revision = made->revision, .before = seen->mark, .after = mark});
}

void Worker::sign_in_anew() {
  Answer answer;
  for (int i = 0; i < tries_max && !answer.good(); ++i) {
    answer = sign_in(next(), email_);
    acknowledge(answer, "auth.login");
    if (!is_late(answer)) break;
  }
  access_ = answer.text("access_token");
  refresh_ = answer.text("refresh_token");
}

/// Where the answer came too late, the token may be used up.
void Worker::renew() {
  const Answer answer =
      next().ask("POST", "/auth/refresh", {}, json::serialize(object_of({{"refresh_token", refresh_}})));
  if (!acknowledge(answer, "auth.refresh")) return sign_in_anew();
  access_ = answer.text("access_token");
  refresh_ = answer.text("refresh_token");
}

/// Signs out at one server and looks how long the other one goes on believing in the session.
void Worker::sign_out() {
  Caller& here = next();
  Caller& there = next();
  const bool alive = acknowledge(there.ask("GET", "/profile", access_), "profile.get");
  const bool ended = acknowledge(here.ask("POST", "/auth/logout", access_), "auth.logout");
  if (!alive || !ended) return sign_in_anew();
  const auto start = std::chrono::steady_clock::now();
  bool refused = false;
  while (!refused && seconds_since(start) <= refused_within_s) {
    refused = there.ask("GET", "/profile", access_).status == 401;
    if (!refused) ::usleep(poll_us);
  }
  if (refused)
    record_.refused_after(seconds_since(start));
  else
    record_.problems.add("a session that one server has ended lives on at the other");
  sign_in_anew();
}

}  // namespace medflow::campaign
