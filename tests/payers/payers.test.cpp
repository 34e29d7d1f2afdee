#include <doctest/doctest.h>

#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("BIL-10: a payer is stored, changed and made once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session admin = till.admin();
    payers::Create request{.code = "TK",
                           .name = "Technicians' fund",
                           .address = "1 Main Street\nBerlin",
                           .email = "claims@tk.example",
                           .terms_days = 14};
    const auto made = must(admin.call(request));
    const auto read = must(till.desk().call(payers::Get{.id = made.id}));
    CHECK(read.code == "TK");
    CHECK(read.address == "1 Main Street\nBerlin");
    CHECK(read.email == "claims@tk.example");
    CHECK(read.terms_days == 14);
    CHECK(read.active);
    CHECK(code_of(admin.call(request)) == "payer.code_taken");
    request.id = made.id;
    CHECK(must(admin.call(request)).created_at == made.created_at);
    request.terms_days = 15;
    CHECK(code_of(admin.call(request)) == "conflict.id_reused");
    CHECK(fields_of(admin.call(payers::Create{.email = "nothing", .terms_days = 366})) ==
          "/code:required /name:required /email:format.email /terms_days:number.out_of_range");
    CHECK(code_of(till.clerk().call(payers::Create{.code = "X", .name = "X"})) == "forbidden");

    payers::Update change{.id = made.id, .revision = made.revision, .name = "Technicians", .active = false};
    const auto changed = must(admin.call(change));
    CHECK(changed.code == "TK");
    CHECK(changed.name == "Technicians");
    CHECK(changed.address.empty());
    CHECK(changed.terms_days == 30);
    CHECK(code_of(admin.call(change)) == "conflict.revision");
    change.revision.reset();
    CHECK(code_of(admin.call(change)) == "precondition.required");
    // What is out of use stays so until somebody says otherwise.
    const auto renamed =
        must(admin.call(payers::Update{.id = made.id, .revision = changed.revision, .name = "Technicians' fund"}));
    CHECK_FALSE(renamed.active);
    change.id = {till.visit.id.uuid};
    CHECK(code_of(admin.call(change)) == "not_found");
    CHECK(code_of(till.desk().call(payers::Get{.id = change.id})) == "not_found");
    CHECK(must(till.desk().call(payers::List{})).data.size() == 2);
    CHECK(must(till.desk().call(payers::List{.active = true})).data.at(0).id == till.payer.id);
    CHECK(must(till.desk().call(payers::List{.active = false})).data.at(0).id == made.id);
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}
