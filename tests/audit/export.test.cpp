// The second program: tests/support/verify_export.py shares no code with the library, so that what both say about a log is
// said by the format and not by a mistake of ours.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "audit/checkpoints.hpp"
#include "audit/log.hpp"
#include "audit/proof.hpp"
#include "audit/verify.hpp"
#include "crypto/codec.hpp"
#include "tests/audit/fixture.hpp"

using namespace medflow;
using namespace medflow::audit;
using namespace medflow::audit::testing;

namespace {

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("medflow_export_" + std::to_string(std::random_device{}()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

bool has_python() {
  if (std::system("python3 -c 1 >/dev/null 2>&1") == 0) return true;
  MESSAGE("skipped: there is no python3");
  return false;
}

std::string base64(std::string_view bytes) { return crypto::base64(std::as_bytes(std::span(bytes))); }

struct Answer {
  int exit_code = -1;
  std::string text{};
};

Answer run(const Folder& folder, const std::vector<std::string>& lines, const std::string& options) {
  std::ofstream to(folder.file("log.ndjson"), std::ios::binary);
  for (const auto& line : lines) to << line << '\n';
  to.close();
  const auto command = "python3 '" MEDFLOW_SOURCE_DIR "/tests/support/verify_export.py' " + options + " '" +
                       folder.file("log.ndjson") + "' >'" + folder.file("out") + "' 2>/dev/null";
  const int status = std::system(command.c_str());
  std::ostringstream text;
  text << std::ifstream(folder.file("out")).rdbuf();
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text.str()};
}

std::string line_of(std::uint64_t seq, std::string_view stored) {
  return R"({"seq":)" + std::to_string(seq) + R"(,"event":")" + base64(stored) + "\"}";
}

std::vector<std::string> exported(OpenStore& store) {
  std::vector<std::string> lines;
  const auto report =
      verify(store, [&](const Event& event, std::string_view stored) { lines.push_back(line_of(event.seq, stored)); });
  CHECK(report.intact());
  return lines;
}

}  // namespace

TEST_CASE("AUD-2: another program computes the same root from an export") {
  if (!has_python()) return;
  const Folder folder;
  for (const std::uint64_t size : std::initializer_list<std::uint64_t>{1, 5, 256, 700}) {
    OpenStore store;
    Log log;
    fill(log, store, size, 50, mixed_event);
    const auto root = base64({reinterpret_cast<const char*>(log.root().data()), 32});
    const auto answer = run(folder, exported(store), "--size " + std::to_string(size) + " --root " + root);
    INFO(answer.text);
    CHECK(answer.exit_code == 0);
    CHECK(answer.text.find("size " + std::to_string(size) + "\nroot " + root + "\n") == 0);
    if (size == 700) {
      CHECK(answer.text.find("140 patients.search\n") != std::string::npos);
      CHECK(answer.text.find("140 patients.update\n") != std::string::npos);
      CHECK(answer.text.find("420 patients.get\n") != std::string::npos);
    }
  }
}

TEST_CASE("AUD-2: another program finds what was done to an export") {
  if (!has_python()) return;
  const Folder folder;
  OpenStore store;
  Log log;
  fill(log, store, 60, 50, mixed_event);
  auto lines = exported(store);
  std::string options = "--root " + base64({reinterpret_cast<const char*>(log.root().data()), 32});
  int expected = 8;
  SUBCASE("nothing") { expected = 0; }
  SUBCASE("an event dropped") { lines.erase(lines.begin() + 20); }
  SUBCASE("two swapped") { std::swap(lines[3], lines[4]); }
  SUBCASE("one repeated") { lines.insert(lines.begin() + 9, lines[9]); }
  SUBCASE("the end cut off") { lines.pop_back(); }
  SUBCASE("an event edited so that it still reads") {
    store.event(30)[20] ^= 1;
    lines[29] = line_of(30, store.event(30));
  }
  SUBCASE("an event edited so that it does not read") {
    store.event(30)[0] ^= 2;
    lines[29] = line_of(30, store.event(30));
    options.clear();
  }
  SUBCASE("an event too short") { lines[29] = line_of(30, std::string_view(store.event(30)).substr(1)); }
  SUBCASE("a line that is no event") { lines[7] = "{}"; }
  SUBCASE("a line's number edited") { lines[7] = line_of(9, store.event(8)); }
  SUBCASE("a row put back and written again") {
    Event event;
    const auto bytes = store.event(19);
    REQUIRE(decode(bytes, event));
    REQUIRE(event.rows.size() == 1);
    --event.rows[0].revision;
    encode(event, store.event(19));
    lines[18] = line_of(19, store.event(19));
    options.clear();
  }
  CHECK(run(folder, lines, options).exit_code == expected);
}

