// `medflow import codes`: a file of codes becomes a version of a code system.
#include "adapters/cli/code_import.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "process.hpp"

namespace {

using medflow::code_systems::Format;
using medflow::code_systems::Import;
using medflow::code_systems::Imported;
using medflow::code_systems::State;
using medflow::tests::Home;
using medflow::tests::Process;
using medflow::tests::Ran;
using medflow::tests::run;
namespace cli = medflow::cli;
using Words = std::vector<std::string>;

constexpr const char* password = "seven quiet herons wade at dawn";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  REQUIRE_MESSAGE(at != std::string::npos, name, " in ", json);
  const std::size_t from = at + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

Ran must(const Home& home, const Words& words) {
  const Ran ran = run(home, words);
  INFO(words.front(), " ", words[1], ": ", ran.err);
  REQUIRE(ran.exit == 0);
  return ran;
}

void login(const Home& home, const Words& where) {
  Words words{"login",
              "--tenant",
              "northfield",
              "--email",
              "head@north.example",
              "--password-file",
              home.write("password", password)};
  words.insert(words.end(), where.begin(), where.end());
  must(home, words);
}

/// A hospital whose administrator is signed in.
void settle(const Home& home) {
  const Ran made = must(home, {"init", "--json", "--data", home / "data", "--tenant", "northfield", "--email",
                               "head@north.example", "--zone", "Europe/London"});
  must(home, {"auth", "register", "--data-dir", home / "data", "--tenant", "northfield", "--invitation-file",
              home.write("invitation", member(made.out, "invitation")), "--password-file",
              home.write("password", password), "--display-name", "Heather Head"});
  login(home, {"--data", home / "data"});
}

/// A hospital that takes whatever comes, and what it was sent.
struct Taking {
  std::vector<Import> pieces{};
  std::vector<std::string> texts{};
  std::size_t broken_at = SIZE_MAX;

  Imported operator()(Import piece) {
    if (pieces.size() == broken_at) throw std::runtime_error("the line is cut");
    Imported answer;
    const auto bytes = piece.content.read_all(std::size_t{1} << 20U);
    REQUIRE(bytes.ok());
    texts.push_back(*bytes);
    for (const char c : *bytes) answer.created += c == '\n' ? 1 : 0;
    --answer.created;  // the header
    answer.system.id.uuid.bytes[0] = 9;
    answer.system.state = piece.total ? State::ready : State::loading;
    pieces.push_back(std::move(piece));
    return answer;
  }
};

Imported send(const std::string& text, Taking& to) {
  std::istringstream in(text);
  return cli::import_codes(
      in, {.system = "http://loinc.org", .version = "2.80", .name = "LOINC", .activate = false},
      [&](Import piece) { return to(std::move(piece)); }, [](std::uint64_t, std::uint64_t) {});
}

const std::string order_file =
    "00001 A00     0 Cholera                                                      Cholera\r\n"
    "00002 A000    1 Cholera due to Vibrio cholerae 01, biovar cholerae           Cholera due to Vibrio cholerae 01, "
    "biovar \"cholerae\"\r\n";

}  // namespace

