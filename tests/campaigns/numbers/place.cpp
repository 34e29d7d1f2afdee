#include "tests/campaigns/numbers/place.hpp"

#include "medflow/testing/hospital.hpp"
#include "tests/campaigns/numbers/desk.hpp"

namespace medflow::campaign {
namespace {

using testing::must;

constexpr std::string_view slug = "saint-mary";
constexpr std::string_view issuer = "https://campaign.example";
constexpr std::string_view password = "violet tundra 47 anchor mosaic";
constexpr std::int64_t first_amount = 1'000;

Session provision(const Platform& platform) {
  const Session root = platform.local_operator("campaign");
  const auto tenant = must(root.call(tenants::Provision{
      .slug = std::string(slug), .name = "Saint Mary", .default_zone = {"UTC"}, .currency = *Currency::parse("GBP")}));
  const auto invitation =
      must(root.call(users::InviteFirstAdmin{.id = tenant.id, .email = "admin@example.org", .display_name = "Admin"}));
  const Session visitor = platform.visit(slug);
  must(visitor.call(auth::Register{.invitation = Secret(invitation.token), .password = Secret(std::string(password))}));
  const auto tokens =
      must(visitor.call(auth::Login{.email = "admin@example.org", .password = Secret(std::string(password))}));
  return must(platform.authenticate(tokens.access_token));
}

Session member(const Platform& platform, std::string subject, Role role, std::vector<FacilityId> facilities) {
  return must(platform.session(slug, {.issuer = std::string(issuer),
                                      .subject = std::move(subject),
                                      .display_name = "Somebody",
                                      .roles = {role},
                                      .facilities = std::move(facilities)}));
}

void make_patients(const Session& desk, Shared& shared) {
  for (std::size_t h = 0; h < shared.hands; ++h) {
    patients::Register request{.names = {{.family = "Zq" + std::to_string(h), .given = {"Maria"}}},
                               .sex_admin = patients::Sex::female};
    request.birth = patients::Birth{.date = {static_cast<std::int16_t>(1940 + h), 3, 7}};
    request.identifiers = {{.system = "https://ids.example/test", .value = "T" + std::to_string(100'000 + h)}};
    shared.hand.at(h).patient = must(desk.call(std::move(request))).id.uuid;
  }
}

/// So that there is a last day for what comes before it to be refused.
void issue_first(const Session& clerk, Shared& shared, std::size_t place) {
  const auto desk = desk_in_process(clerk);
  const Uuid id = place == 0 ? *Uuid::parse("00000000-0000-4000-8000-000000000001")
                             : *Uuid::parse("00000000-0000-4000-8000-000000000002");
  const std::uint64_t begun = shared.tickets++;
  const Reply draft = desk->draft(id, shared.hand[0].patient, shared.facilities.at(place), first_amount);
  const Reply issued = desk->issue(id, draft.revision, id.text(), false);
  if (!issued.ok()) throw std::runtime_error("the first invoice answers " + draft.code + " and " + issued.code);
  shared.write_down(id, place, issued.sequence, begun, first_amount);
}

}  // namespace

PlatformOptions options_of(const Shared& shared, std::shared_ptr<storage::Engine> engine, std::int64_t behind_us) {
  return testing::test_options(std::move(engine), std::make_shared<SharedClock>(shared, behind_us));
}

void make_hospital(const Platform& platform, Shared& shared) {
  const Session admin = provision(platform);
  shared.facilities[0] = must(admin.call(facilities::List{})).data.at(0).id.uuid;
  const FacilityId annex = must(admin.call(facilities::Create{.name = "Annex", .zone = {"UTC"}})).id;
  shared.facilities[1] = annex.uuid;
  settings::Update update{.revision = must(admin.call(settings::Get{})).revision,
                          .trusted_issuers = std::vector<std::string>{std::string(issuer)}};
  update.facility_prefixes = std::vector<settings::FacilityPrefix>{
      {.facility_id = annex, .invoice_prefix = "ANX", .credit_note_prefix = "ANXCN"}};
  must(admin.call(std::move(update)));
  make_patients(member(platform, "desk", Role::receptionist, {FacilityId{shared.facilities[0]}}), shared);
  for (std::size_t place = 0; place < places; ++place) issue_first(clerk_of(platform, shared, 0), shared, place);
  shared.made = true;
}

Session clerk_of(const Platform& platform, const Shared& shared, std::size_t hand) {
  return member(platform, "clerk " + std::to_string(hand), Role::billing_clerk, {FacilityId{shared.facilities[0]}});
}

Session admin_of(const Platform& platform) { return member(platform, "admin", Role::tenant_admin, {}); }

}  // namespace medflow::campaign
