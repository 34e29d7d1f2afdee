// Uploads that are on their way: how many of one user's and of all, what they count for, how long they wait; and who is told at once
// that it may not.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/body_pipe.hpp"
#include "tests/adapters/http/hospital.hpp"
#include "tests/documents/files.hpp"
#include "tests/support/events.hpp"

using namespace medflow;
using namespace medflow::testing;
using files::filler;
using files::pdf;
using things::RawClient;
using things::Received;

namespace {

/// A hospital over HTTP whose waits a test moves. No upload is too slow for it.
struct Counter {
  explicit Counter(http::UploadLimits uploads = {}, http::ServerLimits limits = {})
      : inside(make_platform(TestEngine("memory"))), router(inside.platform, {.uploads = uploads}) {
    patient = inside.add_patients(1).at(0).id;
    limits.upload_bytes_per_s_min = 0;
    limits.tick_ms = 5;
    http::ServerOptions options;
    options.steady = [this] {
      ++looks;
      looks.notify_all();
      return std::chrono::steady_clock::time_point(std::chrono::seconds(1000 + seconds));
    };
    running = std::make_unique<things::RunningServer>(router, limits, std::move(options));
  }

  std::string token(Role role) { return inside.member(role).tokens.access_token; }
  /// Time goes on, and every connection has been looked at since.
  void pass(int more) {
    seconds += more;
    const int seen = looks;
    for (int now = looks; now < seen + 3; now = looks) looks.wait(now);
  }
  std::string form(std::size_t bytes) const {
    return "--b\r\nContent-Disposition: form-data; name=\"patient_id\"\r\n\r\n" + patient.text() +
           "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"letter.pdf\"\r\nContent-Type: "
           "application/pdf\r\n\r\n" +
           pdf(filler(bytes)) + "\r\n--b--\r\n";
  }
  static std::string head(const std::string& token, std::size_t bytes, std::string_view more = {}) {
    return "POST /api/v1/upload/patient HTTP/1.1\r\nHost: clinic.test\r\nAuthorization: Bearer " + token +
           "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: " + std::to_string(bytes) + "\r\n" +
           std::string(more) + "\r\n";
  }
  std::size_t listed() {
    return must(inside.as(Role::doctor).call(documents::List{.patient_id = patient})).data.size();
  }

  std::atomic<int> seconds{0};
  std::atomic<int> looks{0};
  Hospital inside;
  http::Router router;
  std::unique_ptr<things::RunningServer> running{};
  PatientId patient{};
};

/// An upload of which the header is sent: the server has begun it, or answers why not, once `begin` returns.
class Upload {
 public:
  Upload(Counter& counter, const std::string& token, std::size_t bytes = 1000)
      : client_(counter.running->port()),
        form_(counter.form(bytes)),
        head_(Counter::head(token, form_.size(), "Expect: 100-continue\r\n")) {}
  void begin() { REQUIRE(client_.ask(head_).status == 100); }
  bool send(std::size_t bytes) { return client_.send(std::string_view(form_).substr(0, bytes)); }
  bool send() { return client_.send(form_); }
  Received answer() { return client_.read(); }
  Received finish() { return client_.ask(form_); }
  RawClient& client() { return client_; }

 private:
  RawClient client_;
  std::string form_;
  std::string head_;
};

using Waiting = std::vector<std::unique_ptr<Upload>>;

void begin(Waiting& uploads, Counter& counter, const std::string& token, std::size_t bytes = 1000) {
  uploads.push_back(std::make_unique<Upload>(counter, token, bytes));
  uploads.back()->begin();
}

/// What is answered to an upload once there is room for it.
int settled(Counter& counter, const std::string& token) {
  int status = 0;
  for (int i = 0; i < 1000 && status != 201; ++i) {
    Upload next(counter, token);
    next.begin();
    REQUIRE(next.send());
    status = next.answer().status;
  }
  return status;
}

void check_problem(const Received& answer, int status, std::string_view code) {
  CAPTURE(answer.body);
  CHECK(answer.status == status);
  CHECK(answer.body.find("\"code\":\"" + std::string(code) + "\"") != std::string::npos);
}

}  // namespace

