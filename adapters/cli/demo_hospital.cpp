#include "adapters/cli/demo_hospital.hpp"

#include <array>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "adapters/cli/csv_import.hpp"
#include "adapters/cli/deployment.hpp"
#include "adapters/cli/generator/population.hpp"
#include "adapters/cli/trouble.hpp"
#include "medflow/operations.hpp"
#include "medflow/ports.hpp"

namespace medflow::cli {
namespace {

struct Staff {
  Role role{};
  const char* user;  ///< the first part of the address
  const char* name;
};

constexpr const char* administrator = "admin";
constexpr Staff staff[] = {
    {Role::doctor, "doctor", "Dr. Ada Sommer"},
    {Role::nurse, "nurse", "Nadia Berg"},
    {Role::receptionist, "reception", "Robin Castillo"},
    {Role::billing_clerk, "billing", "Bill Okafor"},
    {Role::lab, "lab", "Lena Virtanen"},
    {Role::pharmacist, "pharmacy", "Pham Thị Hoa"},
    {Role::auditor, "auditor", "Audrey Kaya"},
};

std::string address_of(const char* user, const std::string& tenant) {
  return std::string(user) + '@' + tenant + ".example";
}

void complete(const Session& visitor, const users::Invitation& invitation, const char* name,
              const std::string& password) {
  must(visitor.call(
      auth::Register{.invitation = Secret(invitation.token), .display_name = name, .password = Secret(password)}));
}

/// The account of the staff's doctor.
std::optional<UserId> doctors_account(const Session& admin, const std::string& email) {
  for (const users::User& user : must(admin.call(users::List{.limit = page_limit_max})).data)
    if (user.email == email) return user.id;
  return std::nullopt;
}

doctors::Doctor add_doctor(const Session& admin, const std::string& email, FacilityId facility) {
  auto doctor = must(admin.call(doctors::Create{.user_id = doctors_account(admin, email),
                                                .name = staff[0].name,
                                                .specialties = {"394814009"},  // SNOMED CT: general practice
                                                .facilities = {facility}}));
  schedules::Set week{.id = doctor.id.uuid};
  for (const Weekday day : {Weekday::mon, Weekday::tue, Weekday::wed, Weekday::thu, Weekday::fri}) {
    week.windows.push_back({.weekday = day, .start = {9 * 60}, .end = {12 * 60}, .facility_id = facility});
    week.windows.push_back({.weekday = day, .start = {13 * 60}, .end = {17 * 60}, .facility_id = facility});
  }
  must(admin.call(std::move(week)));
  return doctor;
}

}  // namespace

Session sign_in_here(const Platform& platform, const std::string& tenant, const std::string& email,
                     const std::string& password) {
  const auto tokens =
      must(platform.visit(tenant).call(auth::Login{.email = email, .password = Secret(password), .device = "demo"}));
  return must(platform.authenticate(tokens.access_token));
}

void open_the_calendar(const Session& admin, const Session& desk, const tenants::Tenant& tenant,
                       const PriceItemId& consultation) {
  constexpr std::uint32_t visits = 12;
  if (!must(admin.call(doctors::List{.limit = 1})).data.empty()) return;
  const FacilityId facility = must(admin.call(facilities::List{.limit = 1})).data.front().id;
  const auto service = must(admin.call(
      services::Create{.code = "CONSULT", .name = "Consultation", .duration_min = 30, .price_item_id = consultation}));
  const auto doctor = add_doctor(admin, address_of(staff[0].user, tenant.slug), facility);
  // Every second slot, so that there are free ones between them.
  const auto free =
      must(desk.call(slots::FindFirst{
               .service_id = service.id, .doctors = {doctor.id}, .from = system_clock()->now(), .limit = 2 * visits}))
          .slots;
  std::size_t next = 0;
  for (const auto& patient : must(desk.call(patients::List{.limit = 5 * visits})).data) {
    if (next >= free.size()) return;
    const auto booked =
        desk.call(appointments::Book{.patient_id = patient.id,
                                     .service_id = service.id,
                                     .resources = {{.kind = ResourceKind::practitioner, .id = doctor.id.uuid}},
                                     .start = free[next].start,
                                     .reason = "check-up"});
    if (booked.ok())
      next += 2;
    else if (booked.error().code.name != "slot.policy")  // of some it is known that they have died
      throw Trouble(booked.error());
  }
}

std::vector<patients::Patient> living_patients(const Session& desk) {
  auto some = must(desk.call(patients::List{.limit = 50})).data;
  std::erase_if(some, [](const patients::Patient& one) { return one.deceased.has_value(); });
  return some;
}

std::string receptionist_of(const std::string& tenant) { return address_of("reception", tenant); }
std::string billing_clerk_of(const std::string& tenant) { return address_of("billing", tenant); }

std::vector<std::string> other_staff_of(const std::string& tenant) {
  std::vector<std::string> all{address_of(administrator, tenant)};
  for (const Staff& one : staff)
    if (one.role != Role::receptionist) all.push_back(address_of(one.user, tenant));
  return all;
}

std::string new_password() {
  constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz023456789";  // 32
  std::array<std::byte, 20> chance{};
  system_rng()->fill(chance);
  std::string text;
  for (const std::byte one : chance) text += letters[static_cast<std::size_t>(one) % letters.size()];
  return text;
}

Session staff_the_hospital(const Platform& platform, const tenants::Tenant& tenant, const std::string& password) {
  const Session visitor = platform.visit(tenant.slug);
  const std::string first = address_of(administrator, tenant.slug);
  if (const auto invitation = invite_administrator(platform, tenant, first, "Tara Admin"))
    complete(visitor, *invitation, "Tara Admin", password);
  Session admin = sign_in_here(platform, tenant.slug, first, password);
  const auto facilities = must(admin.call(facilities::List{}));
  for (const Staff& one : staff) {
    users::Invite request{.email = address_of(one.user, tenant.slug), .display_name = one.name, .roles = {one.role}};
    for (const auto& facility : facilities.data) request.facilities.push_back(facility.id);
    auto invitation = admin.call(std::move(request));
    if (invitation.ok()) {
      complete(visitor, *invitation, one.name, password);
    } else if (invitation.error().code.name != "user.exists") {
      throw Trouble(invitation.error());
    }
  }
  return admin;
}

void fill(const Session& administrator, std::uint64_t count) {
  std::stringstream csv;
  csv << generator::csv_header() << '\n';
  const generator::Population population(1);
  std::string line;
  for (std::uint64_t i = 0; i < count; ++i) {
    line.clear();
    generator::append_csv(population.person(i), line);
    csv << line;
  }
  const auto report = import_csv(
      csv, [&](CsvPiece piece) { return must(administrator.call(request_of<imports::Patients>(std::move(piece)))); },
      [](std::uint64_t, std::uint64_t) {});
  if (report.failed > 0)
    throw Trouble(exit_code::failure, std::to_string(report.failed) + " synthetic patients were refused");
}

}  // namespace medflow::cli
