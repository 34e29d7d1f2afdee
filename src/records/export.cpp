// Everything of a patient, as one stream (PAT-15): read page by page as it is pulled, each time as its caller may see it then.
#include <algorithm>
#include <array>
#include <cstring>

#include "appointments/claims.hpp"
#include "appointments/entities.hpp"
#include "appointments/views.hpp"
#include "audit/event.hpp"
#include "audit/tables.hpp"
#include "documents/access.hpp"
#include "encounters/views.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "kernel/stream_end.hpp"
#include "records/canonical.hpp"
#include "records/versions.hpp"
#include "text/html.hpp"

namespace medflow::inline v1::patients {
namespace {

/// Somebody has looked, or changed something.
struct LookedAt {
  std::uint64_t seq = 0;
  Instant at{};
  std::string action{};
  UserId user_id{};
  bool ok = false;
};

}  // namespace
}  // namespace medflow::inline v1::patients

namespace medflow {

template <>
struct Described<patients::LookedAt> {
  using T = patients::LookedAt;
  static constexpr std::string_view name = "LookedAt";
  static constexpr Field fields[] = {field<&T::seq>(1, "seq"), field<&T::at>(2, "at"), field<&T::action>(3, "action"),
                                     field<&T::user_id>(4, "user_id"), field<&T::ok>(5, "ok")};
};

}  // namespace medflow

namespace medflow::inline v1::patients {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using storage::Cell;
using storage::RowView;

namespace {

constexpr std::size_t rows_at_once = 100;
constexpr std::uint64_t events_at_once = 5'000;

/// Writes the parts of the export, in one of two forms.
class Writer {
 public:
  explicit Writer(ExportFormat format) : html_(format == ExportFormat::html) {}

  std::string take() { return std::exchange(out_, {}); }

  void begin(Instant at) {
    if (html_) {
      out_ +=
          "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Patient export</title>\n"
          "<style>body{font:11pt sans-serif;margin:2cm}dl{display:grid;grid-template-columns:max-content auto;"
          "gap:0 1em;margin:0}dt{color:#555}dd{margin:0;white-space:pre-wrap}article{border-top:1px solid "
          "#999;padding:.4em 0;"
          "break-inside:avoid}</style></head><body>\n<h1>Patient export</h1>\n<p>As of ";
      out_.append(at.text()).append("</p>\n");
    } else {
      out_.append("{\"exported_at\":\"").append(at.text()).append("\"");
    }
  }
  void end() { out_ += html_ ? "</body></html>\n" : "}\n"; }

  void begin_part(std::string_view name) {
    first_ = true;
    if (html_)
      out_.append("<h2>").append(spoken(name)).append("</h2>\n");
    else
      out_.append(",\"").append(name).append("\":[");
  }
  void end_part() { out_ += html_ ? (first_ ? "<p>none</p>\n" : "") : "]"; }

  template <class T>
  void add(const T& object) {
    if (html_) {
      out_ += "<article>";
      list(type_of<T>, &object);
      out_ += "</article>\n";
    } else {
      if (!first_) out_ += ',';
      records::append_canonical(type_of<T>, &object, out_);
    }
    first_ = false;
  }

 private:
  static std::string spoken(std::string_view name) {
    std::string text(name);
    std::replace(text.begin(), text.end(), '_', ' ');
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
  }

  void escaped(std::string_view text) { text::append_html(out_, text); }

  void list(const Type& type, const void* object) {
    out_ += "<dl>";
    for (const Field& field : type.fields) {
      const std::size_t before = out_.size();
      out_.append("<dt>").append(spoken(field.name)).append("</dt><dd>");
      const std::size_t begin = out_.size();
      value(*field.type, field.at_const(object));
      if (out_.size() == begin)
        out_.resize(before);  // nothing is said there
      else
        out_ += "</dd>";
    }
    out_ += "</dl>";
  }

  void value(const Type& type, const void* at) {
    switch (type.kind) {
      case Kind::object:
        return list(type, at);
      case Kind::optional:
        if (type.has(at)) value(*type.element, type.get(const_cast<void*>(at)));
        return;
      case Kind::list:
        for (std::size_t i = 0, n = type.size(at); i < n; ++i) {
          if (i != 0) out_ += type.element->kind == Kind::object ? "" : ", ";
          value(*type.element, type.item(const_cast<void*>(at), i));
        }
        return;
      default: {
        std::string text;
        records::append_canonical_value(type, at, text);
        if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
        // Texts as they are, not as JSON writes them.
        escaped(type.kind == Kind::text ? std::string_view(*static_cast<const std::string*>(at)) : text);
      }
    }
  }

