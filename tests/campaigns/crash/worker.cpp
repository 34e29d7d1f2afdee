#include <unistd.h>

#include <atomic>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "storage/sqlite/library.hpp"
#include "tests/campaigns/crash/deployment.hpp"
#include "tests/campaigns/crash/engines.hpp"
#include "tests/campaigns/crash/record.hpp"

namespace medflow::campaign {
namespace {

users::User complete(const Platform& platform, const users::Invitation& invitation) {
  return must(platform.visit(hospital).call(
      auth::Register{.invitation = Secret(invitation.token), .password = Secret(std::string(password))}));
}

auth::Tokens sign_in(const Platform& platform, std::string_view email) {
  return must(platform.visit(hospital).call(
      auth::Login{.email = std::string(email), .password = Secret(std::string(password))}));
}

/// One thread's work. It alone touches its patients.
class Hand {
 public:
  Hand(const Platform& platform, const Session& session, const Work& work, unsigned number,
       const std::vector<PatientId>& patients)
      : platform_(platform),
        session_(session),
        report_to_(work.report_to),
        random_(work.seed * 1'000 + number),
        signs_in_(number == 0) {
    for (const PatientId& id : patients) patients_.push_back({.id = id});
  }

  /// Until a call fails, which is told and ends everything.
  void toil() {
    if (signs_in_) sign_in_once();
    while (!failed_) {
      const auto dice = random_() % 10;
      if (patients_.empty() || dice < 4)
        enrol();
      else if (dice < 8)
        change(patients_[random_() % patients_.size()]);
      else
        read(patients_[random_() % patients_.size()]);
    }
  }

 private:
  struct Known {
    PatientId id{};
    std::uint64_t revision = 0;  ///< 0 until it is read
  };

  CallContext context() {
    RequestId id;
    for (auto& byte : id.uuid.bytes) byte = static_cast<std::uint8_t>(random_());
    return {.request_id = id};
  }
  std::string new_tag() {
    std::string tag;
    for (int i = 0; i < 14; ++i) tag += static_cast<char>('a' + random_() % 26);
    return tag;
  }
  void tell(const std::string& line) {
    failed_ = failed_ || ::write(report_to_, line.data(), line.size()) != static_cast<ssize_t>(line.size());
  }

  template <class Op>
  std::optional<typename Op::Output> ask(const Session& session, Op request, const CallContext& with) {
    auto result = session.call(std::move(request), with);
    if (result.ok()) return std::move(result).value();
    tell("E " + std::string(Op::operation.name) + " " + std::string(result.error().code.name) + "\n");
    failed_ = true;
    return {};
  }

  void sign_in_once() {
    const CallContext with = context();
    const auto tokens =
        ask(platform_.visit(hospital),
            auth::Login{.email = std::string(nurse_address), .password = Secret(std::string(password))}, with);
    if (tokens) tell(Ack{.did = Did::signed_in, .request = with.request_id->uuid, .text = tokens->access_token}.line());
  }

  void enrol() {
    const CallContext with = context();
    const std::string tag = new_tag();
    const auto patient = ask(session_, content_of(tag), with);
    if (!patient) return;
    tell(Ack{.did = Did::registered,
             .request = with.request_id->uuid,
             .patient = patient->id.uuid,
             .revision = 1,
             .text = tag}
             .line());
    patients_.push_back({.id = patient->id, .revision = 1});
  }

  void read(Known& known) {
    const CallContext with = context();
    const auto patient = ask(session_, patients::Get{.id = known.id}, with);
    if (!patient) return;
    known.revision = patient->revision;
    tell(
        Ack{.did = Did::read, .request = with.request_id->uuid, .patient = known.id.uuid, .revision = patient->revision}
            .line());
  }

  void change(Known& known) {
    if (known.revision == 0) return read(known);
    const CallContext with = context();
    const std::string tag = new_tag();
    patients::Register content = content_of(tag);
    const auto patient = ask(session_,
                             patients::Update{.id = known.id,
                                              .revision = known.revision,
                                              .names = std::move(content.names),
                                              .birth = content.birth,
                                              .sex_admin = content.sex_admin,
                                              .identifiers = std::move(content.identifiers),
                                              .phones = std::move(content.phones),
                                              .emails = std::move(content.emails),
                                              .addresses = std::move(content.addresses),
                                              .extensions = std::move(content.extensions)},
                             with);
    if (!patient) return;
    known.revision = patient->revision;
    tell(Ack{.did = Did::updated,
             .request = with.request_id->uuid,
             .patient = known.id.uuid,
             .revision = known.revision,
             .text = tag}
             .line());
  }

  const Platform& platform_;
  const Session& session_;
  const int report_to_;
  std::mt19937_64 random_;
  const bool signs_in_;
  bool failed_ = false;
  std::vector<Known> patients_{};
};

/// Some of the patients that were acknowledged before, dealt out.
std::vector<std::vector<PatientId>> hands_of(const Work& work) {
  constexpr std::size_t each = 20;
  std::vector<PatientId> all;
  std::ifstream record(work.place.record());
  Ack ack;
  for (std::string line; std::getline(record, line);)
    if (Ack::parse(line, ack) && ack.did == Did::registered) all.push_back({ack.patient});
  std::mt19937_64 random(work.seed);
  std::shuffle(all.begin(), all.end(), random);
  std::vector<std::vector<PatientId>> hands(work.threads);
  for (std::size_t i = 0; i < all.size() && i < each * work.threads; ++i) hands[i % work.threads].push_back(all[i]);
  return hands;
}

}  // namespace

void make_deployment(const Place& place) {
  const Platform platform = must(Platform::open(platform_options(storage::make_sqlite_engine(place.engine_options()))));
  const Session root = platform.local_operator("campaign");
  const auto tenant = must(root.call(tenants::Provision{.slug = std::string(hospital),
                                                        .name = "Saint Mary",
                                                        .default_zone = {"Europe/London"},
                                                        .currency = *Currency::parse("GBP")}));
  complete(
      platform,
      must(root.call(users::InviteFirstAdmin{.id = tenant.id, .email = "admin@example.org", .display_name = "Admin"})));
  const std::string admin_token = sign_in(platform, "admin@example.org").access_token;
  const Session admin = must(platform.authenticate(admin_token));
  const FacilityId home = must(admin.call(facilities::List{})).data.at(0).id;
  const auto invite = [&](std::string_view email, Role role) {
    complete(platform,
             must(admin.call(users::Invite{
                 .email = std::string(email), .display_name = "Staff", .roles = {role}, .facilities = {home}})));
  };
  invite(desk_address, Role::receptionist);
  invite(nurse_address, Role::nurse);
  std::ofstream(place.tokens()) << admin_token << '\n' << sign_in(platform, desk_address).access_token << '\n';
}

Staff staff_of(const Place& place, const Platform& platform) {
  std::ifstream tokens(place.tokens());
  std::string admin, desk;
  tokens >> admin >> desk;
  return {.admin = must(platform.authenticate(admin)), .desk = must(platform.authenticate(desk))};
}

int work(const Work& work) {
  namespace sqlite = storage::sqlite;
  const auto kind = work.place.encrypted ? sqlite::LibraryKind::sqlcipher : sqlite::LibraryKind::sqlite;
  std::optional<testing::PowerCutVfs> vfs;
  storage::SqliteOptions options = work.place.engine_options();
  if (work.power_cut) options.vfs = vfs.emplace(sqlite::load_library(kind), "power cut").name();
  if (work.synchronous_off) options.synchronous = storage::Synchronous::off;
  Shared& shared = Shared::map(work.place.shared(), false);
  const Platform platform = must(Platform::open(
      platform_options(std::make_shared<WatchedEngine>(storage::make_sqlite_engine(options), shared, work.planted))));
  const Staff staff = staff_of(work.place, platform);
  const auto hands = hands_of(work);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < work.threads; ++i)
    threads.emplace_back([&, i] { Hand(platform, staff.desk, work, i, hands[i]).toil(); });
  for (auto& thread : threads) thread.join();
  return 1;
}

}  // namespace medflow::campaign
