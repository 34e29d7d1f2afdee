#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>

#include "tests/documents/families.hpp"
#include "tests/documents/wards.hpp"
#include "tests/support/events.hpp"

using namespace medflow;
using namespace medflow::testing;
using documents::Category;
using documents::ScanState;
using files::filler;
using files::pdf;

TEST_CASE("DOC-1 DOC-5: a file is stored, read and found whole, in parts and after a restart of nothing") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Ward ward{TestEngine(engine)};
    const std::string content = pdf(filler(1'500'000));
    const auto stored = must(ward.doctor().call(ward.letter(content)));
    CHECK(stored.size_bytes == content.size());
    CHECK(stored.media_type == "application/pdf");
    CHECK(stored.file_name == "letter.pdf");
    CHECK(stored.title == "Letter");
    CHECK(stored.scan == ScanState::skipped);
    CHECK(stored.blake2b_256.size() == 64);
    CHECK(must(read(ward.doctor(), stored.id)) == content);
    CHECK(must(ward.doctor().call(documents::Get{.id = stored.id})).title == "Letter");
    for (const auto& [range, first, count] : {std::tuple{"0-99", std::size_t{0}, std::size_t{100}},
                                              {"65530-65545", std::size_t{65530}, std::size_t{16}},
                                              {"131072-131072", std::size_t{131072}, std::size_t{1}},
                                              {"1400000-", std::size_t{1400000}, content.size() - 1400000},
                                              {"-70000", content.size() - 70000, std::size_t{70000}},
                                              {"0-99999999", std::size_t{0}, content.size()}}) {
      const std::string asked = range;
      CAPTURE(asked);
      CHECK(must(read(ward.doctor(), stored.id, asked)) == content.substr(first, count));
    }
    CHECK(must(read(ward.doctor(), stored.id, "99999999-")).empty());
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("DOC-1: small files, and of the very size of a frame or a piece, come back as they were") {
  Ward ward{TestEngine("memory")};
  ward.hospital.configure({.file_types = std::vector<std::string>{"txt"}});
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{65535}, std::size_t{65536}, std::size_t{65537}, std::size_t{131072},
        std::size_t{16 * 65536}, std::size_t{17 * 65536}, std::size_t{17 * 65536 + 1}}) {
    CAPTURE(size);
    const std::string content(size, 'x');
    const auto stored = must(ward.doctor().call(documents::Upload{
        .patient_id = ward.patient, .file_name = "note.txt", .content = Content::of("text/plain", content)}));
    CHECK(stored.size_bytes == size);
    CHECK(must(read(ward.doctor(), stored.id)) == content);
  }
}

