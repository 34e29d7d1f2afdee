// Documents over HTTP: forms that come in pieces or not at all, and content that is served without harm.
#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "adapters/cli/log.hpp"
#include "adapters/http/form.hpp"
#include "medflow/testing/ports.hpp"
#include "tests/adapters/http/hospital.hpp"
#include "tests/documents/wards.hpp"
#include "tests/support/chart.hpp"

using namespace medflow;
using namespace medflow::testing;
using files::filler;
using files::pdf;
using things::RawClient;
using things::Received;
using things::text_of;

namespace {

/// A hospital on an engine that counts the frames of documents, with a scanner or without, served over HTTP as the program does it.
struct Served {
  explicit Served(std::string_view engine = "memory", bool scans = false, std::shared_ptr<Executor> workers = nullptr)
      : scanner(scans ? std::make_shared<FakeScanner>() : nullptr),
        engine_(engine),
        inside(make(std::move(workers))),
        router(cli::logging_backend(http::platform_backend(inside.platform), log_), operations(),
               {.uploads = {.per_user_max = 64}}),  // it is one doctor who sends them all
        running(router) {
    patient = inside.add_patients(1).at(0).id;
    doctor = inside.member(Role::doctor).tokens.access_token;
  }

  std::string head(std::string_view method, const std::string& path, const std::string& more = {}) const {
    return std::string(method) + " " + path + " HTTP/1.1\r\nHost: clinic.test\r\nAuthorization: Bearer " + doctor +
           "\r\n" + more + "\r\n";
  }
  Received get(const std::string& path, const std::string& more = {}) const {
    RawClient client(running.port());
    return witness("GET", path, client.ask(head("GET", path, more)));
  }
  Received post(const std::string& path, const std::string& body, std::string_view type = form_type,
                const std::string& token = {}) const {
    const std::string bearer = token.empty() ? doctor : token;
    RawClient client(running.port());
    client.send("POST " + path + " HTTP/1.1\r\nHost: clinic.test\r\nAuthorization: Bearer " + bearer +
                "\r\nContent-Type: " + std::string(type) + "\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    return witness("POST", path, client.read());
  }
  std::string documents_path() const { return "/api/v1/patients/" + patient.text() + "/documents"; }
  std::size_t listed() {
    return must(inside.as(Role::doctor).call(documents::List{.patient_id = patient})).data.size();
  }

  static constexpr std::string_view form_type = "multipart/form-data; boundary=\"a boundary'\"";

  std::shared_ptr<Frames> frames = std::make_shared<Frames>();
  std::shared_ptr<FakeScanner> scanner;

 private:
  TestEngine engine_;
  cli::Log log_{true};

 public:
  Hospital inside;
  http::Router router;
  things::RunningServer running;
  PatientId patient{};
  std::string doctor{};

 private:
  Hospital make(std::shared_ptr<Executor> workers) {
    auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(std::make_shared<WatchedEngine>(engine_, frames), clock);
    options.scanner = scanner;
    options.executor = std::move(workers);
    return Hospital(std::move(options), std::move(clock));
  }
};

const std::string line = "--a boundary'\r\n";
const std::string last_line = "--a boundary'--\r\n";

std::string field(std::string_view name, std::string_view value) {
  return line + "Content-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" + std::string(value) +
         "\r\n";
}
std::string file(std::string_view name, std::string_view type, std::string_view content) {
  return line + "Content-Disposition: form-data; name=\"file\"; filename=\"" + std::string(name) +
         "\"\r\nContent-Type: " + std::string(type) + "\r\n\r\n" + std::string(content) + "\r\n";
}

std::size_t memory_kib(const char* name) {
  std::ifstream status("/proc/self/status");
  for (std::string one; std::getline(status, one);)
    if (one.starts_with(name)) return things::number_in(std::string_view(one).substr(one.find_first_of("0123456789")));
  return 0;
}

}  // namespace

TEST_CASE("DOC-1: the seed's routes take forms as browsers send them") {
  Served served;
  const Received sent =
      served.post("/api/v1/upload/patient", field("patient_id", served.patient.text()) + field("title", "") +
                                                file("card.pdf", "application/pdf", pdf("card")) + last_line);
  CAPTURE(sent.body);
  REQUIRE(sent.status == 201);
  CHECK(text_of(sent, "category") == "administrative");
  CHECK(text_of(sent, "file_name") == "card.pdf");
  const Received content = served.get("/api/v1/documents/" + text_of(sent, "id") + "/content");
  CHECK(content.status == 200);
  CHECK(content.body == pdf("card"));

  const auto record = must(served.inside.as(Role::doctor)
                               .call(records::Create{.patient_id = served.patient, .content = note_content("knee")}));
  const Received medical =
      served.post("/api/v1/upload/medical", file("knee.pdf", "application/pdf", pdf("knee")) +
                                                field("record_id", record.id.text()) +
                                                field("patient_id", served.patient.text()) + last_line);
  CAPTURE(medical.body);
  REQUIRE(medical.status == 201);
  CHECK(text_of(medical, "record_id") == record.id.text());
  CHECK(text_of(medical, "category") == "clinical");
}

TEST_CASE("DOC-1: a form that is wrong says so, and leaves nothing") {
  Served served;
  const std::string patient = field("patient_id", served.patient.text());
  const std::string letter = file("letter.pdf", "application/pdf", pdf());
  struct Wrong {
    const char* what;
    std::string body;
    int status;
    std::string_view type = Served::form_type;
  };
  const std::string large = pdf(filler(2'000'000));
  const Wrong wrong[] = {
      {"json", "{}", 415, "application/json"},
      {"no boundary", letter + last_line, 415, "multipart/form-data"},
      {"an empty boundary", letter + last_line, 415, "multipart/form-data; boundary="},
      {"another boundary", letter + last_line, 400, "multipart/form-data; boundary=other"},
      {"no file", patient + last_line, 422},
      {"no patient", letter + last_line, 422},
      {"two files", patient + letter + letter + last_line, 400},
      {"a field that is not known", patient + field("colour", "red") + letter + last_line, 422},
      {"a field twice", patient + patient + letter + last_line, 400},
      {"no end", patient + letter, 400},
      {"cut in a head", patient + line + "Content-Dispo", 400},
      {"no name", line + "Content-Disposition: form-data\r\n\r\nx\r\n" + last_line, 400},
      {"no disposition", line + "Content-Type: text/plain\r\n\r\nx\r\n" + last_line, 400},
      {"a head without end", line + std::string(20'000, 'x'), 400},
      {"encoded",
       line + "Content-Disposition: form-data; name=\"title\"\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n" +
           last_line,
       400},
      {"fields behind a large file", file("letter.pdf", "application/pdf", large) + patient + last_line, 422},
      {"a title too long", patient + field("title", std::string(300, 'x')) + letter + last_line, 422},
      {"a wrong type", patient + file("letter.pdf", "text/html", pdf()) + last_line, 415},
      {"a page", patient + file("letter.pdf", "application/pdf", "<html><script>") + last_line, 415},
      {"too large", patient + file("letter.pdf", "application/pdf", pdf(filler(6'000'000))) + last_line, 413},
  };
  for (const Wrong& one : wrong) {
    CAPTURE(one.what);
    const Received answer = served.post("/api/v1/upload/patient", one.body, one.type);
    CAPTURE(answer.body);
    CHECK(answer.status == one.status);
  }
  CHECK(served.post("/api/v1/upload/patient", patient + letter + last_line, Served::form_type, "no token").status ==
        401);
  CHECK(served.frames->left() == 0);
  CHECK(served.listed() == 0);
}

TEST_CASE("DOC-1: a connection that is cut at any 64 KiB leaves nothing") {
  Served served;
  const std::string body = field("patient_id", served.patient.text()) +
                           file("letter.pdf", "application/pdf", pdf(filler(2'500'000))) + last_line;
  const std::string head = served.head("POST", "/api/v1/upload/patient",
                                       "Content-Type: " + std::string(Served::form_type) +
                                           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n");
  for (std::size_t sent = 0; sent < body.size(); sent += 65536) {
    RawClient client(served.running.port());
    REQUIRE(client.send(head + body.substr(0, sent)));
    client.close();
  }
  RawClient whole(served.running.port());
  CHECK(whole.ask(head + body).status == 201);
  // Those that broke off are told so when the server reads on, and clear up then.
  for (int i = 0; i < 1000 && served.frames->left() != 39; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(served.frames->written > 39);
  CHECK(served.frames->left() == 39);
  CHECK(served.listed() == 1);
}

TEST_CASE("DOC-1: a body that comes slowly waits on none of the workers, where requests are logged as well") {
  const auto workers = std::make_shared<QueuedExecutor>();  // nobody does what they are given
  Served served("memory", false, workers);
  const std::string body = field("patient_id", served.patient.text()) +
                           file("letter.pdf", "application/pdf", pdf(filler(200'000))) + last_line;
  const std::string head = served.head("POST", "/api/v1/upload/patient",
                                       "Content-Type: " + std::string(Served::form_type) +
                                           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n");
  RawClient slow(served.running.port());
  RawClient other(served.running.port());
  REQUIRE(slow.send(head + body.substr(0, body.size() / 2)));
  CHECK(other.ask(head + body).status == 201);
  REQUIRE(slow.send(body.substr(body.size() / 2)));
  CHECK(slow.read().status == 201);
  workers->run_all();
}

TEST_CASE("DOC-1: fifty uploads at once need less than 4 MiB each") {
  Served served("sqlite");
  served.inside.configure({.patient_files_max = 1000});
  constexpr std::size_t count = 50;
  const std::string body = field("patient_id", served.patient.text()) +
                           file("letter.pdf", "application/pdf", pdf(filler(5'000'000))) + last_line;
  const std::string head = served.head("POST", "/api/v1/upload/patient",
                                       "Content-Type: " + std::string(Served::form_type) +
                                           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n");
  { std::ofstream("/proc/self/clear_refs") << 5; }  // the high-water mark begins anew
  const std::size_t before = memory_kib("VmRSS:");
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(served.running.port()));
    REQUIRE(clients.back()->send(head));
  }
  for (std::size_t at = 0; at < body.size(); at += 65536)
    for (const auto& client : clients) REQUIRE(client->send(std::string_view(body).substr(at, 65536)));
  for (const auto& client : clients) CHECK(client->read().status == 201);
  const std::size_t more = memory_kib("VmHWM:") - std::min(memory_kib("VmHWM:"), before);
  MESSAGE("50 uploads of 5 MB at once: " << more / 1024 << " MiB more at most");
  CHECK(more < count * 4 * 1024);
  CHECK(served.listed() == count);
}

TEST_CASE("DOC-6: content is sent to be kept, never to be shown, whole or in part") {
  Served served;
  const std::string content = pdf(filler(150'000));
  const Received sent = served.post(
      served.documents_path(), field("category", "imaging") + field("labels", "") +
                                   file("R\xC3\xB6ntgen \\\"Knie\\\"; x.pdf", "application/pdf", content) + last_line);
  CAPTURE(sent.body);
  REQUIRE(sent.status == 201);
  const std::string path = "/api/v1/documents/" + text_of(sent, "id") + "/content";
  const Received whole = served.get(path);
  CHECK(whole.status == 200);
  CHECK(whole.body == content);
  CHECK(whole.header("Content-Type") == "application/pdf");
  CHECK(whole.header("Content-Disposition") ==
        "attachment; filename=\"Rntgen Knie; x.pdf\"; filename*=UTF-8''R%C3%B6ntgen%20%22Knie%22%3B%20x.pdf");
  CHECK(whole.header("X-Content-Type-Options") == "nosniff");
  CHECK(whole.header("Content-Security-Policy").find("sandbox") != std::string::npos);
  CHECK(whole.header("Accept-Ranges") == "bytes");
  CHECK(whole.header("Cache-Control") == "no-store");

  const Received part = served.get(path, "Range: bytes=65530-65545\r\n");
  CHECK(part.status == 206);
  CHECK(part.header("Content-Range") == "bytes 65530-65545/" + std::to_string(content.size()));
  CHECK(part.body == content.substr(65530, 16));
  const Received end = served.get(path, "Range: bytes=-10\r\n");
  CHECK(end.status == 206);
  CHECK(end.body == content.substr(content.size() - 10));
  const Received behind = served.get(path, "Range: bytes=9999999-\r\n");
  CHECK(behind.status == 416);
  CHECK(behind.header("Content-Range") == "bytes */" + std::to_string(content.size()));
  CHECK(behind.body.empty());
  for (const char* ignored : {"Range: bytes=5-1\r\n", "Range: lines=1-2\r\n", "Range: bytes=0-1,4-5\r\n",
                              "Range: bytes=\r\n", "If-Range: \"x\"\r\nRange: bytes=0-1\r\n"}) {
    CAPTURE(ignored);
    const Received all = served.get(path, ignored);
    CHECK(all.status == 200);
    CHECK(all.body.size() == content.size());
  }
  served.frames->spoilt = 0;
  const Received spoilt = served.get(path);
  CHECK(spoilt.status == 500);
  CHECK(spoilt.body.find("\"code\":\"integrity\"") != std::string::npos);
  served.frames->spoilt = 2;
  CHECK(served.get(path).body.ends_with("(broken off)"));
}

TEST_CASE("DOC-6, API-9: a file is read as often as anything else, not as seldom as an export") {
  Served served;
  const auto letter = must(
      served.inside.as(Role::doctor)
          .call(documents::Upload{
              .patient_id = served.patient, .file_name = "a.pdf", .content = Content::of("application/pdf", pdf())}));
  http::Router counted(served.inside.platform, {.rates = http::RateOptions{}});
  const things::RunningServer running(counted);
  for (int i = 0; i < 20; ++i) {
    RawClient client(running.port());
    CHECK(client.ask(served.head("GET", "/api/v1/documents/" + letter.id.text() + "/content")).status == 200);
  }
}

TEST_CASE("DOC-4 DOC-7: quarantine, versions and lists over HTTP") {
  Served served("memory", true);
  const Received virus =
      served.post(served.documents_path(), file("letter.pdf", "application/pdf", pdf(files::eicar)) + last_line);
  REQUIRE(virus.status == 201);
  const std::string id = text_of(virus, "id");
  CHECK(served.get("/api/v1/documents/" + id + "/content").status == 423);
  served.inside.platform.tick(served.inside.clock->now());
  CHECK(served.get("/api/v1/documents/" + id + "/content").body.find("document.quarantined") != std::string::npos);
  std::string admin = served.inside.member(Role::tenant_admin).tokens.access_token;
  std::swap(served.doctor, admin);
  const Received quarantine = served.get("/api/v1/quarantine/documents");
  CHECK(quarantine.body.find(id) != std::string::npos);
  const Received released = served.post("/api/v1/quarantine/documents/" + id + "/release",
                                        R"({"revision":3,"reason":"the laboratory says so"})", "application/json");
  CAPTURE(released.body);
  CHECK(released.status == 200);
  std::swap(served.doctor, admin);

  const Received first =
      served.post(served.documents_path(), file("one.pdf", "application/pdf", pdf("one")) + last_line);
  const Received second =
      served.post("/api/v1/documents/" + text_of(first, "id") + "/versions",
                  field("revision", "1") + file("two.pdf", "application/pdf", pdf("two")) + last_line);
  CAPTURE(second.body);
  CHECK(second.status == 201);
  CHECK(served.get("/api/v1/documents/" + text_of(second, "id") + "/versions").body.find("one.pdf") !=
        std::string::npos);
  CHECK(served.get("/api/v1/documents/" + text_of(second, "id")).body.find("two.pdf") != std::string::npos);
  CHECK(served.get(served.documents_path() + "?category=clinical&limit=1").status == 200);
}

TEST_CASE("DOC-1: forms of any build come apart in pieces of any size") {
  const std::string form = field("title", "a\r\nb") + field("empty", "") +
                           file("a.pdf", "application/pdf", "--a boundary\r\n--a boundar\r\n\r\n--") + last_line +
                           "epilogue";
  for (std::size_t piece = 1; piece < form.size(); piece += piece < 20 ? 1 : 37) {
    CAPTURE(piece);
    http::Form parts(
        [&, at = std::size_t{0}](std::span<std::byte> out) mutable {
          const std::size_t count = std::min({out.size(), piece, form.size() - at});
          std::copy_n(reinterpret_cast<const std::byte*>(form.data()) + at, count, out.begin());
          at += count;
          return Result<std::size_t>(count);
        },
        *http::form_boundary(Served::form_type));
    CHECK(must(parts.next()).value().name == "title");
    CHECK(must(parts.text(100)) == "a\r\nb");
    CHECK(must(parts.next()).value().name == "empty");
    CHECK(must(parts.text(100)).empty());
    CHECK(must(parts.next()).value().file_name == "a.pdf");
    CHECK(must(parts.text(100)) == "--a boundary\r\n--a boundar\r\n\r\n--");
    CHECK_FALSE(must(parts.next()));
  }
}
