// Who sees what (RBA-7, REC-10, R9, R15): a text of its own in each sealed class, kind, label and state of release; everybody asks for everything,
// and each text shows to whom it may and to nobody else, in answers, errors, messages and the audit log.
#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <utility>

#include <boost/json.hpp>

#include "adapters/json/codec.hpp"
#include "adapters/json/problem.hpp"
#include "crypto/codec.hpp"
#include "medflow/testing/messages.hpp"
#include "tests/access/world.hpp"
#include "tests/support/chart.hpp"

using namespace medflow;
using namespace medflow::testing;
namespace bj = boost::json;

namespace {

using records::RecordContent;
using records::RecordKind;

/// What roles.md gives of each class, for the caller who works at home: A all of the tenant, F what is at home, O their own, R their own once it
/// was released. Behind it the operations in which all who may see it do. C is F here: care relations are not enforced, and nobody breaks glass
/// or reads for a dependant yet.
struct Rule {
  std::string_view what{};
  std::string_view who{};
  std::string_view shown_by{};
};

constexpr Rule rules[] = {
    // An administrator may export anybody, and reads those at home.
    {"identity", "TA=A DR=A NU=A RE=A BC=A LB=F PH=F PT=O", ""},
    // Who does not read it whole is shown its last four characters.
    {"identifier", "DR=F NU=F RE=F BC=F PT=O", "patients.get patients.list patients.search"},
    {"contact", "TA=A DR=A NU=A RE=A BC=A LB=F PH=F PT=O", ""},
    {"deleted patient", "TA=F", "patients.list patients.search"},
    // Only of those whose chart they read, of all whom they may read.
    {"clinical of a patient", "DR=F NU=F LB=F PH=F PT=O", "patients.get patients.list"},
    {"visit", "DR=F NU=F PT=O", "appointments.get appointments.list"},
    {"visit in the own calendar", "DR=A LB=A PT=O", "appointments.get appointments.list"},
    {"encounter", "DR=F NU=F", "encounters.get encounters.list"},
    {"record", "DR=F NU=F PT=R", "records.get records.list records.list_versions records.get_version"},
    // Its canonical text holds the hash of the version before, which had the label.
    {"record whose label is gone", "DR=F NU=F PT=R", "records.get records.list records.list_versions"},
    {"laboratory record", "DR=F NU=F LB=F PT=R", "records.get records.list records.list_versions records.get_version"},
    {"medication record", "DR=F NU=F PH=F PT=R", "records.get records.list records.list_versions records.get_version"},
    // What a record said once, and what was said of a change.
    {"version", "DR=F NU=F PT=R", "records.list_versions records.get_version"},
    {"draft version", "DR=F NU=F", "records.list_versions records.get_version"},
    // `record.read_sensitive` is a doctor's, a nurse's and the patient's, whatever the record's kind.
    {"labelled record", "DR=F NU=F PT=R", "records.get records.list records.list_versions records.get_version"},
    {"labelled version", "DR=F NU=F PT=R", "records.list_versions records.get_version"},
    {"clinical document", "DR=F NU=F PT=R", "documents.download"},
    {"name of a clinical document", "DR=F NU=F PT=R", "documents.get documents.list documents.list_versions"},
    {"name of a replaced document", "DR=F NU=F PT=R", "documents.get documents.list_versions"},
    {"labelled document", "DR=F NU=F PT=R", "documents.download"},
    {"name of a labelled document", "DR=F NU=F PT=R", "documents.get documents.list documents.list_versions"},
    {"administrative document", "DR=F NU=F RE=F PT=O", "documents.download"},
    {"name of an administrative document", "DR=F NU=F RE=F PT=O",
     "documents.get documents.list documents.list_versions"},
    // A nurse reads the document, and has no right to the billing class, in which its name lies.
    {"billing document", "DR=F NU=F BC=F PT=O", "documents.download"},
    {"name of a billing document", "DR=F BC=F PT=O", "documents.get documents.list documents.list_versions"},
    {"invoice", "TA=A RE=F BC=A PT=O AU=A", "invoices.get invoices.list"},
    {"draft invoice", "TA=A RE=F BC=A AU=A", "invoices.get invoices.list"},
    {"credit note", "TA=A RE=F BC=A PT=O AU=A", "credit_notes.list"},
    {"write-off", "TA=A BC=A AU=A", "write_offs.list"},
    {"refund", "TA=A RE=F BC=A PT=O AU=A", "refunds.get refunds.list"},
    {"coverage", "RE=F BC=A PT=O", "coverages.get coverages.list"},
    {"account", "TA=A AU=A", "users.get users.list"},
    {"leave", "TA=A RE=F", "leaves.list"},
    {"leave of the own doctor", "TA=A DR=A", "leaves.list"},
    {"secret", "", ""},
};

constexpr std::string_view short_words[] = {"SA", "TA", "DR", "NU", "RE", "BC", "LB", "PH", "PT", "AU"};

struct Canary {
  const Rule* rule = nullptr;
  bool own = false;  ///< in the patient's own chart, which is known elsewhere; else in one at home
  bool released = false;
  std::vector<Label> labels{};
  std::string what{};
};

bool may_see(Role role, const std::vector<Label>& held, const Canary& canary) {
  const std::string cell = std::string(short_words[static_cast<std::size_t>(role)]) + "=";
  const std::size_t at = canary.rule->who.find(cell);
  if (at == std::string_view::npos) return false;
  const char scope = canary.rule->who[at + cell.size()];
  if (scope == 'O' || scope == 'R') return canary.own && (scope == 'O' || canary.released);
  const auto holds = [&](Label label) { return std::find(held.begin(), held.end(), label) != held.end(); };
  return (scope == 'A' || !canary.own) && std::all_of(canary.labels.begin(), canary.labels.end(), holds);
}

constexpr std::string_view mark = "kanari";
constexpr std::string_view phone_mark = "442070991";  // and three digits

/// All canaries: their texts are found in whatever is answered.
class Flock {
 public:
  /// A text that nothing else has.
  std::string text(std::string_view rule, bool own, std::string what = {}, bool released = false,
                   std::vector<Label> labels = {}) {
    const std::size_t index = add(rule, own, std::move(what), released, std::move(labels));
    std::string text("Kanari");
    for (const std::size_t digit : {index / 26, index % 26}) text += static_cast<char>('a' + digit);
    return text;
  }
  /// The same that is a telephone number.
  std::string phone(std::string_view rule, bool own) {
    const std::string digits = std::to_string(1'000 + add(rule, own, "phone", false, {}));
    return "+" + std::string(phone_mark) + digits.substr(1);
  }

  /// One that something has been given already, and that nobody is shown again.
  void secret(std::string text, std::string what) {
    others_.emplace_back(lower(std::move(text)), add("secret", false, std::move(what), false, {}));
  }

  /// Which are in a text, in whatever case.
  std::set<std::size_t> in(std::string text) const {
    text = lower(std::move(text));
    std::set<std::size_t> found;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
      const std::string_view rest = std::string_view(text).substr(at + mark.size(), 2);
      if (rest.size() != 2 || rest[0] < 'a' || rest[0] > 'z' || rest[1] < 'a' || rest[1] > 'z') continue;
      found.insert(static_cast<std::size_t>(rest[0] - 'a') * 26 + static_cast<std::size_t>(rest[1] - 'a'));
    }
    for (std::size_t at = text.find(phone_mark); at != std::string::npos; at = text.find(phone_mark, at + 1))
      found.insert(static_cast<std::size_t>(std::stoi(text.substr(at + phone_mark.size(), 3))));
    for (const auto& [needle, index] : others_)
      if (text.find(needle) != std::string::npos) found.insert(index);
    std::erase_if(found, [&](std::size_t index) { return index >= all_.size(); });
    return found;
  }

