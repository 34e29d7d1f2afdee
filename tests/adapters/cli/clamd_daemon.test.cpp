// ClamAV's own daemon, started here with one signature of ours: that of the EICAR test file.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/cli/clamd.hpp"
#include "crypto/codec.hpp"
#include "tests/adapters/cli/scanned.hpp"
#include "tests/documents/wards.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/postgres_programs.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr const char* program = "/usr/sbin/clamd";
constexpr std::size_t stream_max = 1'000'000;  // bytes, what this daemon takes in one stream

class Clamd {
 public:
  Clamd() {
    std::ofstream(folder_ / "test.ndb") << "Test.Eicar:0:*:" << crypto::hex(std::as_bytes(std::span(files::eicar)))
                                        << '\n';
    give_to_server(folder_.path());
    for (int attempt = 0; attempt < 20; ++attempt) {  // a free port may be gone by the time that it is asked for
      start();
      for (int wait = 0; wait < 1'000; ++wait) {
        if (answers()) return;
        if (::waitpid(daemon_, nullptr, WNOHANG) == daemon_) break;
        ::usleep(20'000);
      }
    }
    throw std::runtime_error("clamd does not start");
  }
  ~Clamd() { stop(); }
  Clamd(const Clamd&) = delete;
  Clamd& operator=(const Clamd&) = delete;

  std::shared_ptr<DocumentScanner> scanner() const { return cli::scanner_at("127.0.0.1:" + std::to_string(port_), 30); }
  ScanVerdict scan(const std::string& bytes) const { return scanned(*scanner(), bytes); }
  void stop() {
    if (daemon_ <= 0) return;
    ::kill(daemon_, SIGKILL);
    ::waitpid(daemon_, nullptr, 0);
    daemon_ = -1;
  }

 private:
  void start() {
    port_ = free_port();
    std::ofstream(folder_ / "clamd.conf")
        << "Foreground yes\nTCPAddr 127.0.0.1\nTCPSocket " << port_ << "\nDatabaseDirectory " << folder_.path()
        << "\nTemporaryDirectory " << folder_.path() << "\nStreamMaxLength " << stream_max << '\n';
    daemon_ = start_as_server({program, "-c", folder_ / "clamd.conf"}, folder_ / "clamd.log");
  }
  bool answers() const {
    try {
      return scan("x") == ScanVerdict::clean;
    } catch (const std::runtime_error&) {
      return false;  // it is still reading its signatures
    }
  }

  TemporaryFolder folder_{};
  int port_ = 0;
  pid_t daemon_ = -1;
};

}  // namespace

TEST_CASE("DOC-4: ClamAV's daemon finds the EICAR test file, and where it stands packed in a document") {
  if (::access(program, X_OK) != 0) {
    MESSAGE("skipped: there is no clamd (Debian's package clamav-daemon)");
    return;
  }
  Clamd clamd;
  CHECK(clamd.scan(std::string(files::eicar)) == ScanVerdict::infected);
  CHECK(clamd.scan(std::string(200'000, 'x') + std::string(files::eicar)) == ScanVerdict::infected);
  CHECK(clamd.scan(files::docx()) == ScanVerdict::clean);
  CHECK(clamd.scan(files::docx({{.name = "word/embedded.txt", .content = std::string(files::eicar)}})) ==
        ScanVerdict::infected);
  CHECK(clamd.scan(std::string(stream_max - 1, 'x')) == ScanVerdict::clean);
  CHECK(clamd.scan(std::string(stream_max + 200'000, 'x')) == ScanVerdict::failed);
  CHECK(clamd.scan({}) == ScanVerdict::clean);

  auto clock = std::make_shared<FakeClock>();
  PlatformOptions options = test_options(TestEngine("memory"), clock);
  options.scanner = clamd.scanner();
  Hospital hospital(std::move(options), clock);
  const PatientId patient = hospital.add_patients(1).at(0).id;
  const Session doctor = hospital.as(Role::doctor);
  const auto upload = [&](std::string content) {
    return must(doctor.call(documents::Upload{.patient_id = patient,
                                              .title = "Letter",
                                              .file_name = "letter.pdf",
                                              .content = Content::of("application/pdf", std::move(content))}))
        .id;
  };
  const DocumentId letter = upload(files::pdf());
  const DocumentId virus = upload(files::pdf(files::eicar));
  CHECK(code_of(read(doctor, letter)) == "document.pending");
  REQUIRE(hospital.platform.tick(clock->now()).empty());
  CHECK(must(read(doctor, letter)) == files::pdf());
  CHECK(code_of(read(doctor, virus)) == "document.quarantined");
  CHECK(must(hospital.as(Role::tenant_admin).call(documents::ListQuarantine{})).data.size() == 1);

  clamd.stop();
  const DocumentId later = upload(files::pdf("another letter"));
  static_cast<void>(hospital.platform.tick(clock->now()));
  CHECK(code_of(read(doctor, later)) == "document.pending");  // nobody has looked at it
}
