// The built program from end to end: a hospital made, people invited, patients registered; here and over a server alike.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "process.hpp"

namespace {

using medflow::tests::Home;
using medflow::tests::Process;
using medflow::tests::Ran;
using medflow::tests::run;
using Words = std::vector<std::string>;

constexpr const char* password = "seven quiet herons wade at dawn";
constexpr const char* tenant = "northfield";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The text of a member of a flat JSON object that is known to be there.
std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  REQUIRE_MESSAGE(at != std::string::npos, name, " in ", json);
  const std::size_t from = at + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

Ran must(const Home& home, const Words& words, const std::string& input = {}) {
  const Ran ran = run(home, words, {}, input);
  INFO(words.front(), " ", words.size() > 1 ? words[1] : "", ": ", ran.err);
  REQUIRE(ran.exit == 0);
  return ran;
}

std::string init(const Home& home) {
  const Ran ran = must(home, {"init", "--json", "--data", home / "data", "--tenant", tenant, "--email",
                              "head@north.example", "--zone", "Europe/London"});
  return ran.out;
}

void complete(const Home& home, const std::string& invitation, const std::string& name) {
  must(home, {"auth", "register", "--data-dir", home / "data", "--tenant", tenant, "--invitation-file",
              home.write("invitation", invitation), "--password-file", home.write("password", password),
              "--display-name", name});
}

void login(const Home& home, const Words& where, const std::string& email) {
  Words words{"login", "--tenant", tenant, "--email", email, "--password-file", home.write("password", password)};
  words.insert(words.end(), where.begin(), where.end());
  must(home, words);
}

/// A hospital with an administrator and a receptionist, both signed in.
void settle(const Home& home) {
  complete(home, member(init(home), "invitation"), "Heather Head");
  login(home, {"--data", home / "data"}, "head@north.example");
  const std::string facility = member(must(home, {"facilities", "list", "--json"}).out, "id");
  const std::string invited =
      must(home, {"users", "invite", "--json", "--email", "desk@north.example", "--display-name", "Desk", "--roles",
                  "receptionist", "--facilities", facility})
          .out;
  complete(home, member(invited, "token"), "Daisy Desk");
  login(home, {"--data", home / "data"}, "desk@north.example");
}

class Server {
 public:
  explicit Server(const Home& home)
      : process_(home, {"serve", "--data", home / "data", "--port", "0", "--quiet"}), url_(process_.first_line()) {
    REQUIRE(url_.starts_with("http://127.0.0.1:"));
  }
  const std::string& url() const { return url_; }
  Ran stop() {
    process_.end();
    return process_.wait();
  }

 private:
  Process process_;
  std::string url_;
};

}  // namespace