TEST_CASE("REC-6: a file goes in pieces of 500 rows, and a last one says how many codes there are") {
  std::string text = "code,display\n";
  for (int i = 0; i < 1'200; ++i) text += std::to_string(i) + ",x\n";
  Taking to;
  const Imported sum = send(text, to);
  CHECK(sum.created == 1'200);
  CHECK(sum.system.state == State::ready);
  REQUIRE(to.pieces.size() == 4);
  CHECK_FALSE(to.pieces[0].id);
  for (std::size_t i = 1; i < 4; ++i) CHECK(to.pieces[i].id == sum.system.id);
  for (std::size_t i = 0; i < 3; ++i) CHECK_FALSE(to.pieces[i].total);
  CHECK(to.pieces[3].total == 1'200);
  CHECK(to.texts[3] == "code,display\n");
  CHECK(to.pieces[2].first_line == 1'001);
  CHECK(to.pieces[0].system == "http://loinc.org");
  CHECK(to.pieces[3].version == "2.80");
  CHECK_FALSE(to.pieces[3].activate);
}

TEST_CASE("REC-6: a version is not ended where a line failed, where nothing came in, or where the line was cut") {
  Taking none;
  CHECK(send("code,display\n", none).created == 0);
  CHECK(none.pieces.size() == 1);
  CHECK_FALSE(none.pieces[0].total);
  Taking cut;
  cut.broken_at = 1;
  std::string text = "code,display\n";
  for (int i = 0; i < 600; ++i) text += std::to_string(i) + ",x\n";
  CHECK_THROWS(send(text, cut));
  CHECK(cut.pieces.size() == 1);
  Taking failing;
  std::istringstream in(text);
  const Imported sum = cli::import_codes(
      in, {},
      [&](Import piece) {
        Imported answer = failing(std::move(piece));
        answer.failed = 1;
        return answer;
      },
      [](std::uint64_t, std::uint64_t) {});
  CHECK(failing.pieces.size() == 2);
  CHECK(sum.failed == 2);
  CHECK(sum.system.state == State::loading);
}

TEST_CASE("REC-6: the layout of a file is seen by its first line, and CMS's order file becomes CSV") {
  const auto layout = [](const std::string& text) {
    std::istringstream in(text);
    return cli::read_code_file(in);
  };
  CHECK(layout("code,display\nA,B\n").format == Format::csv);
  CHECK(layout("code,billable,short_description,long_description\n").format == Format::icd10cm);
  CHECK(layout("").format == Format::csv);
  const auto file = layout(order_file);
  CHECK(file.format == Format::icd10cm);
  CHECK(file.text ==
        "code,billable,long_description\nA00,0,\"Cholera\"\n"
        "A000,1,\"Cholera due to Vibrio cholerae 01, biovar \"\"cholerae\"\"\"\n");
  CHECK_THROWS_WITH_AS(layout(order_file + "no such line\n"), "line 3: not in the columns of an order file",
                       cli::CsvError);
}

TEST_CASE(
    "REC-6, CLI-2: import codes loads a version, here and over a server alike, and says what keeps it from being "
    "whole") {
  const Home home;
  settle(home);
  const std::string cms = home.write("icd10cm_order_2026.txt", order_file);
  const Ran first = must(home, {"import", "codes", cms, "--system", "icd-10-cm", "--version", "2026"});
  CHECK(has(first.out, "http://hl7.org/fhir/sid/icd-10-cm, version 2026\ncreated    2\nunchanged  0\nfailed     0\n"));
  CHECK(has(first.out, "whole      yes\nin use     yes\n"));
  const Words search{"codes", "search", "--system", "http://hl7.org/fhir/sid/icd-10-cm", "--q", "vib chol"};
  CHECK(has(must(home, search).out, "A00.0"));
  CHECK(has(must(home, {"import", "codes", cms, "--system", "icd-10-cm", "--version", "2026", "--json"}).out,
            "\"created\":0,\"unchanged\":2,\"failed\":0"));

  Process server(home, {"serve", "--data", home / "data", "--port", "0", "--quiet"});
  login(home, {"--server", server.first_line()});
  const std::string csv =
      home.write("next.csv", "code,display,selectable\nA00.0,Cholera anew,1\nB00,\"Herpes, simplex\",0\n");
  const Ran next = must(home, {"import", "codes", csv, "--system", "icd-10-cm", "--version", "2027", "--no-activate"});
  CHECK(has(next.out, "created    2\n"));
  CHECK(has(next.out, "whole      yes\nin use     no\n"));
  CHECK_FALSE(has(must(home, search).out, "anew"));
  CHECK(has(must(home, {"codes", "get", "--code", "B00", "--system", "http://hl7.org/fhir/sid/icd-10-cm", "--version",
                        "2027"})
                .out,
            "Herpes, simplex"));

  const std::string broken = home.write("broken.csv", "code,display\nA00.0,Cholera\nB00\n");
  const Ran refused = run(home, {"import", "codes", broken, "--system", "urn:example:own", "--version", "1"});
  CHECK(refused.exit == 4);
  CHECK(has(refused.err, "broken, line 3: "));
  CHECK(has(refused.err, "1 lines were left out"));
  CHECK(has(refused.out, "whole      no\n"));
  CHECK(run(home, {"import", "codes", home.write("empty.csv", "code,display\n"), "--system", "urn:example:own",
                   "--version", "1"})
            .exit == 4);
  const std::string damaged = home.write("damaged.txt", order_file + "00003 short\n");
  const Ran lines = run(home, {"import", "codes", damaged, "--system", "icd-10-cm", "--version", "2028"});
  CHECK(lines.exit == 4);
  CHECK(has(lines.err, "line 3: not in the columns of an order file"));
  std::string wrong = order_file;
  wrong.replace(wrong.find("A000 "), 5, "a000 ");
  const Ran named =
      run(home, {"import", "codes", home.write("wrong.txt", wrong), "--system", "icd-10-cm", "--version", "2028"});
  CHECK(has(named.err, "wrong, line 2, code: "));
  CHECK(run(home, {"import", "codes", cms, "--system", "icd", "--version", "1"}).exit == 2);
  CHECK(run(home, {"import", "codes", home / "nowhere", "--system", "icd-10-cm", "--version", "1"}).exit == 2);
  server.end();
  CHECK(server.wait().exit == 0);
}