  bool html_;
  bool first_ = true;
  std::string out_{};
};

class Source {
 public:
  Source(std::shared_ptr<const kernel::SessionState> session, CallContext context, const Export& request,
         std::uint64_t events)
      : session_(std::move(session)),
        context_(std::move(context)),
        id_(request.id),
        writer_(request.format),
        events_(events),
        stream_end_(*session_, *find_operation("patients.export"), "export", [id = id_](Work& work) {
          work.about(id.uuid);
          work.event().table = Rows<Patient>::layout().table().id;
          work.concerns(id);
        }) {}

  Result<std::size_t> pull(std::span<std::byte> out) {
    return stream_end_.pull(out, [this](std::span<std::byte> room) { return read(room); });
  }

 private:
  enum class Part : std::uint8_t { patient, appointments, encounters, records, versions, documents, accesses, over };

  /// A step at a time, or other streams would wait for one that finds nothing for long: it sends white space, which may stand wherever a
  /// step ends.
  std::size_t read(std::span<std::byte> out) {
    if (sent_ == ready_.size() && part_ != Part::over) {
      fill();
      ready_ = writer_.take();
      if (ready_.empty() && part_ != Part::over) ready_ = " ";
      sent_ = 0;
    }
    const std::size_t n = std::min(out.size(), ready_.size() - sent_);
    std::memcpy(out.data(), ready_.data() + sent_, n);
    sent_ += n;
    stream_end_.count(n);
    return n;
  }

  void fill() {
    kernel::CallFrame frame{.session = session_.get(),
                            .store = session_->store().get(),
                            .row = find_operation("patients.export"),
                            .context = context_,
                            .now = session_->store()->clock().now()};
    Outside outside(frame);
    outside.read([&](Work& work) {
      const records::Chart chart(work, id_);
      switch (part_) {
        case Part::patient:
          return patient(work);
        case Part::appointments:
          return part("appointments", Part::encounters, [&] { return appointments(work); });
        case Part::encounters:
          return part("encounters", Part::records, [&] {
            return !chart.reads() || rows<encounters::Encounter>(work, "encounters_patient", [&](auto& each) {
              writer_.add(encounters::shown(work, chart, each));
            });
          });
        case Part::records:
          return part("records", Part::versions, [&] {
            return rows<records::StoredRecord>(work, "records_patient", [&](auto& each) {
              if (chart.shows(each)) writer_.add(chart.shown(each));
            });
          });
        case Part::versions:
          return part("record_versions", Part::documents, [&] { return versions(work, chart); });
        case Part::documents:
          return part("documents", Part::accesses, [&] { return documents(work); });
        case Part::accesses:
          return part("accesses", Part::over, [&] { return accesses(work); });
        case Part::over:
          return;
      }
    });
    if (part_ == Part::over) writer_.end();
  }

  /// One page of a part; `page` says whether it was the last.
  template <class Page>
  void part(std::string_view name, Part next, Page&& page) {
    if (!begun_) writer_.begin_part(name);
    begun_ = true;
    if (!page()) return;
    writer_.end_part();
    begun_ = false;
    after_.clear();
    part_ = next;
  }

  void patient(Work& work) {
    writer_.begin(work.now());
    writer_.begin_part("patient");
    auto known = patients::known(work, id_, work.access().classes());
    patients::hide_closed(work, known->patient);
    writer_.add(known->patient);
    writer_.end_part();
    part_ = Part::appointments;
  }

  /// The patient's next rows in the order of an index that begins with the patient.
  template <class T, class Take>
  bool rows(Work& work, std::string_view index, Take&& take) {
    const Cell equal[] = {Cell::bytes(id_.uuid.view())};
    storage::Scan scan{.index = index, .equal = equal, .limit = rows_at_once};
    const Cell after[] = {Cell::of(after_us_), Cell::bytes(after_)};
    if (!after_.empty()) scan.after = after;
    std::size_t count = 0;
    Rows<T>(work).scan(scan, [&](T row) {
      ++count;
      after_us_ = when(row).us;
      after_ = row.id.uuid.view();
      take(row);
      return true;
    });
    return count < rows_at_once;
  }
  static Instant when(const encounters::Encounter& row) { return row.start; }
  static Instant when(const records::StoredRecord& row) { return row.effective_at; }
  static Instant when(const records::StoredVersion& row) { return row.at; }

