#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;
using coverages::CopayKind;
using coverages::Coverage;
using coverages::CoverageStatus;

namespace {

class Insured : public Till {
 public:
  using Till::Till;

  Session as_patient(std::size_t which = 0) {
    return host({.subject = "patient " + std::to_string(which),
                 .display_name = "Patient",
                 .roles = {Role::patient},
                 .patient_id = patients.at(which).id});
  }
  /// The front desk of the annex, where none of these patients is known.
  Session elsewhere() {
    return host(
        {.subject = "annex", .display_name = "Annex", .roles = {Role::receptionist}, .facilities = {hospital.away}});
  }
  Session host(Principal principal) {
    hospital.configure({.trusted_issuers = std::vector<std::string>{"https://idp.example"}});
    principal.issuer = "https://idp.example";
    return must(hospital.platform.session(hospital.slug(), principal));
  }

  coverages::Create saying(std::size_t which = 0) const {
    return {.patient_id = patients.at(which).id,
            .payer_id = payer.id,
            .member_id = "M-4711",
            .policy_no = "P-0815",
            .plan = "Gold",
            .relationship = coverages::Relationship::child,
            .rank = 2,
            .valid_from = day("2026-01-01"),
            .valid_to = day("2026-12-31"),
            .limits = {.per_visit = 5'000, .per_year = 100'000},
            .copay = {.kind = CopayKind::percent, .value = 100'000},
            .deductible = 1'000};
  }
  static coverages::Update again(const Coverage& coverage) {
    return {.id = coverage.id,
            .revision = coverage.revision,
            .member_id = coverage.member_id,
            .policy_no = coverage.policy_no,
            .plan = coverage.plan,
            .relationship = coverage.relationship,
            .rank = coverage.rank,
            .valid_from = coverage.valid_from,
            .valid_to = coverage.valid_to,
            .limits = coverage.limits,
            .copay = coverage.copay,
            .deductible = coverage.deductible,
            .status = coverage.status};
  }
};

}  // namespace

TEST_CASE("BIL-10: a coverage is stored as it was said, sealed, and changed as a whole") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    const Session desk = till.desk();
    const auto made = must(desk.call(till.saying()));
    CHECK(made.status == CoverageStatus::active);
    CHECK(made.currency.code() == "GBP");
    const auto read = must(till.clerk().call(coverages::Get{.id = made.id}));
    CHECK(read.patient_id == till.patient.id);
    CHECK(read.payer_id == till.payer.id);
    CHECK(read.member_id == "M-4711");
    CHECK(read.policy_no == "P-0815");
    CHECK(read.plan == "Gold");
    CHECK(read.relationship == coverages::Relationship::child);
    CHECK(read.rank == 2);
    CHECK(read.valid_from == day("2026-01-01"));
    CHECK(read.valid_to == day("2026-12-31"));
    CHECK(read.limits.per_visit == 5'000);
    CHECK(read.limits.per_year == 100'000);
    CHECK(read.copay.kind == CopayKind::percent);
    CHECK(read.copay.value == 100'000);
    CHECK(read.deductible == 1'000);

    auto change = Insured::again(read);
    change.rank = 1;
    change.limits.per_visit.reset();
    change.valid_to.reset();
    const auto changed = must(desk.call(change));
    CHECK(changed.rank == 1);
    CHECK_FALSE(changed.limits.per_visit);
    CHECK_FALSE(changed.valid_to);
    CHECK(changed.member_id == "M-4711");
    CHECK(must(desk.call(coverages::Get{.id = made.id})).policy_no == "P-0815");
    CHECK(code_of(desk.call(change)) == "conflict.revision");
    change.revision.reset();
    CHECK(code_of(desk.call(change)) == "precondition.required");
    change = Insured::again(changed);
    change.status = CoverageStatus::ended;
    const auto ended = must(desk.call(change));
    CHECK(ended.status == CoverageStatus::ended);
    change = Insured::again(ended);
    change.status = CoverageStatus::proposed;
    CHECK(fields_of(desk.call(change)) == "/status:enum.unknown");
    CHECK(must(till.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE(
    "BIL-10: a change that says nothing of the status leaves it: what has ended pays no more, a proposal stays one") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    const auto made = must(till.desk().call(till.saying()));
    auto change = Insured::again(made);
    change.status = CoverageStatus::ended;
    change = Insured::again(must(till.desk().call(change)));
    change.status.reset();
    change.plan = "Silver";
    change.valid_to.reset();
    const auto after = must(till.desk().call(change));
    CHECK(after.status == CoverageStatus::ended);
    CHECK(after.plan == "Silver");
    CHECK_FALSE(after.valid_to);  // content is replaced as a whole
    CHECK(till.issued().shares.empty());

    auto proposed = must(till.as_patient().call(till.saying()));
    change = Insured::again(proposed);
    change.status.reset();
    proposed = must(till.desk().call(change));
    CHECK(proposed.status == CoverageStatus::proposed);
    change = Insured::again(proposed);
    change.status = CoverageStatus::active;
    CHECK(must(till.desk().call(change)).status == CoverageStatus::active);
    CHECK(till.issued().shares.size() == 1);
  }
}

TEST_CASE("BIL-10, R9: what is wrong with a coverage is said all at once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    const Session desk = till.desk();
    auto wrong = till.saying();
    wrong.patient_id = {till.payer.id.uuid};
    wrong.payer_id = {till.patient.id.uuid};
    wrong.valid_to = day("2025-12-31");
    wrong.copay.value = 1'000'001;
    CHECK(fields_of(desk.call(wrong)) ==
          "/patient_id:patient.unknown /payer_id:payer.unknown /valid_to:date.order "
          "/copay/value:number.out_of_range");
    wrong = till.saying();
    wrong.copay = {.kind = CopayKind::fixed, .value = 1'000'001};  // minor units, not parts of a million
    CHECK(code_of(desk.call(wrong)) == "ok");
    wrong = till.saying();
    wrong.rank = 0;
    wrong.deductible = -1;
    wrong.limits.per_year = -1;
    CHECK(fields_of(desk.call(wrong)) ==
          "/rank:number.out_of_range /limits/per_year:number.out_of_range /deductible:number.out_of_range");

    const auto made = must(desk.call(till.saying()));
    auto change = Insured::again(made);
    change.valid_to = day("2025-12-31");
    change.copay.value = 1'000'001;
    CHECK(fields_of(desk.call(change)) == "/valid_to:date.order /copay/value:number.out_of_range");

    must(till.admin().call(payers::Update{
        .id = till.payer.id, .revision = till.payer.revision, .name = till.payer.name, .active = false}));
    CHECK(fields_of(desk.call(till.saying())) == "/payer_id:payer.unknown");
    CHECK(code_of(desk.call(Insured::again(made))) == "ok");  // what there is of a payer who has left is kept up
  }
}

TEST_CASE("BIL-10: a coverage is made once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    auto request = till.saying();
    const auto made = must(till.desk().call(request));
    request.id = made.id;
    CHECK(must(till.desk().call(request)).created_at == made.created_at);
    // Also once its limits have been used.
    must(keyed(till.clerk(), invoices::Issue{.id = till.draft({Till::line(till.visit)}).id, .revision = 1}));
    const auto used = must(till.desk().call(request));
    CHECK(used.revision == 2);
    CHECK(used.deductible_used == 1'000);
    CHECK(used.paid_in_year == 3'600);
    CHECK(used.used_year == 2026);
    request.member_id = "M-4712";
    CHECK(code_of(till.desk().call(request)) == "conflict.id_reused");
    request = till.saying(1);
    request.id = made.id;
    CHECK(code_of(till.desk().call(request)) == "conflict.id_reused");
  }
}

TEST_CASE("BIL-10: what a patient says is a proposal, which staff accept; until then nobody pays by it") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    const Session self = till.as_patient();
    auto proposed = must(self.call(till.saying()));
    CHECK(proposed.status == CoverageStatus::proposed);
    CHECK(proposed.member_id == "M-4711");
    CHECK(till.issued().shares.empty());

    auto change = Insured::again(proposed);
    change.plan = "Silver";
    change.status = CoverageStatus::active;
    proposed = must(self.call(change));
    CHECK(proposed.plan == "Silver");
    CHECK(proposed.status == CoverageStatus::proposed);

    change = Insured::again(proposed);
    change.status = CoverageStatus::active;
    const auto accepted = must(till.desk().call(change));
    CHECK(accepted.status == CoverageStatus::active);
    CHECK(till.issued().shares.size() == 1);
    const auto now = must(self.call(coverages::Get{.id = accepted.id}));
    CHECK(code_of(self.call(Insured::again(now))) == "forbidden");
    change = Insured::again(now);
    change.status = CoverageStatus::ended;
    CHECK(code_of(self.call(change)) == "forbidden");
    CHECK(must(self.call(coverages::Get{.id = accepted.id})).status == CoverageStatus::active);
    CHECK(must(till.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-10: who may change coverages and read no invoices writes numbers of members and is not shown them") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    const auto role = must(till.admin().call(roles::Create{
        .name = "insurance desk",
        .grants = {{.permission = "coverage.read", .scope = "F"}, {.permission = "coverage.manage", .scope = "F"}}}));
    if (role.proposal_id)
      must(till.host({.subject = "second", .display_name = "Second", .roles = {Role::tenant_admin}})
               .call(role_proposals::Approve{.id = *role.proposal_id}));
    const Session blind = till.host({.subject = "blind",
                                     .display_name = "Blind",
                                     .facilities = {till.hospital.home},
                                     .custom_roles = {"insurance desk"}});
    const auto made = must(blind.call(till.saying()));
    CHECK(made.member_id.empty());
    CHECK(made.plan == "Gold");
    const auto seen = [&] { return must(till.clerk().call(coverages::Get{.id = made.id})); };
    CHECK(seen().member_id == "M-4711");
    CHECK(must(blind.call(coverages::Get{.id = made.id})).policy_no.empty());
    auto change = Insured::again(made);
    change.member_id = "M-4712";
    change.policy_no = "P-0816";
    const auto changed = must(blind.call(change));
    CHECK(changed.member_id.empty());
    CHECK(seen().member_id == "M-4712");
    CHECK(seen().policy_no == "P-0816");
    auto request = till.saying();
    request.id = made.id;
    request.member_id = "M-4712";
    request.policy_no = "P-0816";
    CHECK(must(blind.call(request)).member_id.empty());
    CHECK(must(till.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-10, R9: a coverage of a patient out of reach is as one that is not there") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    const auto made = must(till.desk().call(till.saying(0)));
    for (const Session& stranger : {till.as_patient(1), till.elsewhere()}) {
      CHECK(code_of(stranger.call(coverages::Get{.id = made.id})) == "not_found");
      CHECK(code_of(stranger.call(Insured::again(made))) == "not_found");
      CHECK(code_of(stranger.call(coverages::List{.patient_id = till.patient.id})) == "not_found");
      CHECK(fields_of(stranger.call(till.saying(0))) == "/patient_id:patient.unknown");
    }
    CHECK(code_of(till.hospital.as(Role::doctor).call(coverages::Get{.id = made.id})) == "forbidden");
    CHECK(code_of(till.desk().call(coverages::Get{.id = {till.payer.id.uuid}})) == "not_found");
    CHECK(must(till.as_patient().call(coverages::List{.patient_id = till.patient.id})).data.size() == 1);
    // With its patient it goes.
    must(till.admin().call(
        patients::Delete{.id = till.patient.id, .revision = till.patient.revision, .reason = "registered by mistake"}));
    CHECK(code_of(till.desk().call(coverages::Get{.id = made.id})) == "not_found");
    CHECK(code_of(till.desk().call(coverages::List{.patient_id = till.patient.id})) == "not_found");
    CHECK(fields_of(till.desk().call(till.saying(0))) == "/patient_id:patient.unknown");
  }
}

TEST_CASE("BIL-10: pages of a patient's coverages hold no other patient's") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    std::vector<CoverageId> made;
    for (int i = 0; i < 5; ++i) {
      made.push_back(must(till.desk().call(till.saying(0))).id);
      must(till.desk().call(till.saying(1)));
    }
    std::sort(made.begin(), made.end());
    std::vector<CoverageId> seen;
    coverages::List list{.patient_id = till.patient.id, .limit = 2};
    std::string back;
    for (;;) {
      const auto page = must(till.desk().call(list));
      for (const auto& each : page.data) {
        CHECK(each.member_id == "M-4711");
        seen.push_back(each.id);
      }
      if (page.page.prev) back = *page.page.prev;
      if (!page.page.next) break;
      list.cursor = *page.page.next;
    }
    CHECK(seen == made);
    list.cursor = back;
    const auto before = must(till.desk().call(list));
    REQUIRE(before.data.size() == 2);
    CHECK(before.data[0].id == made[2]);
    list.patient_id = till.patients.at(1).id;
    CHECK(code_of(till.desk().call(list)) == "cursor.invalid");
  }
}

TEST_CASE("BIL-10: invoices are shared out by coverages to the penny, and use their year up") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Insured till{TestEngine(engine)};
    const auto other = must(till.admin().call(payers::Create{.code = "B", .name = "Second fund"}));
    coverages::Create a{.patient_id = till.patient.id,
                        .payer_id = till.payer.id,
                        .rank = 1,
                        .valid_from = day("2020-01-01"),
                        .limits = {.per_visit = 1'500'000}};
    coverages::Create b = a;
    b.payer_id = other.id;
    b.rank = 2;
    b.limits = {.per_visit = 1'000'000, .per_year = 1'200'000};
    auto first = must(till.desk().call(a));
    const auto second = must(till.desk().call(b));
    const auto shares = [](const invoices::Invoice& invoice) {
      std::vector<std::int64_t> all;
      for (const auto& each : invoice.shares) all.push_back(each.amount);
      all.push_back(invoice.patient_share);
      return all;
    };
    using Shares = std::vector<std::int64_t>;
    CHECK(shares(till.issued(600)) == Shares{1'500'000, 1'000'000, 500'000});
    first = must(till.desk().call(coverages::Get{.id = first.id}));
    auto change = Insured::again(first);
    change.limits.per_visit = 100;
    must(till.desk().call(change));
    CHECK(shares(till.issued(600)) == Shares{100, 200'000, 2'799'900});
    CHECK(must(till.desk().call(coverages::Get{.id = second.id})).paid_in_year == 1'200'000);
    CHECK(shares(till.issued(600)) == Shares{100, 2'999'900});
  }
}

TEST_CASE("BIL-10: a payer pays for services of its time, also when the invoice is issued after it") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Insured till{TestEngine(name)};
    const auto next = must(till.admin().call(payers::Create{.code = "TK", .name = "Another fund"}));
    const auto covered = [&](const PayerId& payer, std::string_view from, std::optional<Date> to) {
      must(till.clerk().call(coverages::Create{
          .patient_id = till.patient.id, .payer_id = payer, .valid_from = day(from), .valid_to = to}));
    };
    covered(till.payer.id, "2026-01-01", day("2026-12-31"));
    covered(next.id, "2027-01-01", std::nullopt);
    till.go_to("2027-01-04T10:00:00Z");
    const auto payers_of = [&](const std::vector<std::string_view>& days) {
      std::vector<invoices::NewLine> lines;
      for (const std::string_view each : days) {
        lines.push_back(Till::line(till.visit));
        lines.back().service_date = day(each);
      }
      std::vector<PayerId> payers;
      for (const auto& share : till.issue(till.draft(std::move(lines))).shares) payers.push_back(share.payer_id);
      return payers;
    };
    using Payers = std::vector<PayerId>;
    CHECK(payers_of({"2026-12-30"}) == Payers{till.payer.id});
    CHECK(payers_of({"2026-12-30", "2026-12-30"}) == Payers{till.payer.id});
    CHECK(payers_of({"2027-01-02"}) == Payers{next.id});
    CHECK(payers_of({"2026-12-31", "2026-12-30"}) == Payers{till.payer.id});
    CHECK(payers_of({"2026-12-30", "2027-01-02"}) == Payers{next.id});  // nobody's: that of the issue
  }
}