  const std::vector<Canary>& all() const { return all_; }

 private:
  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
  }

  std::size_t add(std::string_view rule, bool own, std::string what, bool released, std::vector<Label> labels) {
    const auto found =
        std::find_if(std::begin(rules), std::end(rules), [&](const Rule& each) { return each.what == rule; });
    if (found == std::end(rules)) throw std::runtime_error("no rule for " + std::string(rule));
    all_.push_back({.rule = &*found,
                    .own = own,
                    .released = released,
                    .labels = std::move(labels),
                    .what = what.empty() ? std::string(rule) : std::move(what)});
    return all_.size() - 1;
  }

  std::vector<Canary> all_{};
  std::vector<std::pair<std::string, std::size_t>> others_{};
};

std::string pdf_of(const std::string& text) {
  return "%PDF-1.4\n% " + text +
         "\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \n"
         "trailer\n<< /Root 1 0 R >>\nstartxref\n52\n%%EOF\n";
}

/// The hospital: one patient at home, one who is known elsewhere and has an account, and one who was deleted.
class Cage {
 public:
  explicit Cage(std::string_view engine) : sender(std::make_shared<RecordingSender>()), world(engine, sender) {
    hand = staff("hand",
                 {Role::doctor, Role::nurse, Role::lab, Role::pharmacist, Role::receptionist, Role::billing_clerk});
    const auto account = must(world.admin.call(users::Get{.id = hand->user_id()}));
    must(world.admin.call(
        users::SetLabels{.id = account.id, .revision = account.revision, .labels = {Label::mental, Label::hiv}}));
    hand = staff("hand",
                 {Role::doctor, Role::nurse, Role::lab, Role::pharmacist, Role::receptionist, Role::billing_clerk});
    fill(false);
    fill(true);
    fill_deleted();
    fill_tenant();
    post();
  }

  /// A role's session, whose user holds these labels.
  Session as(Role role, const std::vector<Label>& labels) {
    Session session = world.as(role);
    if (role == Role::super_admin || role == Role::tenant_admin) return session;
    const auto account = must(world.admin.call(users::Get{.id = session.user_id()}));
    if (account.labels == labels) return session;
    must(world.admin.call(users::SetLabels{.id = account.id, .revision = account.revision, .labels = labels}));
    return world.as(role);
  }

  PatientId chart(bool own) const { return *PatientId::parse(ids.at("patient").at(own ? 1 : 0)); }
  void post() { static_cast<void>(world.hospital.platform.tick(world.hospital.clock->now())); }

  std::shared_ptr<RecordingSender> sender;
  World world;
  Flock flock{};
  std::optional<Session> hand{};  ///< writes all that there is: nothing of it is anybody else's own
  std::map<std::string, std::vector<std::string>, std::less<>> ids{};    ///< by kind of object
  std::map<std::string, std::vector<std::string>, std::less<>> words{};  ///< to search for, by field
  std::set<std::string_view> answered{};  ///< operations that have shown anything to anybody
  std::vector<Instant> moments{};         ///< between changes

 private:
  Session staff(std::string subject, std::vector<Role> roles) {
    return must(world.hospital.platform.session(world.hospital.slug(),
                                                {.issuer = "https://host.example",
                                                 .subject = std::move(subject),
                                                 .display_name = "Staff",
                                                 .roles = std::move(roles),
                                                 .facilities = {world.hospital.home, world.hospital.away}}));
  }

  template <class T>
  T note_id(std::string_view kind, T made) {
    ids[std::string(kind)].push_back(made.id.text());
    return made;
  }
  CallContext key() { return {.idempotency_key = world.fresh_word()}; }
  void moment() {
    world.hospital.clock->advance_s(60);
    moments.push_back(world.hospital.clock->now());
    world.hospital.clock->advance_s(60);
  }
  FacilityId place(bool own) const { return own ? world.hospital.away : world.hospital.home; }