TEST_CASE(
    "API-8, DOC-1: of one user four uploads are on their way at a time; a fifth is told to wait, another user is not") {
  Counter counter;
  const std::string doctor = counter.token(Role::doctor);
  const std::string desk = counter.token(Role::receptionist);
  Waiting uploads;
  for (int i = 0; i < 4; ++i) begin(uploads, counter, doctor);
  for (int i = 0; i < 2; ++i) {
    Upload fifth(counter, doctor);
    fifth.begin();
    const Received refused = fifth.answer();
    check_problem(refused, 429, "rate_limited");
    CHECK(refused.header("Retry-After") == "1");
  }
  begin(uploads, counter, desk);
  CHECK(uploads.back()->finish().status == 201);
  CHECK(uploads[2]->finish().status == 201);
  begin(uploads, counter, doctor);  // in its place
  uploads[0]->client().close();     // and that of one that broke off is free as soon as it is seen
  CHECK(settled(counter, doctor) == 201);
  CHECK(uploads.back()->finish().status == 201);
}

TEST_CASE("API-8: uploads beyond those that are read and those that wait are refused as overload is") {
  Counter counter({.threads_max = 1, .per_user_max = 8, .waiting_max = 1});
  const std::string doctor = counter.token(Role::doctor);
  Waiting uploads;
  for (int i = 0; i < 2; ++i) begin(uploads, counter, doctor);
  Upload third(counter, doctor);
  third.begin();
  const Received refused = third.answer();
  check_problem(refused, 503, "server.busy");
  CHECK(refused.header("Retry-After") == "1");
  for (const auto& one : uploads) CHECK(one->finish().status == 201);
  CHECK(counter.listed() == 2);
}

TEST_CASE("DOC-1: who may not upload is told so before a byte of the file is waited for, and it is audited") {
  Counter counter;
  RawClient client(counter.running->port());
  REQUIRE(client.send(Counter::head(counter.token(Role::auditor), 5'000'000)));
  check_problem(client.read(), 403, "forbidden");
  CHECK(client.ends());
  const auto all = events(counter.inside.as(Role::auditor));
  const auto* denied = last_of(all, "documents.upload_patient");
  REQUIRE(denied != nullptr);
  CHECK(denied->text() == "documents.upload_patient denied forbidden");
  CHECK(counter.listed() == 0);
}

TEST_CASE("API-8: an upload that nobody reads on with ends after a minute, and leaves nothing") {
  Counter counter({.threads_max = 1});
  const std::string doctor = counter.token(Role::doctor);
  Waiting uploads;
  begin(uploads, counter, doctor);  // has the one thread
  begin(uploads, counter, doctor, 600'000);
  REQUIRE(uploads[1]->send(500'000));  // more than a pipe holds
  uploads[1]->client().wait_at_most(1);
  Received answer;
  for (int i = 0; i < 20 && answer.status == 0; ++i) {  // from when it has been seen that it is full
    counter.pass(61);
    answer = uploads[1]->answer();
  }
  check_problem(answer, 503, "server.busy");
  CHECK(answer.header("Retry-After") == "1");
  CHECK(uploads[0]->finish().status == 201);
  CHECK(counter.listed() == 1);
}

TEST_CASE("API-8: a body whose client has been answered counts as long as it waits to be read") {
  http::ServerLimits limits;
  limits.request_bytes_max_total = 2 * http::BodyPipe::bytes_max + 64UL * 1024;
  Counter counter({.threads_max = 1}, limits);
  const std::string doctor = counter.token(Role::doctor);
  Waiting uploads;
  begin(uploads, counter, doctor);  // has the one thread
  begin(uploads, counter, doctor);
  REQUIRE(uploads[1]->send());
  uploads[1]->client().wait_at_most(1);
  Received late;
  for (int i = 0; i < 20 && late.status == 0; ++i) {  // from when it is whole
    counter.pass(11);
    late = uploads[1]->answer();
  }
  check_problem(late, 503, "server.late");
  Upload third(counter, doctor);
  third.begin();
  check_problem(third.answer(), 503, "server.busy");
  CHECK(uploads[0]->finish().status == 201);
  CHECK(settled(counter, doctor) == 201);  // once the one that was late is read
}