TEST_CASE("CLI-2: init makes key, data, tenant and administrator; a second run keeps what is there") {
  const Home home;
  const std::string first = init(home);
  const std::string key_file = home / "config/medflow/root.key";
  const std::string key = Home::read(key_file);
  struct stat status {};
  REQUIRE(::stat(key_file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  CHECK(has(first, "\"root_key_made\":true"));

  const std::string second = init(home);
  CHECK(Home::read(key_file) == key);
  CHECK(has(second, "\"root_key_made\":false"));
  CHECK(member(second, "invitation") != member(first, "invitation"));  // nobody had used the first one

  complete(home, member(second, "invitation"), "Heather Head");
  CHECK_FALSE(has(init(home), "invitation"));

  medflow::tests::fs::remove(key_file);
  const Ran lost = run(home, {"init", "--data", home / "data", "--tenant", tenant, "--email", "head@north.example"});
  CHECK(lost.exit == 7);
  CHECK(has(lost.err, "root.key"));
  CHECK_FALSE(medflow::tests::fs::exists(key_file));
}

TEST_CASE("CLI-2: a root key inside the data folder is refused, and nothing is made") {
  const Home home;
  const Ran ran = run(home, {"init", "--data", home / "data", "--tenant", tenant, "--email", "head@north.example",
                             "--root-key-file", home / "data/root.key"});
  CHECK(ran.exit == 2);
  CHECK(has(ran.err, "MEDFLOW_ROOT_KEY_FILE"));
  CHECK_FALSE(medflow::tests::fs::exists(home / "data"));
}

TEST_CASE("CLI-1: the same commands give the same bytes here and over a server, and the same exit codes") {
  const Home home;
  settle(home);
  const std::string patient =
      must(home, {"patients", "register", "--json", "--data", "-"},
           R"({"names":[{"family":"O’Brien","given":["Siân"]}],"birth":{"date":"1980-02-29"},"sex_admin":"female"})")
          .out;
  const std::string id = member(patient, "id");
  must(home, {"patients", "register", "--names", R"({"family":"Nguyễn"})", "--sex-admin", "unknown"});
  const std::string gone = "019a0000-0000-7000-8000-00000000dead";

  const std::vector<std::pair<Words, int>> commands = {
      {{"patients", "get", "--id", id}, 0},
      {{"patients", "list", "--name", "obrien"}, 0},
      {{"patients", "list", "--limit", "10"}, 0},
      {{"patients", "search", "--name", "nguyen"}, 0},
      {{"facilities", "list"}, 0},
      {{"patients", "get", "--id", gone}, 3},
      {{"patients", "register", "--sex-admin", "male", "--names", R"({"family":""})"}, 4},
      {{"patients", "register", "--sex-admin", "male", "--names", R"({"family":"X"})", "--birth",
        R"({"date":"2001-02-30"})"},
       4},
      {{"patients", "patch", "--id", id, "--revision", "9", "--language", "en"}, 5},
      {{"patients", "patch", "--id", id, "--language", "en"}, 4},
      {{"settings", "update", "--revision", "1", "--mrn-prefix", "X"}, 6},
  };
  std::vector<Ran> here;
  for (const auto& command : commands) {
    const Words& words = command.first;
    const int exit = command.second;
    Words full = words;
    full.insert(full.end(), {"--json", "--data-dir", home / "data"});
    here.push_back(run(home, full));
    INFO(words[0], " ", words[1], ": ", here.back().err);
    CHECK(here.back().exit == exit);
    CHECK(here.back().out.empty() == (exit != 0));
    CHECK(here.back().err.empty() == (exit == 0));
  }
  CHECK(has(here[0].out, "O’Brien"));
  CHECK(has(here[1].out, id));
  CHECK(has(here[6].err, "names/0"));
  CHECK(has(here[7].err, "birth/date"));

  Server server(home);
  login(home, {"--server", server.url()}, "desk@north.example");
  for (std::size_t i = 0; i < commands.size(); ++i) {
    Words full = commands[i].first;
    full.insert(full.end(), {"--json", "--server", server.url()});
    const Ran there = run(home, full);
    INFO(full[0], " ", full[1], " ", full[2], ": ", there.err);
    CHECK(there.exit == here[i].exit);
    CHECK(there.out == here[i].out);
    CHECK(there.err == here[i].err);
  }

  // While the server has the data, nobody else does.
  const Ran busy = run(home, {"patients", "get", "--id", id, "--data-dir", home / "data"});
  CHECK(busy.exit == 7);
  CHECK(has(busy.err, "store.in_use"));

  must(home, {"logout", "--server", server.url()});
  CHECK(run(home, {"patients", "get", "--id", id, "--server", server.url()}).exit == 6);
  const Ran stopped = server.stop();
  CHECK(stopped.exit == 0);
  CHECK(run(home, {"patients", "get", "--id", id, "--server", server.url()}).exit == 6);
}

TEST_CASE("CLI-1: a patient is exported and deleted for a reason over a server as here") {
  const Home home;
  settle(home);
  const auto take_out = [&](const Words& where) {
    Words words{"patients", "register", "--json", "--sex-admin", "unknown", "--names", R"({"family":"Röntgen"})"};
    words.insert(words.end(), where.begin(), where.end());
    const std::string id = member(must(home, words).out, "id");
    const auto as_head = [&](Words command) {
      command.insert(command.end(), {"--id", id, "--as", "head@north.example"});
      command.insert(command.end(), where.begin(), where.end());
      return run(home, command);
    };
    const Ran exported = as_head({"patients", "export", "--reason", "moves to another hospital"});
    INFO(exported.err);
    CHECK(exported.exit == 0);
    CHECK(has(exported.out, "Röntgen"));
    CHECK(has(as_head({"patients", "export", "--reason", "short"}).err, "reason.required"));
    const Words remove{"patients", "delete", "--reason", "registered twice, says Dr. Röntgen", "--revision"};
    Words stale = remove;
    stale.emplace_back("9");
    const Ran refused = as_head(stale);
    CHECK(refused.exit == 5);
    CHECK(has(refused.err, "conflict.revision"));
    Words right = remove;
    right.emplace_back("1");
    const Ran removed = as_head(right);
    INFO(removed.err);
    CHECK(removed.exit == 0);
    CHECK(as_head({"patients", "get"}).exit == 3);
  };
  take_out({"--data-dir", home / "data"});
  Server server(home);
  login(home, {"--server", server.url()}, "head@north.example");
  login(home, {"--server", server.url()}, "desk@north.example");
  take_out({"--server", server.url()});
}

TEST_CASE("CLI-1, R11: a command with an idempotency key is done once, here and over a server; who needs one gets it") {
  const Home home;
  settle(home);
  const auto register_as = [&](const std::string& family, const std::string& key, Words where) {
    Words words{"patients",
                "register",
                "--json",
                "--sex-admin",
                "unknown",
                "--names",
                R"({"family":")" + family + "\"}",
                "--idempotency-key",
                key};
    words.insert(words.end(), where.begin(), where.end());
    return run(home, words);
  };
  const std::string gone = "019a0000-0000-7000-8000-00000000dead";
  const auto check = [&](const Words& where, const std::string& family) {
    const Ran first = register_as(family, "key-" + family, where);
    REQUIRE(first.exit == 0);
    CHECK(register_as(family, "key-" + family, where).out == first.out);
    CHECK(register_as(family, "other-" + family, where).out != first.out);
    const Ran mismatch = register_as("Another", "key-" + family, where);
    CHECK(mismatch.exit == 4);
    CHECK(has(mismatch.err, "idempotency.mismatch"));
    CHECK(has(register_as(family, "two words", where).err, "idempotency.malformed"));
    // Without one it would be told that the key is missing.
    Words words{"invoices", "issue", "--id", gone};
    words.insert(words.end(), where.begin(), where.end());
    const Ran issued = run(home, words);
    CHECK_FALSE(has(issued.err, "idempotency"));
    CHECK(issued.exit == 3);
  };
  check({"--data-dir", home / "data"}, "Here");
  Server server(home);
  login(home, {"--server", server.url()}, "desk@north.example");
  check({"--server", server.url()}, "There");
}

TEST_CASE("CLI-1: --as picks a stored session and impersonates nobody; a wrong password and no session are denied") {
  const Home home;
  settle(home);
  CHECK(has(must(home, {"profile", "get"}).out, "Daisy Desk"));
  CHECK(has(must(home, {"profile", "get", "--as", "head@north.example"}).out, "Heather Head"));
  CHECK(run(home, {"profile", "get", "--as", "eve@north.example"}).exit == 6);
  const Ran wrong = run(home, {"login", "--data", home / "data", "--tenant", tenant, "--email", "head@north.example",
                               "--password-file", home.write("wrong", "not the password at all")});
  CHECK(wrong.exit == 6);
  CHECK_FALSE(has(wrong.err, "not the password"));
  CHECK(run(home, {"login", "--data", home / "data", "--tenant", tenant, "--email", "head@north.example"}).exit ==
        2);  // no terminal

  must(home, {"logout"});
  must(home, {"logout"});
  CHECK(run(home, {"profile", "get", "--data-dir", home / "data"}).exit == 6);
  CHECK(run(home, {"audit", "verify", "--tenant", "platform", "--data-dir", home / "data"}).exit == 0);
  CHECK(has(must(home, {"tenants", "list", "--data-dir", home / "data"}).out, tenant));
}

TEST_CASE("CLI-1: a session whose access token has expired is renewed without a word") {
  const Home home;
  settle(home);
  const std::string path = home / "config/medflow/sessions.json";
  std::string stored = Home::read(path);
  const std::string before = stored;
  for (std::size_t at = stored.find("\"expires_at\":\""); at != std::string::npos;
       at = stored.find("\"expires_at\":\"", at + 1)) {
    const std::size_t from = at + 14;
    stored.replace(from, stored.find('"', from) - from, "2001-01-01T00:00:00Z");
  }
  home.write("config/medflow/sessions.json", stored);
  CHECK(has(must(home, {"profile", "get"}).out, "Daisy Desk"));
  const std::string after = Home::read(path);
  CHECK(after != stored);
  CHECK(after != before);
  CHECK(has(must(home, {"profile", "get"}).out, "Daisy Desk"));
  CHECK(Home::read(path) == after);
}

TEST_CASE("INT-5: a generated population is imported once, however often the import is run; broken rows are named") {
  const Home home;
  settle(home);
  must(home, {"generate", "synthea-csv", home / "csv", "--patients", "1200", "--seed", "9"});
  const Ran first = must(home, {"import", "synthea-csv", home / "csv", "--as", "head@north.example", "--json"});
  CHECK(has(first.out, "\"created\":1200,\"unchanged\":0,\"failed\":0"));
  const Ran second = must(home, {"import", "synthea-csv", home / "csv", "--as", "head@north.example", "--json"});
  CHECK(has(second.out, "\"created\":0,\"unchanged\":1200,\"failed\":0"));

  std::string broken = Home::read(home / "csv/patients.csv");
  const std::size_t line = broken.find('\n', broken.find('\n') + 1) + 1;  // the third line's birth date
  broken.replace(line + 37, 10, "1990-13-01");
  const Ran third =
      run(home, {"import", "synthea-csv", home.write("broken.csv", broken), "--as", "head@north.example"});
  CHECK(third.exit == 4);
  CHECK(has(third.err, "line 3, BIRTHDATE"));
  CHECK(has(third.out, "unchanged  1199\nfailed     1\n"));
  CHECK(
      run(home, {"import", "synthea-csv", home.write("other.csv", "a,b\n1,2\n"), "--as", "head@north.example"}).exit ==
      4);
  CHECK(run(home, {"import", "synthea-csv", home / "nowhere", "--as", "head@north.example"}).exit == 2);
}

TEST_CASE("CLI-2: the demo serves a hospital from end to end, and production refuses it") {
  const Home home;
  const Ran once = run(home, {"demo", "--once", "--patients", "60", "--port", "0", "--json"});
  INFO(once.err);
  CHECK(once.exit == 0);
  CHECK(member(once.out, "email") == "reception@demo.example");
  CHECK(has(once.out, "\"pid\":"));
  CHECK(has(once.out, "\"billing@demo.example\""));
  CHECK(has(once.err, "read patient "));
  CHECK(has(once.err, "signed in as billing@demo.example\nlisted invoices: 12 issued, 5 of them overdue\n"));
  CHECK(has(once.err, "printed invoice INV-"));
  CHECK(has(once.err, " accounts, balanced\n"));
  const Ran refused = run(home, {"demo", "--once", "--port", "0"}, {{"NODE_ENV", "production"}});
  CHECK(refused.exit == 2);
  CHECK(has(refused.err, "NODE_ENV"));
}

TEST_CASE("CLI-2: a demo that is kept keeps its password and adds nobody twice") {
  const Home home;
  const Words words{"demo", "--once", "--patients", "40", "--port", "0", "--json", "--data", home / "demo"};
  const Ran first = must(home, words);
  const Ran second = must(home, words);
  CHECK(member(first.out, "password") == member(second.out, "password"));
  for (const Ran* one : {&first, &second}) CHECK(has(one->err, "listed invoices: 12 issued"));
}

TEST_CASE("R16: config shows values and origins and masks secrets; a typing error stops every command") {
  const Home home;
  const Ran shown = run(home, {"config", "--port", "4000"}, {{"SMTP_PASS", "hunter22"}, {"JWT_SECRET", "of old"}});
  CHECK(shown.exit == 0);
  CHECK(has(shown.out, "PORT"));
  CHECK(has(shown.out, "(command line)"));
  CHECK(has(shown.err, "warning: JWT_SECRET"));
  CHECK_FALSE(has(shown.out + shown.err, "hunter22"));
  CHECK_FALSE(has(shown.out + shown.err, "of old"));

  const Ran typo = run(home, {"serve"}, {{"MEDFLOW_ROOTKEY", "x"}, {"PORT", "many"}});
  CHECK(typo.exit == 2);
  CHECK(has(typo.err, "MEDFLOW_ROOTKEY"));
  CHECK(has(typo.err, "PORT"));
  CHECK(run(home, {"config", "--database-url", "postgresql://a:b@c/d"}).exit == 2);
  CHECK(run(home, {"config", "--example"}).out ==
        medflow::tests::Home::read(std::string(MEDFLOW_SOURCE_DIR) + "/.env.example"));
}

TEST_CASE("CLI-1: help, version and usage") {
  const Home home;
  CHECK(run(home, {"--help"}).exit == 0);
  CHECK(has(run(home, {"patients", "register", "--help"}).out, "--sex-admin"));
  CHECK(run(home, {"version"}).out.starts_with("medflow 0."));
  CHECK(run(home, {}).exit == 2);
  CHECK(run(home, {"patients"}).exit == 2);
  CHECK(run(home, {"patients", "dance"}).exit == 2);
  CHECK(run(home, {"patients", "list", "--server", "clinic.example"}).exit == 2);
  CHECK(run(home, {"patients", "list", "--data-dir", home / "nothing"}).exit == 7);
  CHECK(has(run(home, {"completion", "bash"}).out, "complete -o default -F _medflow medflow"));
}
