// A hospital inside a C++ program: made, staffed and used. Its data is encrypted; the key lies apart from it.
#include <cstdio>
#include <filesystem>

#include "medflow/medflow.hpp"
using namespace medflow;

auto must(auto result) { return result.ok() ? std::move(*result) : throw Failure(result.error()); }

Session join(const Platform& platform, const users::Invitation& invitation, const char* password) {
  const Session visitor = platform.visit("general");  // the invited person sets a password, and signs in
  must(visitor.call(auth::Register{.invitation = Secret(invitation.token), .password = Secret(password)}));
  const auto tokens = must(visitor.call(auth::Login{.email = *invitation.user.email, .password = Secret(password)}));
  return must(platform.authenticate(tokens.access_token));
}

int main() {
  const auto place = std::filesystem::temp_directory_path() / ("medflow-" + std::to_string(system_clock()->now().us));
  std::filesystem::create_directory(place);
  create_root_key_file(place / "root.key", *system_rng());
  {
    const auto platform = must(Platform::open({.engine = storage::sqlcipher_engine(place / "data"),
                                               .root_key = file_root_key(place / "root.key"),
                                               .create = true}));
    const Session root = platform.local_operator("embed");
    const auto hospital = must(root.call(tenants::Provision{
        .slug = "general", .name = "General", .default_zone = {"Europe/Rome"}, .currency = *Currency::parse("EUR")}));
    const auto first = must(root.call(users::InviteFirstAdmin{hospital.id, "ada@example.org", "Ada"}));
    const Session admin = join(platform, first, "violet tundra 47");
    const auto facility = must(admin.call(facilities::List{})).data.front().id;
    const auto second = must(admin.call(users::Invite{"rita@example.org", "Rita", {Role::receptionist}, {facility}}));
    const Session desk = join(platform, second, "anchor mosaic 12");
    must(desk.call(patients::Register{.names = {{.family = "Müller", .given = {"Anna"}}}, .birth = {{{1985, 3, 14}}}}));
    for (const auto& one : must(desk.call(patients::List{.name = "muller an"})).data)
      std::printf("%s %s %s\n", one.mrn.c_str(), one.names[0].family.c_str(), one.birth->date.text().c_str());
  }
  std::filesystem::remove_all(place);
}