  patients::Patient enrol(bool own, std::string_view identity, std::string_view contact) {
    patients::Register request{
        .names = {{.family = flock.text(identity, own, "name"), .given = {"Kim"}}},
        .birth = patients::Birth{.date = {1980, 1, 1}},
        .sex_admin = patients::Sex::unknown,
        .gender_identity = flock.text(identity, own, "gender identity"),
        .identifiers = {{.system = "https://ids.example/test",
                         // An administrator alone sees who was deleted, and reads nobody's identifiers whole.
                         .value = flock.text(identity == "identity" ? "identifier" : "secret", own, "identifier")}},
        .phones = {{.e164 = flock.phone(contact, own)}},
        .emails = {flock.text(contact, own, "email") + "@example.org"},
        .addresses = {{.lines = {flock.text(contact, own, "street")}, .city = flock.text(contact, own, "city")}},
        .flags = {{.code = flock.text(identity, own, "flag")}},
        .extensions = {{.url = "https://host.example/x", .value = flock.text(identity, own, "extension")}},
        .facilities = {place(own)}};
    words["name"].push_back(request.names[0].family);
    words["identifier"].push_back(request.identifiers[0].value);
    words["phone"].push_back(request.phones[0].e164);
    words["email"].push_back(request.emails[0]);
    auto made = note_id("patient", must(world.desk_at(place(own)).call(std::move(request))));
    words["mrn"].push_back(made.mrn);
    return made;
  }

  void fill(bool own) {
    patients::Patient who = enrol(own, "identity", "contact");
    if (own) world.own_chart = who;
    const PatientId id = who.id;
    fill_records(own, id);
    fill_labelled(own, id);
    fill_documents(own, id);
    fill_visits(own, id);
    fill_money(own, id);
    who = must(hand->call(patients::Get{.id = id}));
    patients::Patch patch{.id = id, .revision = who.revision};
    patch.deceased.emplace().cause.emplace() = flock.text("clinical of a patient", own, "cause of death");
    must(hand->call(std::move(patch)));
  }

  records::Record write(PatientId id, RecordKind kind, RecordContent content, bool sign = true,
                        std::vector<Label> labels = {}) {
    if (kind == RecordKind::vital)
      return note_id("record",
                     must(hand->call(vitals::Record{.patient_id = id, .content = std::move(content), .sign = sign})));
    if (kind == RecordKind::lab_result)
      return note_id("record",
                     must(hand->call(lab_results::Record{
                         .patient_id = id, .content = std::move(content), .labels = std::move(labels), .sign = sign})));
    if (kind == RecordKind::medication_order)
      return note_id("record",
                     must(hand->call(medications::Order{
                         .patient_id = id, .content = std::move(content), .labels = std::move(labels), .sign = sign})));
    return note_id("record", must(hand->call(records::Create{.patient_id = id,
                                                             .kind = kind,
                                                             .content = std::move(content),
                                                             .labels = std::move(labels),
                                                             .sign = sign})));
  }
  records::Record note(PatientId id, const std::string& text, bool sign = true, std::vector<Label> labels = {}) {
    return write(id, RecordKind::note, note_content(text, text), sign, std::move(labels));
  }
  records::Record release(const records::Record& record, std::optional<Instant> at = {}) {
    return must(hand->call(records::Release{.id = record.id, .revision = record.revision, .at = at}));
  }
  records::Record amend(const records::Record& record, const std::string& text, std::vector<Label> labels,
                        std::string reason = "it was otherwise") {
    return must(hand->call(records::Amend{.id = record.id,
                                          .revision = record.revision,
                                          .content = note_content(text, text),
                                          .labels = std::move(labels),
                                          .reason = std::move(reason)}));
  }

  RecordContent result(std::string text) {
    RecordContent content{.title = text};
    content.lab_result = records::LabResult{.conclusion = std::move(text)};
    return content;
  }
  RecordContent order(std::string text) {
    RecordContent content = order_content(world.fresh_word());
    content.medication_order->instructions = std::move(text);
    return content;
  }