TEST_CASE("AUD-2: an export from the middle on is checked as far as it goes") {
  if (!has_python()) return;
  const Folder folder;
  OpenStore store;
  Log log;
  fill(log, store, 60, 50, mixed_event);
  auto lines = exported(store);
  lines.erase(lines.begin(), lines.begin() + 30);
  auto answer = run(folder, lines, "");
  CHECK(answer.exit_code == 0);
  CHECK(answer.text.find("size 60\nroot -\n") == 0);
  lines.erase(lines.begin() + 5);
  CHECK(run(folder, lines, "").exit_code == 8);
}

namespace {

std::string text_of(const Digest& hash) { return base64(crypto::text_of(hash)); }

std::string hashes_of(const std::vector<Digest>& hashes) {
  std::string text;
  for (const auto& hash : hashes) text += (text.empty() ? "\"" : ",\"") + text_of(hash) + '"';
  return "\"hashes\":[" + text + "]";
}

void write(const std::string& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

}  // namespace

TEST_CASE("AUD-2: another program checks checkpoints and proofs with nothing but the export and the verifier key") {
  if (!has_python()) return;
  const Folder folder;
  const std::string origin = "medflow/local/x";
  const crypto::Signer signer(std::array<std::byte, 32>{std::byte{1}});
  OpenStore store;
  Log log;
  fill(log, store, 300, 50, mixed_event);
  const auto at_300 = sign_checkpoint(signer, origin, {.size = log.size(), .root = log.root()});
  const auto root_300 = log.root();
  fill(log, store, 700, 50, mixed_event);
  const auto at_700 = sign_checkpoint(signer, origin, {.size = log.size(), .root = log.root()});
  StoredTree tree(store, 700, 700);

  std::string notes = at_300 + "\n" + at_700;
  std::string key = verifier_key(origin, signer.public_key());
  auto path = tree.inclusion(256);
  auto steps = tree.consistency(300);
  std::string note = at_700;
  auto lines = exported(store);
  int expected = 8;
  SUBCASE("nothing") { expected = 0; }
  SUBCASE("the end of the log cut off") { lines.pop_back(); }
  SUBCASE("a log that forked") {
    store.event(500).back() ^= 1;
    lines[499] = line_of(500, store.event(500));
  }
  SUBCASE("another key's checkpoint") {
    const crypto::Signer other(std::array<std::byte, 32>{std::byte{2}});
    notes = sign_checkpoint(other, origin, {.size = 700, .root = log.root()});
  }
  SUBCASE("an edited checkpoint") { notes.replace(notes.find("300"), 3, "301"); }
  SUBCASE("an edited verifier key") { key[key.find('+') + 1] ^= 1; }
  SUBCASE("an inclusion proof with a wrong hash") { path[3][0] ^= std::byte{1}; }
  SUBCASE("an inclusion proof that is too short") { path.pop_back(); }
  SUBCASE("an inclusion proof whose note is not signed") { note[note.size() - 8] ^= 4; }
  SUBCASE("a consistency proof with a wrong hash") { steps[0][0] ^= std::byte{1}; }
  SUBCASE("a consistency proof that is too long") { steps.emplace_back(); }
  for (std::size_t at = 0; (at = note.find('\n', at)) != std::string::npos; at += 2) note.replace(at, 1, "\\n");
  write(folder.file("notes"), notes);
  write(folder.file("inclusion"), R"({"seq":257,"size":700,)" + hashes_of(path) + R"(,"note":")" + note + "\"}");
  write(folder.file("consistency"),
        R"({"earlier_size":300,"earlier_root":")" + text_of(root_300) + R"(","size":700,)" + hashes_of(steps) + "}");
  const auto answer = run(folder, lines,
                          "--key '" + key + "' --checkpoints '" + folder.file("notes") + "' --proof '" +
                              folder.file("inclusion") + "' --proof '" + folder.file("consistency") + "'");
  INFO(answer.text);
  CHECK(answer.exit_code == expected);
  if (expected == 0) CHECK(answer.text.find("2 checkpoints and 2 proofs hold\n") != std::string::npos);
}