  bool appointments(Work& work) {
    const Cell equal[] = {Cell::bytes(id_.uuid.view())};
    storage::Scan scan{.table = &appointments::claims_table, .equal = equal, .limit = rows_at_once};
    const Cell after[] = {Cell::of(after_us_), Cell::bytes(after_)};
    if (!after_.empty()) scan.after = after;
    std::vector<AppointmentId> ids;
    work.transaction().scan(scan, [&](RowView row) {
      after_us_ = row[1].integer;
      after_ = row[2].data;
      AppointmentId id;
      std::memcpy(id.uuid.bytes.data(), row[2].data.data(), id.uuid.bytes.size());
      ids.push_back(id);
      return true;
    });
    for (const auto& each : Rows<appointments::Appointment>(work).get_many(ids))
      if (appointments::reaches(work, each, Permission::appointment_read)) writer_.add(appointments::shown(work, each));
    return ids.size() < rows_at_once;
  }

  bool versions(Work& work, const records::Chart& chart) {
    Rows<records::StoredRecord> now(work);
    return rows<records::StoredVersion>(work, "record_versions_chart", [&](const records::StoredVersion& version) {
      const auto record = now.find(version.record_id);
      if (record && chart.shows(*record) && chart.shows_version(*record, version)) writer_.add(chart.shown(version));
    });
  }

  bool documents(Work& work) {
    const auto chart = documents::Chart::of(work, id_, Permission::document_read);
    if (!chart || !work.access().holds(Permission::document_read)) return true;
    const Cell equal[] = {Cell::bytes(id_.uuid.view())};
    Rows<documents::StoredDocument>(work).scan({.index = "documents_patient", .equal = equal}, [&](const auto& each) {
      if (chart->shows(work, each)) writer_.add(documents::view(work, each));
      return true;
    });
    return true;
  }

  /// The log is looked through: it has no order by patient.
  bool accesses(Work& work) {
    const std::uint64_t end = std::min(next_event_ + events_at_once, events_ + 1);
    audit::Event event;
    const storage::Scan scan{.table = &audit::events_table,
                             .from = Cell::of(static_cast<std::int64_t>(next_event_)),
                             .to = Cell::of(static_cast<std::int64_t>(end))};
    work.transaction().scan(scan, [&](RowView row) {
      if (!audit::decode(row[1].data, event)) throw Failure(codes::integrity);
      if (std::find(event.patients.begin(), event.patients.end(), id_.uuid) != event.patients.end())
        writer_.add(LookedAt{.seq = static_cast<std::uint64_t>(row[0].integer),
                             .at = event.at,
                             .action = std::string(event.action),
                             .user_id = UserId{event.actor},
                             .ok = event.outcome == audit::Outcome::ok});
      return true;
    });
    next_event_ = end;
    return next_event_ > events_;
  }

  std::shared_ptr<const kernel::SessionState> session_;  ///< the caller's: what it may see is shown
  CallContext context_;
  PatientId id_;
  Writer writer_;
  std::uint64_t events_;
  std::uint64_t next_event_ = 1;
  Part part_ = Part::patient;
  bool begun_ = false;
  std::int64_t after_us_ = 0;
  std::string after_{};
  std::string ready_{};
  std::size_t sent_ = 0;
  kernel::StreamEnd stream_end_;
};

}  // namespace

Stream handle(Work& work, const Export& request) {
  work.about(request.id.uuid);
  // Who may read the patient but not take all of it away is told so.
  const auto named = known(work, request.id, 0);
  if (named && !named->patient.deleted_at && !reaches(work, named->patient, Permission::patient_export) &&
      reaches(work, named->patient, Permission::patient_read))
    throw Failure(codes::forbidden);
  const records::Chart chart(work, request.id);
  const bool html = request.format == ExportFormat::html;
  return {.media_type = html ? "text/html; charset=utf-8" : "application/json",
          .file_name = html ? "patient.html" : "patient.json",
          .pull = kernel::pulled_from(work, [session = work.session().shared_from_this(), context = work.context(),
                                             request, events = work.store().log().last_seq()] {
            return std::make_unique<Source>(session, context, request, events);
          })};
}

}  // namespace medflow::inline v1::patients

MEDFLOW_HANDLE(medflow::patients::Export);