  void fill_records(bool own, PatientId id) {
    note(id, flock.text("record", own, "draft"), false);
    note(id, flock.text("record", own, "signed"));
    release(note(id, flock.text("record", own, "released", true)));
    release(note(id, flock.text("record", own, "to be released")),
            Instant{world.hospital.clock->now().us + std::int64_t{86'400} * 365 * 1'000'000});
    const auto withheld = release(note(id, flock.text("record", own, "withheld")));
    must(hand->call(records::Release{.id = withheld.id, .revision = withheld.revision, .withhold = true}));
    const auto struck = release(note(id, flock.text("record", own, "retracted")));
    must(hand->call(records::Retract{
        .id = struck.id, .revision = struck.revision, .reason = "reason " + flock.text("version", own, "retraction")}));
    const auto thrown = note(id, flock.text("record", own, "discarded"), false);
    must(hand->call(records::Discard{.id = thrown.id, .revision = thrown.revision}));
    moment();
    // What was thought before it was signed is not the patient's, released or not.
    const auto edited = note(id, flock.text("draft version", own, "first draft"), false);
    moment();
    const std::string said = flock.text("record", own, "second draft, signed and released", true);
    const auto second = must(
        hand->call(records::Update{.id = edited.id, .revision = edited.revision, .content = note_content(said, said)}));
    release(must(hand->call(records::Sign{.id = second.id, .revision = second.revision})));
    const auto amended = release(note(id, flock.text("version", own, "before an amendment", true)));
    moment();
    const auto added = amend(amended, flock.text("record", own, "amended", true), {},
                             "reason " + flock.text("version", own, "amendment", true));
    must(hand->call(records::Append{
        .id = added.id, .revision = added.revision, .text = flock.text("version", own, "addendum", true)}));
    moment();

    RecordContent allergy = allergy_content(world.fresh_word());
    allergy.allergy->note = flock.text("medication record", own, "allergy");
    write(id, RecordKind::allergy, std::move(allergy));
    const auto ordered = write(id, RecordKind::medication_order, order(flock.text("medication record", own, "order")));
    RecordContent given;
    given.dispense = records::Dispense{.quantity = {.value = "1", .unit = "{box}"},
                                       .note = flock.text("medication record", own, "dispense")};
    note_id("record", must(hand->call(medications::Dispense{
                          .patient_id = id, .based_on = ordered.id, .content = std::move(given), .sign = true})));
    RecordContent asked{.title = "Blood count"};
    asked.lab_order = records::LabOrder{.note = flock.text("laboratory record", own, "laboratory order")};
    write(id, RecordKind::lab_order, std::move(asked));
    write(id, RecordKind::lab_result, result(flock.text("laboratory record", own, "result")));
    release(write(id, RecordKind::lab_result, result(flock.text("laboratory record", own, "released result", true))));
    RecordContent measured = vitals_content({testing::measured(records::VitalSign::heart_rate, "70", "/min")});
    measured.vital->note = flock.text("record", own, "vital");
    write(id, RecordKind::vital, std::move(measured));
    RecordContent condition{.title = "Cough"};
    condition.condition = records::Condition{.note = flock.text("record", own, "condition")};
    write(id, RecordKind::condition, std::move(condition));
    RecordContent shot{.code = substance(world.fresh_word())};
    shot.immunization = records::Immunization{.site = flock.text("record", own, "immunization")};
    write(id, RecordKind::immunization, std::move(shot));
    RecordContent cut{.title = "Suture"};
    cut.procedure = records::Procedure{.note = flock.text("record", own, "procedure")};
    write(id, RecordKind::procedure, std::move(cut));
    RecordContent sent{.title = "Referral"};
    sent.referral = records::Referral{.specialty = "surgery", .question = flock.text("record", own, "referral")};
    write(id, RecordKind::referral, std::move(sent));
  }

  void fill_labelled(bool own, PatientId id) {
    using enum Label;
    note(id, flock.text("labelled record", own, "labelled", false, {mental}), true, {mental});
    release(note(id, flock.text("labelled record", own, "labelled twice and released", true, {mental, hiv}), true,
                 {mental, hiv}));
    write(id, RecordKind::lab_result, result(flock.text("labelled record", own, "labelled result", false, {hiv})), true,
          {hiv});
    write(id, RecordKind::medication_order, order(flock.text("labelled record", own, "labelled order", false, {hiv})),
          true, {hiv});
    const auto struck =
        note(id, flock.text("labelled record", own, "labelled and retracted", false, {hiv}), true, {hiv});
    must(hand->call(
        records::Retract{.id = struck.id,
                         .revision = struck.revision,
                         .reason = "reason " + flock.text("labelled version", own, "its retraction", false, {hiv})}));
    // A label hides what was said before it was put on; one that was taken off hides what was said under it.
    const auto plain = note(id, flock.text("labelled version", own, "before its label", false, {hiv}));
    moment();
    amend(plain, flock.text("labelled record", own, "label put on", false, {hiv}), {hiv});
    const auto marked =
        note(id, flock.text("labelled version", own, "under a label that is gone", false, {hiv}), true, {hiv});
    moment();
    amend(marked, flock.text("record whose label is gone", own), {});
  }

  documents::Document send(PatientId id, documents::Category category, const std::string& name,
                           const std::string& content, std::optional<RecordId> record = {},
                           std::vector<Label> labels = {}) {
    return note_id("document",
                   must(hand->call(documents::Upload{.patient_id = id,
                                                     .category = category,
                                                     .title = name,
                                                     .file_name = name + ".pdf",
                                                     .record_id = record,
                                                     .labels = std::move(labels),
                                                     .content = Content::of("application/pdf", pdf_of(content))})));
  }

  void fill_documents(bool own, PatientId id) {
    using enum documents::Category;
    const auto of = [&](std::string_view rule, std::string what, bool released = false,
                        std::vector<Label> labels = {}) {
      return flock.text(rule, own, std::move(what), released, std::move(labels));
    };
    // Of no record: nothing keeps it from the patient.
    const auto first =
        send(id, clinical, of("name of a replaced document", "letter", true), of("clinical document", "letter", true));
    const std::string newer = of("name of a clinical document", "newer letter", true);
    note_id("document",
            must(hand->call(documents::Replace{
                .id = first.id,
                .revision = first.revision,
                .title = newer,
                .file_name = newer + ".pdf",
                .content = Content::of("application/pdf", pdf_of(of("clinical document", "newer letter", true)))})));
    send(id, laboratory, of("name of a clinical document", "of a record"), of("clinical document", "of a record"),
         note(id, "as it is").id);
    const auto shown = release(note(id, "as it is"));
    send(id, imaging, of("name of a clinical document", "of a released record", true),
         of("clinical document", "of a released record", true), shown.id);
    send(id, administrative, of("name of an administrative document", "card"), of("administrative document", "card"));
    send(id, billing, of("name of a billing document", "bill"), of("billing document", "bill"));
    const std::vector<Label> mental{Label::mental};
    const std::vector<Label> hiv{Label::hiv};
    send(id, clinical, of("name of a labelled document", "labelled", false, mental),
         of("labelled document", "labelled", false, mental), {}, mental);
    const auto marked = release(note(id, "as it is", true, hiv));
    send(id, clinical, of("name of a labelled document", "of a labelled and released record", true, hiv),
         of("labelled document", "of a labelled and released record", true, hiv), marked.id);
    // The label comes to its record later.
    const auto later = note(id, "as it is");
    send(id, clinical, of("name of a labelled document", "labelled later", false, hiv),
         of("labelled document", "labelled later", false, hiv), later.id);
    amend(later, "as it is", hiv);
  }

  void open(PractitionerId doctor, FacilityId where) {
    schedules::Set always{.id = doctor.uuid};
    for (int weekday = 0; weekday < 7; ++weekday)
      always.windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = where});
    must(world.admin.call(std::move(always)));
    ids["doctor"].push_back(doctor.text());
  }

  void fill_visits(bool own, PatientId id) {
    if (!service_) service_ = note_id("service", world.new_service()).id;
    const auto doctor = world.new_doctor(place(own)).id;
    open(doctor, place(own));
    int day = 0;
    const auto book = [&](PractitionerId with, std::string_view rule, std::string what) {
      const Instant from = world.hospital.clock->now().plus_s(86'400 * ++day);
      const auto free =
          must(world.admin.call(slots::FindFirst{.service_id = *service_, .doctors = {with}, .from = from})).slots;
      return note_id(
          "appointment",
          must(world.desk_at(place(own))
                   .call(appointments::Book{.patient_id = id,
                                            .service_id = *service_,
                                            .resources = {{.id = with.uuid}},
                                            .start = free.at(0).start,
                                            .reason = "reason " + flock.text(rule, own, std::move(what)),
                                            .notes = flock.text(rule, own, "notes of it"),
                                            .extensions = {{.url = "https://host.example/x",
                                                            .value = flock.text(rule, own, "value of it")}}})));
    };
    book(doctor, "visit", "visit");
    const auto gone = book(doctor, "visit", "visit that is called off");
    must(world.desk_at(place(own))
             .call(appointments::Cancel{.id = gone.id,
                                        .revision = gone.revision,
                                        .reason = "reason " + flock.text("visit", own, "why it is called off")}));
    if (own) {
      open(world.own_doctor.id, place(own));
      book(world.own_doctor.id, "visit in the own calendar", "visit in the own calendar");
    }
    // What shows whose it is.
    const auto free = must(world.admin.call(slots::FindFirst{
        .service_id = *service_, .doctors = {doctor}, .from = world.hospital.clock->now().plus_s(86'400 * ++day)}));
    const auto wall = free.slots.at(0).wall_start;
    ids["series"].push_back(must(world.desk_at(place(own))
                                     .call(series::Book{.patient_id = id,
                                                        .service_id = *service_,
                                                        .resources = {{.id = doctor.uuid}},
                                                        .wall_start = wall,
                                                        .rrule = "FREQ=DAILY;COUNT=1"}))
                                .series->id.text());
    note_id("waitlist_entry", must(world.desk_at(place(own))
                                       .call(waitlists::Join{.patient_id = id,
                                                             .service_id = *service_,
                                                             .facility_id = place(own),
                                                             .earliest = Date{.year = 2030, .month = 1, .day = 1},
                                                             .latest = Date{.year = 2030, .month = 1, .day = 2}})));
    const auto kept = must(hand->call(
        encounters::Open{.patient_id = id,
                         .facility_id = place(own),
                         .reason = "reason " + flock.text("encounter", own),
                         .extensions = {{.url = "https://host.example/x", .value = flock.text("encounter", own)}}}));
    note_id("encounter", kept);
    const auto planned =
        must(hand->call(encounters::Open{.patient_id = id, .facility_id = place(own), .planned = true}));
    note_id("encounter", must(hand->call(encounters::Cancel{
                             .id = planned.id,
                             .revision = planned.revision,
                             .reason = "reason " + flock.text("encounter", own, "why it is called off")})));
  }

  invoices::Invoice bill(bool own, PatientId id, std::string_view rule, std::string what) {
    return note_id("invoice",
                   must(hand->call(invoices::Create{
                       .patient_id = id,
                       .facility_id = place(own),
                       .lines = {{.description = flock.text(rule, own, std::move(what)), .price_micro = 10'000'000}},
                       .extensions = {{.url = "https://host.example/x", .value = flock.text(rule, own)}}})));
  }

  void fill_money(bool own, PatientId id) {
    bill(own, id, "draft invoice", "draft");
    const auto issue = [&](const invoices::Invoice& draft) {
      return must(hand->call(invoices::Issue{.id = draft.id, .revision = draft.revision}, key()));
    };
    const auto invoice = issue(bill(own, id, "invoice", "issued"));
    const auto voided = issue(bill(own, id, "invoice", "voided"));
    must(hand->call(invoices::Void{.id = voided.id,
                                   .revision = voided.revision,
                                   .reason = "reason " + flock.text("invoice", own, "why it is void")},
                    key()));
    note_id("credit_note", must(hand->call(credit_notes::Issue{.invoice_id = invoice.id,
                                                               .lines = {{.line = 1, .net = 1}},
                                                               .reason = "reason " + flock.text("credit note", own)},
                                           key())));
    note_id("write_off",
            must(hand->call(write_offs::Request{
                .invoice_id = invoice.id, .amount = 1, .reason = "reason " + flock.text("write-off", own)})));
    const auto paid =
        note_id("payment", must(hand->call(payments::RecordPayment{.patient_id = id,
                                                                   .facility_id = place(own),
                                                                   .method = payments::PaymentMethod::card,
                                                                   .amount = 1'000,
                                                                   .keep_as_deposit = true},
                                           key())));
    note_id("refund",
            must(hand->call(
                refunds::Request{.payment_id = paid.id, .amount = 100, .reason = "reason " + flock.text("refund", own)},
                key())));
    note_id("coverage", must(hand->call(coverages::Create{.patient_id = id,
                                                          .payer_id = note_id("payer", world.new_payer()).id,
                                                          .member_id = flock.text("coverage", own, "member"),
                                                          .policy_no = flock.text("coverage", own, "policy"),
                                                          .valid_from = Date{.year = 2020, .month = 1, .day = 1},
                                                          .valid_to = Date{.year = 2020, .month = 1, .day = 2}})));
  }

  void fill_deleted() {
    const auto gone = enrol(false, "deleted patient", "deleted patient");
    must(world.admin.call(patients::Delete{
        .id = gone.id, .revision = gone.revision, .reason = "reason " + flock.text("deleted patient", false, "why")}));
  }

  void fill_tenant() {
    const auto invited = must(world.admin.call(users::Invite{.email = flock.text("account", false) + "@example.org",
                                                             .display_name = "Somebody",
                                                             .roles = {Role::nurse},
                                                             .facilities = {world.hospital.home}}));
    note_id("user", invited.user);
    for (std::size_t role = 1; role <= static_cast<std::size_t>(Role::auditor); ++role)
      ids["user"].push_back(world.as(static_cast<Role>(role)).user_id().text());
    const Instant from = world.hospital.clock->now().plus_s(std::int64_t{86'400} * 400);
    const auto away = [&](PractitionerId who, std::string_view rule) {
      ids["leave"].push_back(must(world.admin.call(leaves::Add{.resource_id = who.uuid,
                                                               .from = from,
                                                               .to = from.plus_s(3600),
                                                               .reason = "reason " + flock.text(rule, false)}))
                                 .leave.id.text());
    };
    away(*PractitionerId::parse(ids["doctor"].front()), "leave");
    away(world.own_doctor.id, "leave of the own doctor");
    for (const FacilityId& each : {world.hospital.home, world.hospital.away}) ids["facility"].push_back(each.text());
    ids["role"].push_back(world.new_role().id->text());
    ids["code_system"].push_back(world.code_system(Relation::none).text());
    words["system"].emplace_back("http://hl7.org/fhir/sid/icd-10-cm");
    words["code"].emplace_back("A00.0");
    words["q"].emplace_back("chol");
    note_id("resource", world.new_resource(world.hospital.home));
    note_id("price_item", must(world.admin.call(prices::Create{.code = "V", .name = "Visit"})));
    note_id("cash_shift", world.cash_shift(Relation::own_facility));
    ids["job"].push_back(world.job(world.as(Role::tenant_admin)).text());
    flock.secret(std::string(Hospital::password), "password");
    for (const Role role : {Role::doctor, Role::patient}) {
      words["token"].push_back(must(world.as(role).call(calendars::CreateFeed{})).token);
      flock.secret(words["token"].back(), "token of a feed");
    }
    flock.secret(must(world.admin.call(
                          users::Invite{.email = "new@example.org", .display_name = "Somebody", .roles = {Role::lab}}))
                     .token,
                 "token of an invitation");
    moment();
  }

  std::optional<ServiceId> service_{};
};

/// What one caller asks, and what came of it.
class Caller {
 public:
  Caller(Cage& cage, Role role, std::vector<Label> labels, Session session)
      : cage_(cage), role_(role), labels_(std::move(labels)), session_(std::move(session)) {}

  void ask_all() {
    for (const OperationRow& row : operations()) {
      if (row.content != nullptr || row.operation->realm == Realm::platform) continue;
      few_ = has_no_right(*row.operation);
      if (row.operation->effect == Effect::read) {
        ask(row);
      } else {
        ask_in_vain(row);
      }
      send_all();
    }
  }

  /// Which operations have shown it.
  const std::map<std::size_t, std::set<std::string_view>>& seen() const { return seen_; }
  std::size_t calls() const { return calls_; }

 private:
  struct Sent {
    const OperationRow* row = nullptr;
    bj::object request{};
    std::future<Result<Reply>> reply{};
  };

  /// Whether the matrix gives the role nothing of the kind: a few questions are enough then.
  bool has_no_right(const Operation& operation) const {
    static const matrix::Roles spec(MEDFLOW_SOURCE_DIR "/tests/access/roles.csv");
    const auto row = spec.rows().find(std::string(permission_name(operation.permission)));
    return row != spec.rows().end() && row->second.cells.at(std::string(World::word(role_))) == "-";
  }

  std::vector<std::string> ids_of(const Operation& operation, std::string_view field) const {
    std::string kind(field == "id" ? operation.object : field);
    if (kind.ends_with("_id")) kind.resize(kind.size() - 3);
    if (operation.object == "resource" && field == "id") return cage_.ids.at("resource");
    if (kind == "resource" || kind == "schedule" || kind == "practitioner" || kind == "queue") kind = "doctor";
    const auto there = cage_.ids.find(kind);
    if (there == cage_.ids.end()) return {cage_.world.nowhere.text()};
    return there->second;
  }

  std::vector<bj::value> values_of(const Operation& operation, const Field& field) const {
    const Type& type =
        field.type->kind == Kind::optional || field.type->kind == Kind::change ? *field.type->element : *field.type;
    std::vector<bj::value> values;
    switch (type.kind) {
      case Kind::uuid:
        for (const std::string& id : ids_of(operation, field.name)) values.emplace_back(id);
        break;
      case Kind::boolean:
        values.emplace_back(true);
        break;
      case Kind::enumeration:
        for (const std::string_view word : type.words) values.emplace_back(word);
        break;
      case Kind::instant:
        for (const Instant& each : cage_.moments) values.emplace_back(each.text());
        values.emplace_back(cage_.world.hospital.clock->now().plus_s(86'400).text());
        break;
      case Kind::date:
      case Kind::partial_date:
        values.emplace_back("2026-01-01");
        break;
      case Kind::integer:
        if (field.name == "limit") break;
        for (int n = 1; n <= (field.name == "n" ? 5 : 3); ++n) values.emplace_back(n);
        break;
      case Kind::text: {
        const auto words = cage_.words.find(field.name);
        if (field.name == "cursor") break;
        if (field.name == "reason")
          values.emplace_back("the canary asks for it");
        else if (field.name == "include")
          values.emplace_back("deleted");
        else if (words == cage_.words.end())
          values.emplace_back("x");
        else
          for (const std::string& word : words->second) values.emplace_back(word);
        if (field.name == "name") values.emplace_back(mark);
        break;
      }
      case Kind::list:
        if (field.name == "resources")
          for (const std::string& id : ids_of(operation, "doctor")) values.emplace_back(bj::array{{{"id", id}}});
        break;
      default:
        break;
    }
    return values;
  }

  /// Every way to fill in what is required.
  std::vector<bj::object> bases(const OperationRow& row) const {
    std::vector<bj::object> all(1);
    for (const Field& field : row.request->fields) {
      const bool asked = field.name == "n" || field.name == "reason" || field.name == "token" ||
                         row.operation->name == "records.diff" || row.operation->name == "appointments.check";
      if (!field.is(required) && !asked) continue;
      const auto values = values_of(*row.operation, field);
      std::vector<bj::object> more;
      for (const bj::object& base : all)
        for (const bj::value& value : values) {
          more.push_back(base);
          more.back()[field.name] = value;
        }
      if (!more.empty()) all = std::move(more);
    }
    if (few_ && all.size() > 3) all.resize(3);
    return all;
  }

  /// Every list, search, export and single object, by every filter and switch, page by page.
  void ask(const OperationRow& row) {
    for (const bj::object& base : bases(row)) {
      call(row, base);
      if (few_) continue;
      bj::object flags = base;
      for (const Field& field : row.request->fields) {
        if (base.contains(field.name)) continue;
        const Type& type = field.type->kind == Kind::optional ? *field.type->element : *field.type;
        if (type.kind == Kind::boolean || field.name == "include")
          flags[field.name] = values_of(*row.operation, field).front();
        for (const bj::value& value : values_of(*row.operation, field)) {
          bj::object one = base;
          one[field.name] = value;
          call(row, one);
          if (type.kind != Kind::instant || flags.size() == base.size()) continue;
          bj::object both = flags;
          both[field.name] = value;
          call(row, both);
        }
      }
      if (flags.size() > base.size()) call(row, flags);
      if (row.shape == Shape::page) {
        flags["limit"] = 2;
        walk(row, flags);
        bj::object spoilt = base;
        spoilt["cursor"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        call(row, spoilt);
      }
    }
    ask_nonsense(row);
  }

  void walk(const OperationRow& row, bj::object request) {
    for (int page = 0; page < 1000; ++page) {
      send_all();
      call(row, request);
      const std::string answer = send_all();
      if (answer.empty()) return;
      const bj::value parsed = bj::parse(answer);
      const auto* next = parsed.at("page").as_object().if_contains("next");
      if (next == nullptr || !next->is_string()) return;
      request["cursor"] = *next;
    }
  }

  /// A write that is refused: for what is lacking, and for a revision that nothing has.
  void ask_in_vain(const OperationRow& row) {
    ask_nonsense(row);
    const auto& fields = row.request->fields;
    const auto is_revision = [](const Field& field) { return field.name == "revision"; };
    if (std::none_of(fields.begin(), fields.end(), is_revision)) return;
    if (row.operation->name.starts_with("profile.") || row.operation->name.starts_with("settings.")) return;
    for (bj::object base : bases(row)) {
      base["revision"] = 999'999;
      call(row, base);
    }
  }

  /// Texts where there should be something else, and members that are not there: nothing of it comes back.
  void ask_nonsense(const OperationRow& row) {
    bj::object nonsense;
    for (const Field& field : row.request->fields)
      if (field.type->kind != Kind::text && field.type->kind != Kind::secret) nonsense[field.name] = "Kanariaa";
    nonsense["nothing"] = "Kanariaa";
    call(row, nonsense);
  }

  void call(const OperationRow& row, const bj::object& request) {
    ++calls_;
    Value value(*row.request);
    Error error;
    if (!json::decode(bj::serialize(request), *row.request, value.data(), error)) return refused(row, request, error);
    auto promise = std::make_shared<std::promise<Result<Reply>>>();
    sent_.push_back({.row = &row, .request = request, .reply = promise->get_future()});
    session_.submit(row, std::move(value), [promise](Result<Reply> reply) { promise->set_value(std::move(reply)); });
    if (sent_.size() == 64) send_all();
  }

  /// Waits for the answers to what was asked; what the last of them says, if it is an object.
  std::string send_all() {
    std::string last;
    for (Sent& each : sent_) last = look_at(*each.row, each.request, each.reply.get());
    sent_.clear();
    return last;
  }

  std::string look_at(const OperationRow& row, const bj::object& request, Result<Reply> reply) {
    if (!reply.ok()) {
      refused(row, request, reply.error());
      return {};
    }
    if (const auto error = reply->open()) {
      refused(row, request, *error);
      return {};
    }
    if (row.shape == Shape::stream) {
      const auto& stream = *static_cast<const Stream*>(reply->output.data());
      const auto content = Content{.pull = stream.pull}.read_all(std::size_t{16} << 20U);
      if (!content.ok()) refused(row, request, content.error());
      if (content.ok()) answered(row, request, *content + "\n" + stream.file_name + events_in(row, *content));
      return {};
    }
    std::string text;
    json::encode(*row.output, reply->output.data(), text);
    answered(row, request, text);
    return text;
  }

  /// The bytes of the events in an export of the audit log.
  static std::string events_in(const OperationRow& row, const std::string& lines) {
    std::string text;
    if (row.operation->name != "audit.export") return text;
    constexpr std::string_view begin = "\"event\":\"";
    for (std::size_t at = lines.find(begin); at != std::string::npos; at = lines.find(begin, at + 1)) {
      const std::size_t from = at + begin.size();
      text += crypto::from_base64(lines.substr(from, lines.find('"', from) - from)).value_or("") + "\n";
    }
    return text;
  }

  void answered(const OperationRow& row, const bj::object& request, const std::string& text) {
    cage_.answered.insert(row.operation->name);
    for (const std::size_t index : cage_.flock.in(text)) {
      const Canary& canary = cage_.flock.all()[index];
      seen_[index].insert(row.operation->name);
      if (may_see(role_, labels_, canary)) continue;
      const std::string what =
          std::string(canary.rule->what) + ": " + canary.what + (canary.own ? " (away)" : " (home)");
      const std::string asked = bj::serialize(request);
      const std::string role(World::word(role_));
      CAPTURE(asked);
      FAIL_CHECK(row.operation->name, " shows a ", role, ": ", what);
    }
  }

  /// Whatever is wrong: no error says what was asked for, or what is there.
  void refused(const OperationRow& row, const bj::object& request, const Error& error) const {
    std::string text;
    json::encode_problem(error, "", text);
    text += error.detail;
    if (cage_.flock.in(text).empty()) return;
    const std::string asked = bj::serialize(request);
    CAPTURE(asked);
    FAIL_CHECK(row.operation->name, " says in an error: ", text);
  }

  Cage& cage_;
  Role role_;
  std::vector<Label> labels_;
  Session session_;
  std::map<std::size_t, std::set<std::string_view>> seen_{};
  std::size_t calls_ = 0;
  bool few_ = false;
  std::vector<Sent> sent_{};
};

/// Whoever may see it has seen it, in each operation that the rule names.
void check_seen(const Cage& cage, const Caller& caller, Role role, const std::vector<Label>& labels) {
  for (std::size_t index = 0; index < cage.flock.all().size(); ++index) {
    const Canary& canary = cage.flock.all()[index];
    if (!may_see(role, labels, canary)) continue;
    const std::string what = std::string(canary.rule->what) + ": " + canary.what + (canary.own ? " (away)" : " (home)");
    CAPTURE(what);
    const auto there = caller.seen().find(index);
    CHECK(there != caller.seen().end());
    if (there == caller.seen().end()) continue;
    std::string_view wanted = canary.rule->shown_by;
    while (!wanted.empty()) {
      const std::size_t end = std::min(wanted.find(' '), wanted.size());
      const std::string operation(wanted.substr(0, end));
      CAPTURE(operation);
      CHECK(there->second.contains(operation));
      wanted.remove_prefix(std::min(end + 1, wanted.size()));
    }
    // Whoever may take all of a chart away takes this along, if it is in charts.
    const bool exports = role == Role::doctor || role == Role::patient;
    const bool in_charts = canary.rule->what.find("record") != std::string_view::npos ||
                           canary.rule->what.find("version") != std::string_view::npos ||
                           canary.rule->what.find("name of") != std::string_view::npos;
    if (exports && in_charts) CHECK(there->second.contains("patients.export"));
  }
}

/// How much of a chart is listed and counted: as if what is marked, or not theirs, were not there.
struct Counts {
  Role role{};
  std::size_t labels = 0;
  std::size_t records = 0;
  std::uint64_t left_out = 0;  ///< retracted and discarded
  std::size_t documents = 0;
};
constexpr Counts counts[] = {
    {Role::doctor, 0, 21, 2, 5},      {Role::nurse, 0, 21, 2, 5},        {Role::nurse, 1, 22, 2, 6},
    {Role::doctor, 2, 28, 3, 8},      {Role::nurse, 2, 28, 3, 8},        {Role::lab, 0, 3, 0, 0},
    {Role::lab, 2, 3, 0, 0},          {Role::pharmacist, 0, 3, 0, 0},    {Role::pharmacist, 2, 3, 0, 0},
    {Role::receptionist, 0, 0, 0, 1}, {Role::billing_clerk, 0, 0, 0, 1}, {Role::patient, 0, 7, 0, 5},
    {Role::tenant_admin, 0, 0, 0, 0}, {Role::auditor, 0, 0, 0, 0},
};

void check_counts(const Session& session, PatientId chart, Role role, std::size_t labels) {
  for (const Counts& each : counts) {
    if (each.role != role || each.labels != labels) continue;
    const auto records = session.call(records::List{.patient_id = chart});
    CHECK((records.ok() ? records->data.size() : 0) == each.records);
    CHECK((records.ok() ? records->page.left_out.value_or(0) : 0) == each.left_out);
    const auto documents = session.call(documents::List{.patient_id = chart});
    CHECK((documents.ok() ? documents->data.size() : 0) == each.documents);
  }
}

constexpr Role everybody[] = {Role::super_admin,  Role::tenant_admin,  Role::doctor, Role::nurse,
                              Role::receptionist, Role::billing_clerk, Role::lab,    Role::pharmacist,
                              Role::patient,      Role::auditor};

}  // namespace

TEST_CASE("RBA-7 REC-10: each secret shows in answers, errors and messages to whom it may, and to nobody else") {
  for (const std::string_view engine : {"memory", "sqlcipher"}) {
    CAPTURE(engine);
    Cage cage(engine);
    std::size_t calls = 0;
    const auto ask = [&](Role role, const std::vector<Label>& labels) {
      CAPTURE(World::word(role));
      CAPTURE(labels.size());
      Caller caller(cage, role, labels, cage.as(role, labels));
      caller.ask_all();
      check_seen(cage, caller, role, labels);
      if (role != Role::super_admin)
        check_counts(cage.as(role, labels), cage.chart(role == Role::patient), role, labels.size());
      calls += caller.calls();
    };
    for (const Role role : everybody) ask(role, {});
    // A label gives a right to nobody who has none to what is marked.
    ask(Role::nurse, {Label::mental});
    for (const Role role : {Role::doctor, Role::nurse, Role::lab, Role::pharmacist})
      ask(role, {Label::mental, Label::hiv});
    for (const OperationRow& row : operations()) {
      const bool asked = row.operation->effect == Effect::read && row.operation->realm != Realm::platform;
      CHECK_MESSAGE((!asked || cage.answered.contains(row.operation->name)), row.operation->name,
                    " was never answered");
    }
    MESSAGE(engine, ": ", cage.flock.all().size(), " canaries, ", calls, " calls");

    // Messages go to an address, and say nothing beyond; an invitation brings its link.
    for (int day = 0; day < 30; ++day) {
      cage.world.hospital.clock->advance_s(86'400);
      cage.post();
    }
    CHECK_FALSE(cage.sender->messages.empty());
    for (const Message& message : cage.sender->messages) {
      CAPTURE(message.kind);
      auto shown = cage.flock.in(message.subject + "\n" + message.text);
      if (message.kind == "auth.invitation")
        std::erase_if(shown, [&](std::size_t i) { return cage.flock.all()[i].what == "token of an invitation"; });
      CHECK(shown.empty());
    }
  }
}
