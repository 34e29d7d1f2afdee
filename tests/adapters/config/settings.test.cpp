// R16: where settings come from, what stops a start, and what is shown of them.
#include "adapters/config/settings.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "adapters/config/engine.hpp"

namespace {

using medflow::config::EngineKind;
using medflow::config::Origin;
using medflow::config::Refused;
using medflow::config::Settings;
using medflow::config::Sources;

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    static std::atomic<int> count{0};
    path_ =
        fs::temp_directory_path() / ("medflow-config-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// The lines of the refusal; empty where there is none.
std::string refusal(const Sources& sources) {
  try {
    Settings::load(sources);
  } catch (const Refused& refused) {
    return refused.what();
  }
  return {};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("R16: command line beats environment beats env file beats default") {
  const Folder folder;
  Sources sources{.env_file = folder.file("env", "PORT=4003\nSMTP_PORT=465\nNODE_ENV=test\n")};
  CHECK(Settings::load({}).number("port") == 3001);
  CHECK(Settings::load({}).get("port").origin == Origin::standard);

  CHECK(Settings::load(sources).number("port") == 4003);
  CHECK(Settings::load(sources).get("port").origin == Origin::env_file);

  sources.environment["PORT"] = "4002";
  CHECK(Settings::load(sources).number("port") == 4002);
  CHECK(Settings::load(sources).get("port").origin == Origin::environment);

  sources.command_line["port"] = "4001";
  const Settings settings = Settings::load(sources);
  CHECK(settings.number("port") == 4001);
  CHECK(settings.get("port").origin == Origin::command_line);
  CHECK(settings.number("smtp_port") == 465);
  CHECK(settings.text("node_env") == "test");
}

TEST_CASE("R16: the defaults are those of the table in the rules") {
  const Settings settings = Settings::load({.environment = {{"XDG_CONFIG_HOME", "/etc/xdg"}}});
  CHECK(settings.production());
  CHECK(settings.text("api_version") == "v1");
  CHECK(settings.text("root_key_file") == "/etc/xdg/medflow/root.key");
  CHECK(settings.engine().kind == medflow::config::EngineKind::sqlcipher);
  CHECK(settings.engine().folder == "./data");
  CHECK(settings.number("jwt_expires_in") == 900);
  CHECK(settings.number("jwt_refresh_expires_in") == 7 * 86400);
  CHECK(settings.number("max_file_size") == 5242880);
  CHECK(settings.list("allowed_file_types").size() == 6);
  CHECK(settings.list("frontend_url").empty());
  CHECK(settings.warnings().empty());
  CHECK(Settings::load({.environment = {{"HOME", "/home/x"}}}).text("root_key_file") ==
        "/home/x/.config/medflow/root.key");
}

TEST_CASE("R16: a value that does not parse stops the start and is named, all of them at once") {
  const std::string lines = refusal({.environment = {{"PORT", "70000"},
                                                     {"NODE_ENV", "prod"},
                                                     {"JWT_EXPIRES_IN", "15"},
                                                     {"JWT_REFRESH_EXPIRES_IN", "91d"},
                                                     {"FRONTEND_URL", "https://a.example,clinic"},
                                                     {"DATABASE_URL", "mysql://x"},
                                                     {"API_VERSION", "v2"},
                                                     {"MAX_FILE_SIZE", "5MB"}}});
  for (const char* name : {"PORT", "NODE_ENV", "JWT_EXPIRES_IN", "JWT_REFRESH_EXPIRES_IN", "FRONTEND_URL",
                           "DATABASE_URL", "API_VERSION", "MAX_FILE_SIZE"})
    CHECK_MESSAGE(has(lines, std::string(name) + " (environment)"), name);
  CHECK(
      refusal({.environment = {{"PORT", "0"}, {"FRONTEND_URL", "https://a.example, http://b.example:8080"}}}).empty());
}

TEST_CASE("R16: an unknown MEDFLOW_ name stops the start, wherever it stands; other programs' names do not") {
  const Folder folder;
  CHECK(has(refusal({.environment = {{"MEDFLOW_ROOT_KEYFILE", "x"}}}), "MEDFLOW_ROOT_KEYFILE (environment)"));
  CHECK(has(refusal({.env_file = folder.file("env", "MEDFLOW_PORT=1\n")}), "MEDFLOW_PORT"));
  CHECK(refusal({.environment = {{"PATH", "/bin"}, {"VITE_URL", "x"}}}).empty());
}

TEST_CASE("R16: the seed's names that are not used give one warning line each") {
  const Settings settings = Settings::load({.environment = {{"JWT_SECRET", "s3cret-of-old"},
                                                            {"JWT_REFRESH_SECRET", "x"},
                                                            {"REDIS_URL", "redis://r"},
                                                            {"UPLOAD_PATH", "up"}}});
  REQUIRE(settings.warnings().size() == 4);
  std::string all;
  for (const auto& line : settings.warnings()) all += line + '\n';
  for (const char* name : {"JWT_SECRET: ", "JWT_REFRESH_SECRET: ", "REDIS_URL: ", "UPLOAD_PATH: "})
    CHECK(has(all, name));
  CHECK_FALSE(has(all, "s3cret-of-old"));
}

TEST_CASE("R16: secrets are masked, the password in a database URL too, and no refusal repeats one") {
  using medflow::config::find;
  using medflow::config::masked;
  CHECK(masked(*find("SMTP_PASS"), "hunter22") == "********");
  CHECK(masked(*find("SMTP_PASS"), "") == "");
  CHECK(masked(*find("DATABASE_URL"), "postgresql://med:hunter22@db.example/flow") ==
        "postgresql://med:********@db.example/flow");
  CHECK(masked(*find("DATABASE_URL"), "postgresql://db/flow?user=a&password=hunter22&x=1") ==
        "postgresql://db/flow?user=a&password=********&x=1");
  CHECK(masked(*find("DATABASE_URL"), "sqlcipher:/var/lib/medflow") == "sqlcipher:/var/lib/medflow");

  CHECK(masked(*find("MEDFLOW_PLACEMENTS"), "fast=sqlite:/srv/fast,pg=postgresql://med:hunter22@db/flow") ==
        "fast=sqlite:/srv/fast,pg=postgresql://med:********@db/flow");

  const std::string lines = refusal(
      {.environment = {{"SENTRY_DSN", "hunter22 not a url"}, {"DATABASE_URL", "mysql://med:hunter22@db/flow"}}});
  CHECK(has(lines, "SENTRY_DSN"));
  CHECK(has(lines, "DATABASE_URL"));
  CHECK(has(lines, "postgresql"));
  CHECK_FALSE(has(lines, "hunter22"));
}

TEST_CASE("R16: PostgreSQL has a URL to work by and one to migrate by, which is none where they are the same") {
  const auto engine = [](std::map<std::string, std::string, std::less<>> environment) {
    return medflow::config::Settings::load({.environment = std::move(environment)}).engine();
  };
  const auto both = engine({{"DATABASE_URL", "postgresql://app@db/flow"}, {"DIRECT_URL", "postgresql://boss@db/flow"}});
  CHECK(both.kind == medflow::config::EngineKind::postgresql);
  CHECK(both.url == "postgresql://app@db/flow");
  CHECK(both.direct_url == "postgresql://boss@db/flow");
  CHECK(both.connections_max == 16);
  CHECK(engine({{"DATABASE_URL", "postgres://app@db/flow"}, {"DIRECT_URL", "postgres://app@db/flow"}})
            .direct_url.empty());
  CHECK(engine({{"DATABASE_URL", "postgres://app@db/flow"}, {"MEDFLOW_DATABASE_CONNECTIONS", "4"}}).connections_max ==
        4);
}

TEST_CASE("R16: an env file may quote, export and comment; a line that is none is named by its number") {
  const Folder folder;
  const auto texts = medflow::config::read_env_file(
      folder.file("env", "# all\n\nexport PORT=1 # why\nA='x # y'\nB=\"two words\"  # note\r\nC=\nD=a#b\n"));
  CHECK(texts.at("PORT") == "1");
  CHECK(texts.at("A") == "x # y");
  CHECK(texts.at("B") == "two words");
  CHECK(texts.at("C").empty());
  CHECK(texts.at("D") == "a#b");
  const std::string bad = refusal({.env_file = folder.file("bad", "PORT=1\nnonsense\nX='open\n")});
  CHECK(has(bad, "bad:2: "));
  CHECK(has(bad, "bad:3: "));
  CHECK(has(refusal({.env_file = (folder.path() / "none").string()}), "none: this env file cannot be read"));
}

TEST_CASE("R16: durations are a number and a unit") {
  using medflow::config::parse_duration;
  CHECK(parse_duration("15m") == 900);
  CHECK(parse_duration("7d") == 604800);
  CHECK(parse_duration("90s") == 90);
  CHECK(parse_duration("2h") == 7200);
  for (const char* text : {"", "m", "15", "-1m", "1.5h", "1 h", "015m", "1w", "99999999999999999999d", "20000d"})
    CHECK_MESSAGE(!parse_duration(text), text);
}

TEST_CASE("R16: a sender is required with a mail server, and production refuses the memory root key") {
  CHECK(has(refusal({.environment = {{"SMTP_HOST", "mail.example"}}}), "FROM_EMAIL"));
  CHECK(refusal({.environment = {{"SMTP_HOST", "mail.example"}, {"FROM_EMAIL", "a@b.example"}}}).empty());
  CHECK(has(refusal({.environment = {{"MEDFLOW_ROOT_KEY_FILE", "memory:"}}}), "production"));
  CHECK(refusal({.environment = {{"MEDFLOW_ROOT_KEY_FILE", "memory:"}, {"NODE_ENV", "test"}}}).empty());
}

TEST_CASE(
    "R16: as long as nothing is sent by mail, a mail server that is named is warned of, and its value is not shown") {
  const auto warned =
      Settings::load({.environment = {{"SMTP_HOST", "mail.example"}, {"FROM_EMAIL", "a@b.example"}}}).warnings();
  REQUIRE(warned.size() == 1);
  CHECK(has(warned[0], "SMTP_HOST"));
  CHECK_FALSE(has(warned[0], "mail.example"));
  CHECK(Settings::load({}).warnings().empty());
}

TEST_CASE("R16: a root key file inside the data folder is refused, however it is spelt") {
  const Folder folder;
  const medflow::config::EngineUrl data{.kind = medflow::config::EngineKind::sqlcipher,
                                        .folder = (folder.path() / "data").string()};
  fs::create_directories(folder.path() / "data");
  fs::create_directory_symlink(folder.path() / "data", folder.path() / "link");
  using medflow::config::inside_data;
  CHECK(inside_data((folder.path() / "data/root.key").string(), data));
  CHECK(inside_data((folder.path() / "other/../data/x/root.key").string(), data));
  CHECK(inside_data((folder.path() / "link/root.key").string(), data));
  CHECK_FALSE(inside_data((folder.path() / "data.key").string(), data));
  CHECK_FALSE(inside_data((folder.path() / "database/root.key").string(), data));
  auto slashed = data;
  slashed.folder += '/';
  CHECK(inside_data((folder.path() / "data/root.key").string(), slashed));
  CHECK_FALSE(inside_data((folder.path() / "root.key").string(), slashed));
}

#ifdef MEDFLOW_SOURCE_DIR
TEST_CASE("R16: what the server is told about proxies, hosts and its certificate is read strictly") {
  for (const char* good : {"", "10.0.0.7", "10.0.0.0/8, 2001:db8::/32,::1"})
    CHECK(refusal({.environment = {{"MEDFLOW_TRUSTED_PROXIES", good}}}).empty());
  for (const char* bad : {"proxy.local", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8;", "10.0.0"})
    CHECK_MESSAGE(has(refusal({.environment = {{"MEDFLOW_TRUSTED_PROXIES", bad}}}), "MEDFLOW_TRUSTED_PROXIES"), bad);
  CHECK(has(refusal({.environment = {{"MEDFLOW_ALLOWED_HOSTS", "clinic.example, a/b"}}}), "MEDFLOW_ALLOWED_HOSTS"));
  CHECK(has(refusal({.environment = {{"MEDFLOW_RATE_LIMITS", "sometimes"}}}), "MEDFLOW_RATE_LIMITS"));
  CHECK(has(refusal({.environment = {{"MEDFLOW_CONNECTIONS", "0"}}}), "MEDFLOW_CONNECTIONS"));
  CHECK(has(refusal({.environment = {{"MEDFLOW_TLS_CERTIFICATE", "a.pem"}}}), "MEDFLOW_TLS_KEY"));
  CHECK(has(refusal({.environment = {{"MEDFLOW_TLS_KEY", "a.pem"}}}), "MEDFLOW_TLS_CERTIFICATE"));
  CHECK(refusal({.environment = {{"MEDFLOW_TLS_KEY", "a.pem"}, {"MEDFLOW_TLS_CERTIFICATE", "b.pem"}}}).empty());
}

TEST_CASE("USR-4, R16: tenants are named by host, or as the only one, strictly") {
  const auto settings =
      Settings::load({.environment = {{"MEDFLOW_TENANT_HOSTS", "north.example=northfield, [2001:db8::1]=st-mary"},
                                      {"MEDFLOW_ONLY_TENANT", "northfield"}}});
  const auto tenants = settings.tenants("tenant_hosts");
  REQUIRE(tenants.size() == 2);
  CHECK(tenants[0] == std::pair<std::string, std::string>{"north.example", "northfield"});
  CHECK(tenants[1] == std::pair<std::string, std::string>{"[2001:db8::1]", "st-mary"});
  CHECK(settings.text("only_tenant") == "northfield");
  CHECK(Settings::load({}).tenants("tenant_hosts").empty());
  CHECK(Settings::load({}).text("only_tenant").empty());
  for (const char* wrong : {"northfield", "north.example=", "=northfield", "north.example=North", "north.example=ab",
                            "north.example:3001=northfield", "::1=northfield", "a/b=northfield",
                            "north.example=northfield,", "north.example=northfield,NORTH.example=st-mary"}) {
    CAPTURE(wrong);
    const std::string lines = refusal({.environment = {{"MEDFLOW_TENANT_HOSTS", wrong}}});
    CHECK(has(lines, "MEDFLOW_TENANT_HOSTS (environment)"));
    CHECK(has(lines, "host=slug"));
  }
  for (const char* wrong : {"North", "ab", "north field", "northfield,st-mary"}) {
    CAPTURE(wrong);
    CHECK(has(refusal({.environment = {{"MEDFLOW_ONLY_TENANT", wrong}}}), "MEDFLOW_ONLY_TENANT (environment)"));
  }
}

TEST_CASE("R16: .env.example is what `medflow config --example` prints") {
  std::ifstream in(std::string(MEDFLOW_SOURCE_DIR) + "/.env.example");
  std::stringstream committed;
  committed << in.rdbuf();
  CHECK(committed.str() == medflow::config::example());
}
#endif

TEST_CASE("R16: the example can be used as it is, and every name of the table is in it") {
  const Folder folder;
  const std::string text = medflow::config::example();
  for (const auto& row : medflow::config::table()) {
    CHECK(has(text, "\n#" + std::string(row.environment) + "="));
    CHECK_FALSE(row.meaning.empty());
  }
  CHECK(refusal({.env_file = folder.file("env", text)}).empty());
}

TEST_CASE("TEN-3: placements are named engines; a name twice, a reserved one and what is no engine stop the start") {
  const auto settings =
      Settings::load({.environment = {{"MEDFLOW_PLACEMENTS", "fast=sqlite:/srv/fast, vault-2=sqlcipher:/srv/vault"}}});
  const auto placements = settings.placements();
  REQUIRE(placements.size() == 2);
  CHECK(placements.at("fast").kind == EngineKind::sqlite);
  CHECK(placements.at("vault-2").folder == "/srv/vault");
  CHECK(Settings::load({}).placements().empty());
  for (const char* wrong : {"fast", "fast=", "=sqlite:a", "Fast=sqlite:a", "default=sqlite:a", "a=sqlite:a,a=sqlite:b",
                            "a=mysql://x", "a=sqlite:a,"}) {
    CAPTURE(wrong);
    CHECK(has(refusal({.environment = {{"MEDFLOW_PLACEMENTS", wrong}}}), "MEDFLOW_PLACEMENTS (environment)"));
  }
}

TEST_CASE("TEN-3: two placements that are one place stop the start") {
  const auto told = [](const char* database, const char* placements) {
    return refusal({.environment = {{"DATABASE_URL", database}, {"MEDFLOW_PLACEMENTS", placements}}});
  };
  CHECK(has(told("postgresql://app@db/main", "main=postgresql://other:secret@db/main"),
            "MEDFLOW_PLACEMENTS: default and main are one place"));
  CHECK(has(told("sqlite:/srv/data", "a=sqlcipher:/srv/other/../data/"), "a and default are one place"));
  CHECK(has(told("memory:", "a=sqlite:/srv/a,b=sqlite:/srv/a"), "a and b are one place"));
  CHECK(told("memory:", "a=memory:,b=memory:").empty());
  CHECK(told("postgresql://app@db/main", "a=postgresql://app@db/a,b=postgresql://app@db2/main").empty());
}

TEST_CASE("TEN-3: a placement in PostgreSQL has its migrator and its way to keep tenants apart; others have neither") {
  using Texts = std::map<std::string, std::string, std::less<>>;
  const Texts environment{{"DATABASE_URL", "postgresql://app@db/main"},
                          {"DIRECT_URL", "postgresql://migrator@db/main"},
                          {"MEDFLOW_PLACEMENTS", "apart=postgresql://app@db/apart,files=sqlite:/srv/files"},
                          {"MEDFLOW_PLACEMENTS_DIRECT", "apart=postgresql://migrator@db/apart"},
                          {"MEDFLOW_DATABASE_PER_TENANT", "apart"},
                          {"MEDFLOW_DATABASE_CONNECTIONS", "7"}};
  const auto settings = Settings::load({.environment = environment});
  const auto placements = settings.placements();
  CHECK(placements.at("apart").direct_url == "postgresql://migrator@db/apart");
  CHECK(placements.at("apart").tenant_database);
  CHECK(placements.at("apart").connections_max == 7);
  CHECK_FALSE(placements.at("files").tenant_database);
  CHECK_FALSE(settings.engine().tenant_database);
  for (const auto& [name, value] : {std::pair{"MEDFLOW_PLACEMENTS_DIRECT", "files=postgresql://m@db/x"},
                                    {"MEDFLOW_PLACEMENTS_DIRECT", "gone=postgresql://m@db/x"},
                                    {"MEDFLOW_DATABASE_PER_TENANT", "files"},
                                    {"MEDFLOW_DATABASE_PER_TENANT", "gone"}}) {
    Texts wrong = environment;
    const std::string given = wrong[name] = value;
    CAPTURE(given);
    CHECK(has(refusal({.environment = wrong}), std::string(name) + ": "));
  }
  auto of_default = environment;
  of_default["MEDFLOW_DATABASE_PER_TENANT"] = "apart,default";
  CHECK(Settings::load({.environment = of_default}).engine().tenant_database);
}
