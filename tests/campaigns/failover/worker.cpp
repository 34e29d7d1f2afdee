#include "tests/campaigns/failover/worker.hpp"

#include <poll.h>

namespace medflow::campaign {
namespace {

constexpr int patience_ms = 20;
constexpr int tries_max = 6'000;  // two minutes
constexpr auto service_wait = std::chrono::minutes(2);

/// That of a client who is inside.
struct Turn {
  Record& record;
  ~Turn() { record.leave(); }
};

}  // namespace

void Record::registered(std::shared_ptr<Patient> patient) {
  const std::lock_guard lock(mutex_);
  patients_.push_back(std::move(patient));
}

void Record::acknowledged(std::string request, std::string_view operation) {
  const std::lock_guard lock(mutex_);
  calls_.push_back({.request = std::move(request), .operation = operation});
  const auto now = Clock::now();
  longest_ = std::max(longest_, std::chrono::duration<double>(now - last_).count());
  last_ = now;
  changed_.notify_all();
}

std::vector<std::shared_ptr<Patient>> Record::patients() const {
  const std::lock_guard lock(mutex_);
  return patients_;
}

std::vector<Acknowledged> Record::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

double Record::longest_silence() {
  const std::lock_guard lock(mutex_);
  return std::exchange(longest_, 0);
}

void Record::wait_for_service() {
  std::unique_lock lock(mutex_);
  // One that was under way may still be told what was done before; each client's second one has begun since.
  const std::size_t wanted = calls_.size() + 2 * inside_ + 1;
  const auto served = [&] { return calls_.size() >= wanted || problems.count() > 0; };
  if (!changed_.wait_for(lock, service_wait, served)) problems.add("nobody is served any more");
}

void Record::pause() {
  std::unique_lock lock(mutex_);
  paused_ = true;
  changed_.wait(lock, [&] { return inside_ == 0; });
}

void Record::resume() {
  const std::lock_guard lock(mutex_);
  paused_ = false;
  last_ = Clock::now();
  changed_.notify_all();
}

void Record::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  paused_ = false;
  changed_.notify_all();
}

bool Record::enter() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !paused_ || ended_; });
  if (ended_) return false;
  ++inside_;
  return true;
}

void Record::leave() {
  const std::lock_guard lock(mutex_);
  --inside_;
  changed_.notify_all();
}

void Worker::run() {
  while (record_.problems.count() == 0 && record_.enter()) {
    const Turn turn{record_};
    const auto dice = random_() % 10;
    if (own_.empty() || dice < 3)
      enrol();
    else if (dice < 7)
      patch(*own_[random_() % own_.size()]);
    else
      read(*own_[random_() % own_.size()]);
  }
}

/// Whether the call is to be made again: there is no database, or the server was too slow to say so. Nothing else may go wrong.
bool Worker::unavailable(const Answer& answer, std::string_view operation) {
  if (answer.good()) return false;
  const std::string code = answer.text("code");
  const bool may_recover = code == "store.unavailable" || code == "store.outcome_unknown" || code == "server.late";
  if (answer.status != 503 || !may_recover) {
    record_.problems.add(std::string(operation) + " answers " + std::to_string(answer.status) + " " + code);
    return false;
  }
  record_.turned_away();
  ::poll(nullptr, 0, patience_ms);
  return true;
}

bool Worker::acknowledge(const Answer& answer, std::string_view operation) {
  if (answer.good()) record_.acknowledged(answer.request, operation);
  return answer.good();
}

/// The same request with the same key until it is answered: the patient is there once.
void Worker::enrol() {
  const std::string body = newcomer("Failover", letters(random_, 14));
  const std::string key = letters(random_, 24);
  Answer answer;
  for (int i = 0; i < tries_max; ++i) {
    answer = caller_.ask("POST", "/patients", access_, body, 0, key);
    if (!unavailable(answer, "patients.register")) break;
  }
  if (!acknowledge(answer, "patients.register")) return;
  own_.push_back(std::make_shared<Patient>(answer.text("id"), answer.text("mrn"), "Failover"));
  record_.registered(own_.back());
}

Answer Worker::insist_on_reading(const Patient& patient) {
  Answer answer;
  for (int i = 0; i < tries_max; ++i) {
    answer = caller_.ask("GET", "/patients/" + patient.id, access_);
    if (!unavailable(answer, "patients.get")) break;
  }
  acknowledge(answer, "patients.get");
  return answer;
}

void Worker::read(const Patient& patient) {
  const auto seen = seen_in(insist_on_reading(patient));
  record_.problems.expect(!seen || seen->revision == patient.revision(), "a read shows another state than the last");
}

/// Who was not told looks: the change is there, once, or it is not and is made now.
void Worker::patch(Patient& patient) {
  auto seen = seen_in(insist_on_reading(patient));
  if (!seen) return;
  const std::string before = seen->mark;
  const std::string mark = letters(random_, 16);
  const std::uint64_t revision = seen->revision + 1;
  for (int i = 0; i < tries_max; ++i) {
    const Answer answer = caller_.ask("PATCH", "/patients/" + patient.id, access_, marked(mark), revision - 1);
    if (!unavailable(answer, "patients.patch")) {
      if (!acknowledge(answer, "patients.patch")) return;
      break;
    }
    seen = seen_in(insist_on_reading(patient));
    if (!seen) return;
    if (seen->mark == mark) break;
  }
  patient.patched({.revision = revision, .before = before, .after = mark});
}

}  // namespace medflow::campaign