TEST_CASE("DOC-1: content that breaks off at any 64 KiB, or is not as long as was said, leaves nothing") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    auto frames = std::make_shared<Frames>();
    Ward ward(std::make_shared<WatchedEngine>(TestEngine(engine), frames));
    const std::string content = pdf(filler(2'200'000));
    for (std::size_t behind = 0; behind < content.size(); behind += 65536) {
      CAPTURE(behind);
      auto request = ward.letter();
      request.content = breaking_off("application/pdf", content, behind);
      CHECK(code_of(ward.doctor().call(std::move(request))) == "document.cut_short");
      CHECK(frames->left() == 0);
    }
    CHECK(frames->written > 0);
    auto longer = ward.letter(content);
    longer.content.size_bytes = content.size() + 1;
    CHECK(code_of(ward.doctor().call(std::move(longer))) == "document.cut_short");
    auto broken = ward.letter(content.substr(0, 2'000'000));
    CHECK(code_of(ward.doctor().call(std::move(broken))) == "document.polyglot");
    CHECK(frames->left() == 0);
    CHECK(must(ward.doctor().call(documents::List{.patient_id = ward.patient})).data.empty());
    CHECK(frames->largest_write <= 17 * (65536 + 16));
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("DOC-1: what is left of an upload whose process died is seen by nobody, and removed a day later") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    auto frames = std::make_shared<Frames>();
    Ward ward(std::make_shared<WatchedEngine>(TestEngine(engine), frames));
    const std::string content = pdf(filler(2'200'000));
    auto request = ward.letter();
    // From the first frames on the store refuses to write: nothing can be cleared away, as by a process that is gone.
    request.content.pull = [&, at = std::size_t{0}](std::span<std::byte> out) mutable {
      frames->refuses = frames->written > 0;
      const std::size_t count = std::min(out.size(), content.size() - at);
      std::copy_n(reinterpret_cast<const std::byte*>(content.data()) + at, count, out.begin());
      at += count;
      return Result<std::size_t>(count);
    };
    CHECK(code_of(ward.doctor().call(std::move(request))) == "store.unavailable");
    frames->refuses = false;
    CHECK(frames->left() == 16);
    ward.tick();
    ward.hospital.clock->advance_s(23 * 60 * 60);
    ward.tick();
    CHECK(frames->left() == 16);
    CHECK(must(ward.doctor().call(documents::List{.patient_id = ward.patient})).data.empty());
    ward.hospital.clock->advance_s(2 * 60 * 60);
    ward.tick();
    CHECK(frames->left() == 0);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("DOC-1: two uploads under one id at once do not mix") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Ward ward{TestEngine(engine)};
    const std::string content = pdf(filler(2'200'000));
    const auto id = *DocumentId::parse("11111111-2222-4333-8444-555555555555");
    std::string small;
    auto request = ward.letter();
    request.id = id;
    // While the large one is on its way, a small one comes.
    request.content.size_bytes = content.size();
    request.content.pull = [&, at = std::size_t{0}](std::span<std::byte> out) mutable {
      if (at > 1'500'000 && small.empty()) {
        auto other = ward.letter();
        other.id = id;
        small = code_of(ward.doctor().call(std::move(other)));
      }
      const std::size_t count = std::min(out.size(), content.size() - at);
      std::copy_n(reinterpret_cast<const std::byte*>(content.data()) + at, count, out.begin());
      at += count;
      return Result<std::size_t>(count);
    };
    CHECK(code_of(ward.doctor().call(std::move(request))) == "ok");
    CHECK(small == "conflict.id_reused");
    CHECK(must(read(ward.doctor(), id)) == content);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("DOC-1: too large, too many, and what the tenant takes") {
  Ward ward{TestEngine("memory")};
  ward.hospital.configure({.file_size_max = std::uint64_t{100'000}});
  CHECK(code_of(ward.doctor().call(ward.letter(pdf(filler(110'000))))) == "too_large");
  CHECK(code_of(ward.doctor().call(ward.letter(pdf(filler(90'000))))) == "ok");
  ward.hospital.configure({.patient_files_max = 2});
  CHECK(code_of(ward.doctor().call(ward.letter())) == "ok");
  CHECK(code_of(ward.doctor().call(ward.letter())) == "document.quota");
  ward.hospital.configure({.patient_files_max = 200, .files_bytes_max = std::uint64_t{100'000}});
  CHECK(code_of(ward.doctor().call(ward.letter(pdf(filler(20'000))))) == "document.quota");
  ward.hospital.configure({.file_types = std::vector<std::string>{"png"}, .files_bytes_max = std::uint64_t{0}});
  CHECK(code_of(ward.doctor().call(ward.letter())) == "document.type");
  ward.hospital.configure({.file_types = std::vector<std::string>{}});
  CHECK(code_of(ward.doctor().call(ward.letter())) == "ok");
}

TEST_CASE("DOC-2: a tenant takes files of the types that are known, and no setting names another") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Ward ward{TestEngine(engine)};
    const std::vector<std::string> known{"jpg",  "jpeg", "png", "pdf", "doc", "docx", "tif",
                                         "tiff", "webp", "dcm", "txt", "csv", "xml",  "json"};
    CHECK(ward.hospital.configure({.file_types = known}).file_types == known);
    const auto set = [&](const std::vector<std::string>& types) {
      return ward.admin().call(
          settings::Update{.revision = must(ward.admin().call(settings::Get{})).revision, .file_types = types});
    };
    CHECK(fields_of(set({"pdf", "exe", "svg"})) == "/file_types/1:enum.unknown /file_types/2:enum.unknown");
    CHECK(fields_of(set({"html"})) == "/file_types/0:enum.unknown");
    CHECK(must(ward.admin().call(settings::Get{})).file_types == known);
    CHECK(must(set({})).file_types.empty());
  }
}

TEST_CASE("DOC-2 DOC-3: what is refused is refused by the operation, with its code, and leaves nothing") {
  auto frames = std::make_shared<Frames>();
  Ward ward(std::make_shared<WatchedEngine>(TestEngine("memory"), frames));
  ward.hospital.configure({.file_types = std::vector<std::string>{"jpg", "png", "pdf", "docx", "doc", "tif", "tiff",
                                                                  "webp", "dcm", "txt", "csv", "xml", "json"},
                           .patient_files_max = 1000});
  const Session doctor = ward.doctor();
  for (const auto& family : files::families()) {
    for (const auto& one : family.cases) {
      if (one.macros_allowed) continue;
      const std::string what = family.family + ": " + one.what;
      CAPTURE(what);
      const std::size_t before = frames->left();
      const auto answer = doctor.call(documents::Upload{
          .patient_id = ward.patient, .file_name = one.file_name, .content = Content::of(one.media_type, one.bytes)});
      const std::string code = code_of(answer);
      CAPTURE(code);
      if (one.code.empty()) {
        CHECK(code == "ok");
      } else {
        CHECK(code != "ok");
        CHECK(code.starts_with("document."));
        CHECK(frames->left() == before);
      }
    }
  }
}

TEST_CASE(
    "DOC-5: a flipped bit anywhere is answered as integrity, gives nothing of its frame away, and is in the audit "
    "log") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    auto frames = std::make_shared<Frames>();
    Ward ward(std::make_shared<WatchedEngine>(TestEngine(engine), frames));
    const auto stored = must(ward.doctor().call(ward.letter(pdf(filler(200'000)))));
    for (const std::int64_t index : {0, 1, 3}) {
      CAPTURE(index);
      frames->spoilt = index;
      CHECK(code_of(read(ward.doctor(), stored.id)) == "integrity");
      CHECK(code_of(read(ward.doctor(), stored.id, std::to_string(index * 65536) + "-")) == "integrity");
      const auto log = events(ward.hospital.as(Role::auditor));
      const ReadEvent* event = last_of(log, "documents.download");
      REQUIRE(event != nullptr);
      CHECK(event->text() == "documents.download error integrity");
    }
    frames->spoilt.reset();
    CHECK(code_of(read(ward.doctor(), stored.id)) == "ok");
  }
}

TEST_CASE("DOC-4: without a verdict only who sent it knows of it; infected ones are given to nobody") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Ward ward(TestEngine(engine), true);
    const Session sender = ward.doctor();
    const Session other = ward.hospital.as(Role::nurse);
    const auto letter = must(sender.call(ward.letter()));
    CHECK(letter.scan == ScanState::pending);
    CHECK(must(sender.call(documents::Get{.id = letter.id})).title == "Letter");
    CHECK(code_of(read(sender, letter.id)) == "document.pending");
    CHECK(code_of(other.call(documents::Get{.id = letter.id})) == "not_found");
    CHECK(must(other.call(documents::List{.patient_id = ward.patient})).data.empty());
    CHECK(code_of(read(other, letter.id)) == "not_found");

    ward.scanner->down = true;
    ward.tick();
    CHECK(must(sender.call(documents::Get{.id = letter.id})).scan == ScanState::pending);
    ward.scanner->down = false;
    ward.hospital.clock->advance_s(120);
    ward.tick();
    CHECK(ward.scanner->seen == std::vector<std::string>{pdf()});
    CHECK(must(other.call(documents::Get{.id = letter.id})).scan == ScanState::clean);
    CHECK(must(read(other, letter.id)) == pdf());

    const auto virus = must(sender.call(ward.letter(pdf(files::eicar))));
    ward.tick();
    CHECK(must(sender.call(documents::Get{.id = virus.id})).scan == ScanState::infected);
    CHECK(code_of(read(sender, virus.id)) == "document.quarantined");
    CHECK(code_of(read(other, virus.id)) == "document.quarantined");
    ward.tick();
    const auto told = [&] {
      return std::count_if(ward.sender->messages.begin(), ward.sender->messages.end(),
                           [](const Message& message) { return message.kind == "document.quarantine"; });
    };
    CHECK(told() == 1);

    const auto quarantine = must(ward.admin().call(documents::ListQuarantine{}));
    REQUIRE(quarantine.data.size() == 1);
    CHECK(quarantine.data[0].id == virus.id);
    CHECK(quarantine.data[0].title.empty());  // ids and states are all that it says
    const auto release = [&](std::string reason) {
      return ward.admin().call(documents::ReleaseQuarantine{
          .id = virus.id, .revision = quarantine.data[0].revision, .reason = std::move(reason)});
    };
    CHECK(code_of(release("")) == "reason.required");
    CHECK(code_of(sender.call(documents::ReleaseQuarantine{
              .id = virus.id, .revision = quarantine.data[0].revision, .reason = "I want to have it"})) == "forbidden");
    CHECK(must(release("the laboratory says it is harmless")).scan == ScanState::pending);
    CHECK(code_of(read(sender, virus.id)) == "document.pending");
    CHECK(code_of(release("the laboratory says it is harmless")) == "conflict.revision");
    ward.tick();
    CHECK(must(ward.admin().call(documents::ListQuarantine{})).data.size() == 1);
    ward.tick();
    CHECK(told() == 2);  // what is found again is told again
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE(
    "DOC-5 DOC-4: what does not open for the scanner is in quarantine and in the audit log, and others are scanned") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    auto frames = std::make_shared<Frames>();
    Ward ward(std::make_shared<WatchedEngine>(TestEngine(engine), frames), true);
    const auto damaged = must(ward.doctor().call(ward.letter(pdf(filler(200'000)))));
    const auto whole = must(ward.doctor().call(ward.letter()));
    frames->spoilt = 1;  // the second frame, of which the other has none
    CHECK(ward.hospital.platform.tick(ward.hospital.clock->now()).size() == 1);
    CHECK(must(ward.doctor().call(documents::Get{.id = whole.id})).scan == ScanState::clean);
    const auto quarantine = must(ward.admin().call(documents::ListQuarantine{})).data;
    REQUIRE(quarantine.size() == 1);
    CHECK(quarantine[0].id == damaged.id);
    CHECK(quarantine[0].scan == ScanState::failed);
    const auto log = events(ward.hospital.as(Role::auditor));
    CHECK(std::any_of(log.begin(), log.end(),
                      [](const ReadEvent& event) { return event.text() == "documents.scan error integrity"; }));
    ward.tick();
    CHECK(std::any_of(ward.sender->messages.begin(), ward.sender->messages.end(),
                      [](const Message& message) { return message.kind == "document.quarantine"; }));

    // Put right and released, it is scanned like any other.
    frames->spoilt.reset();
    must(ward.admin().call(documents::ReleaseQuarantine{
        .id = damaged.id, .revision = quarantine[0].revision, .reason = "the disk was put right"}));
    ward.tick();
    CHECK(must(ward.doctor().call(documents::Get{.id = damaged.id})).scan == ScanState::clean);
  }
}

TEST_CASE("DOC-4: documents that do not open, or whose key does not, keep no other from being scanned") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    auto frames = std::make_shared<Frames>();
    Ward ward(std::make_shared<WatchedEngine>(TestEngine(engine), frames), true);
    const Session doctor = ward.doctor();
    const auto tick = [&] { return ward.hospital.platform.tick(ward.hospital.clock->now()).size(); };
    const auto scan_of = [&](const DocumentId& id) { return must(ward.doctor().call(documents::Get{.id = id})).scan; };
    const auto send_to = [&](PatientId patient) {
      auto request = ward.letter();
      request.patient_id = patient;
      return must(doctor.call(std::move(request))).id;
    };
    // More than are scanned in one tick.
    std::vector<DocumentId> damaged;
    for (int i = 0; i < 12; ++i) damaged.push_back(send_to(ward.patient));
    ward.hospital.clock->advance_s(1);
    const PatientId other = ward.hospital.add_patients(1).at(0).id;
    const DocumentId whole = send_to(other);
    for (const DocumentId& id : damaged) frames->spoilt_rows.insert(id.uuid);
    CHECK(tick() == 1);
    CHECK(scan_of(whole) == ScanState::clean);

    // Where only the patient's row is damaged they can be put off, and each is told of.
    frames->spoilt_rows = {ward.patient.uuid};
    ward.hospital.clock->advance_s(1);
    const DocumentId late = send_to(other);
    CHECK(tick() == 1);
    CHECK(tick() == 1);
    CHECK(scan_of(late) == ScanState::clean);
    CHECK(tick() == 0);
    const auto log = events(ward.hospital.as(Role::auditor));
    CHECK(std::count_if(log.begin(), log.end(), [](const ReadEvent& event) {
            return event.text() == "documents.scan error integrity";
          }) == static_cast<std::ptrdiff_t>(damaged.size()));

    // Put right, they have their turn.
    frames->spoilt_rows.clear();
    ward.hospital.clock->advance_s(60 * 60);
    ward.tick();
    ward.tick();
    for (const DocumentId& id : damaged) CHECK(scan_of(id) == ScanState::clean);
  }
}

TEST_CASE("PAT-19: whoever may read the patient is shown two identifiers with every document") {
  Ward ward(TestEngine("memory"), true);
  const Session doctor = ward.doctor();
  const auto patient = must(doctor.call(patients::Get{.id = ward.patient}));
  const auto named = [&](const documents::Document& document) {
    REQUIRE(document.patient);
    CHECK(document.patient->mrn == patient.mrn);
    CHECK_FALSE(document.patient->name.empty());
    CHECK(document.patient->birth.has_value());
  };
  const auto letter = must(doctor.call(ward.letter()));
  named(letter);
  ward.tick();
  const auto now = must(doctor.call(documents::Get{.id = letter.id}));
  named(now);
  named(must(doctor.call(documents::Replace{.id = letter.id,
                                            .revision = now.revision,
                                            .file_name = "letter.pdf",
                                            .content = Content::of("application/pdf", pdf(files::eicar))})));
  const auto listed = must(doctor.call(documents::List{.patient_id = ward.patient})).data;
  CHECK(listed.size() == 1);
  const auto versions = must(doctor.call(documents::ListVersions{.id = letter.id})).data;
  CHECK(versions.size() == 2);
  for (const auto* page : {&listed, &versions})
    for (const auto& each : *page) named(each);
  // The quarantine is about files: ids and states.
  ward.tick();
  const auto quarantine = must(ward.admin().call(documents::ListQuarantine{})).data;
  REQUIRE(quarantine.size() == 1);
  CHECK_FALSE(quarantine[0].patient);
}

TEST_CASE("DOC-4: what the scanner cannot read is in quarantine as well") {
  Ward ward(TestEngine("memory"), true);
  ward.scanner->verdict = ScanVerdict::failed;
  const auto letter = must(ward.doctor().call(ward.letter()));
  ward.tick();
  const auto quarantine = must(ward.admin().call(documents::ListQuarantine{})).data;
  REQUIRE(quarantine.size() == 1);
  CHECK(quarantine[0].scan == ScanState::failed);
  ward.scanner->verdict = ScanVerdict::clean;
  must(ward.admin().call(documents::ReleaseQuarantine{
      .id = letter.id, .revision = quarantine[0].revision, .reason = "the scanner was updated"}));
  ward.tick();
  CHECK(must(read(ward.doctor(), letter.id)) == pdf());
}

TEST_CASE(
    "DOC-4: what came before there was a scanner is served and marked, and an administrator can have it scanned") {
  for (const std::string_view engine : durable_engine_names) {
    CAPTURE(engine);
    const EngineHome home(engine);
    DocumentId clean;
    DocumentId infected;
    std::string tokens[2];
    {
      Ward ward(home.engine());
      clean = must(ward.doctor().call(ward.letter())).id;
      infected = must(ward.doctor().call(ward.letter(pdf(files::eicar)))).id;
      CHECK(must(ward.doctor().call(documents::Get{.id = clean})).scan == ScanState::skipped);
      CHECK(must(ward.admin().call(documents::ListQuarantine{})).data.empty());
      // Nobody is there to look at it: it stays as it is.
      CHECK(must(ward.admin().call(
                     documents::ReleaseQuarantine{.id = clean, .revision = 1, .reason = "it was never scanned"}))
                .scan == ScanState::skipped);
      CHECK(must(read(ward.doctor(), clean)) == pdf());
      tokens[0] = ward.hospital.member(Role::doctor).tokens.access_token;
      tokens[1] = ward.hospital.member(Role::tenant_admin).tokens.access_token;
    }
    auto clock = std::make_shared<FakeClock>();
    auto options = test_options(home.engine(), clock);
    auto scanner = std::make_shared<FakeScanner>();
    options.scanner = scanner;
    const Platform platform = must(Platform::open(std::move(options)));
    const Session doctor = must(platform.authenticate(tokens[0]));
    const Session admin = must(platform.authenticate(tokens[1]));
    CHECK(platform.tick(clock->now()).empty());
    CHECK(scanner->seen.empty());
    CHECK(must(read(doctor, clean)) == pdf());
    for (const DocumentId& id : {clean, infected}) {
      const auto now = must(doctor.call(documents::Get{.id = id}));
      const auto asked = must(admin.call(
          documents::ReleaseQuarantine{.id = id, .revision = now.revision, .reason = "it was never scanned"}));
      CHECK(asked.scan == ScanState::pending);
      CHECK(code_of(read(doctor, id)) == "document.pending");
    }
    CHECK(platform.tick(clock->now()).empty());
    CHECK(must(read(doctor, clean)) == pdf());
    CHECK(code_of(read(doctor, infected)) == "document.quarantined");
    // What was found clean is in no quarantine.
    const auto now = must(doctor.call(documents::Get{.id = clean}));
    CHECK(now.scan == ScanState::clean);
    CHECK(code_of(admin.call(documents::ReleaseQuarantine{
              .id = clean, .revision = now.revision, .reason = "once more to be sure"})) == "transition.illegal");
  }
}

TEST_CASE("DOC-6: a file's name is data: folders, controls and marks of direction are gone from it") {
  Ward ward{TestEngine("memory")};
  for (const auto& [given, kept] : {std::pair<std::string, std::string>{"../../etc/passwd.pdf", "passwd.pdf"},
                                    {"C:\\Users\\me\\scan.pdf", "scan.pdf"},
                                    {"a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie: x=1.pdf"},
                                    {"fdp.\xE2\x80\xAE"
                                     "exe.pdf",
                                     "fdp.exe.pdf"},
                                    {"Röntgen \"Knie\".pdf", "Röntgen \"Knie\".pdf"}}) {
    auto request = ward.letter();
    request.file_name = given;
    CAPTURE(request.file_name);
    CHECK(must(ward.doctor().call(std::move(request))).file_name == kept);
  }
  auto request = ward.letter();
  for (int i = 0; i < 200; ++i) request.file_name.insert(0, "ü");
  const auto stored = must(ward.doctor().call(std::move(request)));
  CHECK(stored.file_name.size() <= 255);
  CHECK(stored.file_name.ends_with("ü.pdf"));
}

TEST_CASE("DOC-7: a new version takes the place of the one before, which stays readable") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Ward ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const auto first = must(doctor.call(ward.letter(pdf("one"))));
    const auto replace = [&](const documents::Document& before, std::string content) {
      return doctor.call(documents::Replace{.id = before.id,
                                            .revision = before.revision,
                                            .file_name = "letter 2.pdf",
                                            .content = Content::of("application/pdf", std::move(content))});
    };
    const auto second = must(replace(first, pdf("two")));
    CHECK(second.version == 2);
    CHECK(second.version_of == first.id);
    CHECK(second.title == "Letter");
    CHECK(code_of(replace(first, pdf("three"))) == "conflict.revision");
    const auto again = must(doctor.call(documents::Get{.id = first.id}));
    CHECK(again.replaced_by == second.id);
    CHECK(again.title == "Letter");
    CHECK(code_of(replace(again, pdf("three"))) == "document.replaced");
    const auto third = must(replace(second, pdf("three")));
    const auto listed = must(doctor.call(documents::List{.patient_id = ward.patient})).data;
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].id == third.id);
    auto page = must(doctor.call(documents::ListVersions{.id = second.id, .limit = 2}));
    REQUIRE(page.data.size() == 2);
    CHECK(page.data[0].version == 3);
    page = must(doctor.call(documents::ListVersions{.id = second.id, .limit = 2, .cursor = page.page.next.value()}));
    REQUIRE(page.data.size() == 1);
    CHECK(must(read(doctor, page.data[0].id)) == pdf("one"));
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("DOC-4 DOC-7: lists show the version before until the scanner has let the new one through") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Ward ward(TestEngine(engine), true);
    const Session doctor = ward.doctor();
    const auto replace = [&](const documents::Document& before, std::string content) {
      return must(doctor.call(documents::Replace{.id = before.id,
                                                 .revision = before.revision,
                                                 .file_name = "letter.pdf",
                                                 .content = Content::of("application/pdf", std::move(content))}));
    };
    const auto again = [&](const documents::Document& before) {
      return must(doctor.call(documents::Get{.id = before.id}));
    };
    // What a colleague finds there and reads.
    const auto read_by_colleague = [&] {
      const Session nurse = ward.hospital.as(Role::nurse);
      const auto page = must(nurse.call(documents::List{.patient_id = ward.patient}));
      REQUIRE(page.data.size() == 1);
      return must(read(nurse, page.data[0].id));
    };
    const auto first = must(doctor.call(ward.letter(pdf("one"))));
    ward.tick();
    const auto second = replace(again(first), pdf("two"));
    CHECK(read_by_colleague() == pdf("one"));
    CHECK(must(doctor.call(documents::ListVersions{.id = first.id})).data.size() == 2);
    ward.tick();
    CHECK(read_by_colleague() == pdf("two"));

    // One that is infected never comes there, and the next one is made of it.
    const auto virus = replace(again(second), pdf(files::eicar));
    ward.tick();
    CHECK(again(virus).scan == ScanState::infected);
    CHECK(read_by_colleague() == pdf("two"));
    const auto fourth = replace(again(virus), pdf("four"));
    const auto fifth = replace(fourth, pdf("five"));
    CHECK(read_by_colleague() == pdf("two"));
    ward.tick();  // the last two, whichever comes first
    CHECK(read_by_colleague() == pdf("five"));
    CHECK(again(fourth).scan == ScanState::clean);
    CHECK(again(fourth).replaced_by == fifth.id);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("DOC-7: documents are listed by patient, category and date, newest first, on pages") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Ward ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const Instant day = *Instant::parse("2026-03-01T00:00:00Z");
    for (int i = 0; i < 6; ++i) {
      auto request = ward.letter();
      request.category = i % 2 == 0 ? Category::clinical : Category::imaging;
      request.taken_at = day.plus_s(i * 86'400);
      request.title = std::to_string(i);
      must(doctor.call(std::move(request)));
    }
    const auto titles = [&](documents::List request) {
      request.patient_id = ward.patient;
      std::string all;
      for (const auto& one : must(doctor.call(request)).data) all += one.title;
      return all;
    };
    CHECK(titles({}) == "543210");
    CHECK(titles({.category = Category::imaging}) == "531");
    CHECK(titles({.from = day.plus_s(86'400), .to = day.plus_s(4 * 86'400)}) == "321");
    documents::List request{.patient_id = ward.patient, .limit = 2};
    std::string walked;
    std::string back;
    for (int i = 0; i < 3; ++i) {
      const auto page = must(doctor.call(request));
      for (const auto& one : page.data) walked += one.title;
      if (i == 2) {
        CHECK_FALSE(page.page.next);
        request.cursor = page.page.prev.value();
      } else {
        request.cursor = page.page.next.value();
      }
    }
    for (const auto& one : must(doctor.call(request)).data) back += one.title;
    CHECK(walked == "543210");
    CHECK(back == "32");
  }
}

TEST_CASE("DOC-7: the category decides who may send and read; what is out of reach is not there") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Ward ward{TestEngine(engine)};
    const auto send = [&](Role role, Category category) {
      auto request = ward.letter();
      request.category = category;
      return ward.hospital.as(role).call(std::move(request));
    };
    CHECK(code_of(send(Role::receptionist, Category::clinical)) == "forbidden");
    CHECK(code_of(send(Role::billing_clerk, Category::administrative)) == "forbidden");
    CHECK(code_of(send(Role::tenant_admin, Category::administrative)) == "forbidden");
    const auto clinical = must(send(Role::doctor, Category::clinical));
    const auto administrative = must(send(Role::receptionist, Category::administrative));
    const auto bill = must(send(Role::billing_clerk, Category::billing));
    const auto seen = [&](Role role) {
      std::string all;
      for (const auto& [one, letter] : {std::pair{clinical.id, 'c'}, {administrative.id, 'a'}, {bill.id, 'b'}}) {
        const auto answer = ward.hospital.as(role).call(documents::Get{.id = one});
        if (answer.ok()) all += letter;
        CHECK(code_of(read(ward.hospital.as(role), one)) == code_of(answer));
      }
      const auto list = ward.hospital.as(role).call(documents::List{.patient_id = ward.patient});
      if (list.ok()) CHECK(list->data.size() == all.size());
      return all;
    };
    CHECK(seen(Role::doctor) == "cab");
    CHECK(seen(Role::nurse) == "cab");
    CHECK(seen(Role::receptionist) == "a");
    CHECK(seen(Role::billing_clerk) == "b");
    CHECK(seen(Role::lab) == "");
    CHECK(seen(Role::tenant_admin) == "");
    CHECK(seen(Role::auditor) == "");
    CHECK(must(ward.hospital.as(Role::receptionist).call(documents::Get{.id = administrative.id})).title == "Letter");
    CHECK(must(ward.hospital.as(Role::billing_clerk).call(documents::Get{.id = bill.id})).title == "Letter");
  }
}

TEST_CASE("RBA-2, RBA-5: who is a patient too is shown no names of other patients' bills by that") {
  Ward ward{TestEngine("memory")};
  auto request = ward.letter();
  request.category = Category::billing;
  const auto bill = must(ward.hospital.as(Role::billing_clerk).call(std::move(request)));
  ward.hospital.configure({.trusted_issuers = std::vector<std::string>{"https://host.example"}});
  const auto title_for = [&](PatientId self) {
    const Session both =
        must(ward.hospital.platform.session(ward.hospital.slug(), {.issuer = "https://host.example",
                                                                   .subject = "nurse " + self.text(),
                                                                   .display_name = "Somebody",
                                                                   .roles = {Role::nurse, Role::patient},
                                                                   .facilities = {ward.hospital.home},
                                                                   .patient_id = self}));
    return must(both.call(documents::Get{.id = bill.id})).title;
  };
  CHECK(title_for(ward.patient) == "Letter");
  CHECK(title_for(ward.hospital.add_patients(1).at(0).id).empty());
}

TEST_CASE("DOC-7: labelled documents are for who sent them and for holders of every label") {
  Ward ward{TestEngine("memory")};
  auto request = ward.letter();
  request.labels = {Label::hiv};
  request.title = "canary-1d0c";
  const auto stored = must(ward.doctor().call(std::move(request)));
  CHECK(must(ward.doctor().call(documents::Get{.id = stored.id})).labels == std::vector<Label>{Label::hiv});
  CHECK(code_of(ward.hospital.as(Role::nurse).call(documents::Get{.id = stored.id})) == "not_found");
  CHECK(code_of(read(ward.hospital.as(Role::nurse), stored.id)) == "not_found");
  CHECK(must(ward.hospital.as(Role::nurse).call(documents::List{.patient_id = ward.patient})).data.empty());
  for (const auto& [labels, sees] :
       {std::pair{std::vector<Label>{Label::genetic}, false}, {std::vector<Label>{Label::hiv}, true}}) {
    const UserId nurse = ward.hospital.member(Role::nurse).id;
    const auto before = must(ward.admin().call(users::Get{.id = nurse}));
    must(ward.admin().call(users::SetLabels{.id = nurse, .revision = before.revision, .labels = labels}));
    const Session again =
        must(ward.hospital.platform.authenticate(must(ward.hospital.sign_in(before.email.value())).access_token));
    CHECK(again.call(documents::Get{.id = stored.id}).ok() == sees);
    CHECK(must(again.call(documents::List{.patient_id = ward.patient})).data.size() == (sees ? 1 : 0));
    if (sees) CHECK(must(again.call(documents::Get{.id = stored.id})).title == "canary-1d0c");
  }
}

TEST_CASE("DOC-1: the same id with the same content is the same document; with another it is refused") {
  Ward ward{TestEngine("memory")};
  const auto id = *DocumentId::parse("018f5b3e-7c00-7abc-8def-0123456789ab");
  const auto send = [&](std::string content) {
    auto request = ward.letter(std::move(content));
    request.id = id;
    return ward.doctor().call(std::move(request));
  };
  const std::string content = pdf(filler(1'300'000));
  const auto stored = must(send(content));
  CHECK(stored.id == id);
  CHECK(must(send(content)).revision == stored.revision);
  CHECK(code_of(send(pdf("other"))) == "conflict.id_reused");
  CHECK(must(read(ward.doctor(), id)) == content);
  CHECK(must(ward.doctor().call(documents::List{.patient_id = ward.patient})).data.size() == 1);
}
