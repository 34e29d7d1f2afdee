// The one list of operations. What is not in it does not exist: no route, no command, no call.
#pragma once

#include <cstddef>
#include <string_view>

#include "medflow/appointments.hpp"
#include "medflow/audit.hpp"
#include "medflow/calendars.hpp"
#include "medflow/code_systems.hpp"
#include "medflow/custom_roles.hpp"
#include "medflow/doctors.hpp"
#include "medflow/documents.hpp"
#include "medflow/encounters.hpp"
#include "medflow/facilities.hpp"
#include "medflow/imports.hpp"
#include "medflow/invoices.hpp"
#include "medflow/jobs.hpp"
#include "medflow/ledger.hpp"
#include "medflow/patients.hpp"
#include "medflow/payers.hpp"
#include "medflow/payments.hpp"
#include "medflow/prices.hpp"
#include "medflow/queues.hpp"
#include "medflow/records.hpp"
#include "medflow/schedules.hpp"
#include "medflow/series.hpp"
#include "medflow/services.hpp"
#include "medflow/session.hpp"
#include "medflow/tenants.hpp"
#include "medflow/users.hpp"
#include "medflow/waitlists.hpp"

namespace medflow::inline v1 {

template <class... Ops>
struct OperationList {
  static constexpr std::size_t size = sizeof...(Ops);

  /// The position of an operation type; `size` where it is not in the list.
  template <class Op>
  static constexpr std::size_t index_of() {
    constexpr bool same[] = {std::is_same_v<Op, Ops>...};
    for (std::size_t i = 0; i < size; ++i)
      if (same[i]) return i;
    return size;
  }

  static constexpr const Operation* rows[size] = {&Ops::operation...};
};

using Operations = OperationList<
    tenants::List, tenants::Get, tenants::Provision, tenants::Suspend, tenants::Resume, tenants::Move, tenants::Migrate,
    platforms::GetStatus,                                                                                     //
    platforms::SetRecovery, users::InviteFirstAdmin,                                                          //
    auth::Login, auth::Refresh, auth::Logout, auth::Register, auth::Verify, auth::RequestReset, auth::Reset,  //
    users::List, users::Get, users::Invite, users::Update, users::SetRoles, users::SetFacilities, users::SetLabels,
    users::SetPatient, users::Disable, users::Enable, users::ClearThrottle, users::StartReset, sessions::List,
    sessions::Revoke, profile::Get, profile::Update,  //
    roles::List, roles::Get, roles::Create, roles::Update, roles::Delete, role_proposals::List, role_proposals::Approve,
    role_proposals::Reject,                                                                                          //
    facilities::List, facilities::Get, facilities::Create, facilities::Update,                                       //
    doctors::List, doctors::Get, doctors::Create, doctors::Update,                                                   //
    code_systems::List, code_systems::Get, code_systems::Import, code_systems::Activate, codes::Search, codes::Get,  //
    services::List, services::Get, services::Create, services::Update,                                               //
    resources::List, resources::Get, resources::Create, resources::Update,                                           //
    schedules::Get, schedules::Set, schedules::GetEffective, leaves::List, leaves::Get, leaves::Add,
    leaves::Remove,  //
    appointments::Book, appointments::List, appointments::Get, appointments::Update, appointments::Cancel,
    appointments::Hold, appointments::Confirm, appointments::Check, appointments::Reschedule, appointments::Approve,
    appointments::CheckIn, appointments::UndoCheckIn, appointments::Start, appointments::UndoStart,
    appointments::Complete, appointments::MarkNoShow, appointments::Restore, appointments::MarkError,  //
    series::Book, series::Get, series::Reschedule, series::Cancel, calendars::CreateFeed, calendars::ListFeeds,
    calendars::RevokeFeed, calendars::ReadFeed,                                                                 //
    waitlists::Join, waitlists::List, waitlists::Get, waitlists::Accept, waitlists::Decline, waitlists::Leave,  //
    queues::WalkIn, queues::Get, queues::CallNext, queues::Skip, queues::Recall, queues::GetDisplay,            //
    jobs::Get, jobs::Cancel,                                                                                    //
    slots::List, slots::FindFirst,                                                                              //
    settings::Get, settings::Update, settings::History,                                                         //
    patients::Register, patients::List, patients::Search, patients::Get, patients::Update, patients::Patch,
    patients::Delete, patients::Restore, imports::Patients, imports::Facilities, imports::Doctors,
    imports::Appointments, imports::Encounters, imports::Records,  //
    encounters::Open, encounters::List, encounters::Get, encounters::Update, encounters::Start, encounters::Finish,
    encounters::Cancel, encounters::Sign, encounters::MarkError,  //
    records::Create, records::List, records::Get, records::Update, records::Sign, records::Discard, records::Amend,
    records::Append, records::Retract, records::Release, records::ListVersions, records::GetVersion, records::Diff,
    vitals::Record, lab_results::Record, medications::Order, medications::Dispense, patients::Export,  //
    documents::Upload, documents::UploadPatient, documents::UploadMedical, documents::List, documents::Get,
    documents::Download, documents::Replace, documents::ListVersions, documents::ListQuarantine,
    documents::ReleaseQuarantine,  //
    tax_codes::List, tax_codes::Create, tax_codes::Update, prices::List, prices::Get, prices::Create, prices::Update,
    prices::SetPrice, fee_rules::List, fee_rules::Create, fee_rules::Update, payers::List, payers::Get, payers::Create,
    payers::Update, coverages::List, coverages::Get, coverages::Create, coverages::Update,  //
    invoices::Create, invoices::List, invoices::Get, invoices::Update, invoices::DiscardDraft, invoices::Issue,
    invoices::Bill, invoices::Void, invoices::Print, invoices::VerifySequence, credit_notes::Issue, credit_notes::List,
    credit_notes::Print, write_offs::Request, write_offs::List, write_offs::Approve, write_offs::Reject,  //
    payments::RecordPayment, payments::List, payments::Get, payments::Resolve, payments::Allocate, payments::Print,
    refunds::Request, refunds::List, refunds::Get, refunds::Approve, refunds::Reject, refunds::Complete,
    cash_shifts::Open, cash_shifts::Close, cash_shifts::Get, cash_shifts::List,  //
    ledger::ListEntries, ledger::TrialBalance, ledger::Verify, reports::Revenue, reports::Aging, reports::Statement,
    reports::Export, reports::PrintStatement, imports::Payers, imports::Coverages, imports::Charges,  //
    audit::Verify, audit::Export, audit::GetHead, audit::ListCheckpoints, audit::ProveInclusion,
    audit::ProveConsistency>;

namespace detail {

constexpr bool names_differ() {
  for (std::size_t i = 0; i < Operations::size; ++i)
    for (std::size_t j = i + 1; j < Operations::size; ++j)
      if (Operations::rows[i]->name == Operations::rows[j]->name) return false;
  return true;
}

/// Two paths match the same requests if they are equal where neither has a parameter.
constexpr bool same_route(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i] == '{' && b[j] == '{') {
      while (i < a.size() && a[i] != '/') ++i;
      while (j < b.size() && b[j] != '/') ++j;
    } else if (a[i] != b[j]) {
      return false;
    } else {
      ++i;
      ++j;
    }
  }
  return i == a.size() && j == b.size();
}

constexpr bool routes_differ() {
  for (std::size_t i = 0; i < Operations::size; ++i)
    for (std::size_t j = i + 1; j < Operations::size; ++j)
      if (Operations::rows[i]->method == Operations::rows[j]->method &&
          same_route(Operations::rows[i]->path, Operations::rows[j]->path))
        return false;
  return true;
}

constexpr bool rows_are_whole() {
  for (const Operation* row : Operations::rows) {
    const bool named = row->name.find('.') != std::string_view::npos && !row->summary.empty() && !row->object.empty();
    const bool placed = row->path.starts_with('/') && !row->path.ends_with('/');
    const bool honest = row->method != Method::get || row->effect == Effect::read;
    if (!named || !placed || !honest) return false;
  }
  return true;
}

static_assert(names_differ(), "two operations have one name");
static_assert(routes_differ(), "two operations have one route");
static_assert(rows_are_whole(), "an operation lacks its name, summary, object or path, or a GET writes");

}  // namespace detail

template <class Op>
Result<typename Op::Output> Session::call(Op request, const CallContext& context) const {
  constexpr std::size_t index = Operations::index_of<Op>();
  static_assert(index < Operations::size, "this type is not in the list of operations");
  auto reply = call(operations()[index], Value::of(*operations()[index].request, std::move(request)), context);
  if (!reply.ok()) return reply.error();
  return std::move(*static_cast<typename Op::Output*>(reply->output.data()));
}

template <class Op>
void Session::submit(Op request, std::function<void(Result<typename Op::Output>)> done, CallContext context) const {
  constexpr std::size_t index = Operations::index_of<Op>();
  static_assert(index < Operations::size, "this type is not in the list of operations");
  submit(
      operations()[index], Value::of(*operations()[index].request, std::move(request)),
      [done = std::move(done)](Result<Reply> reply) {
        if (!reply.ok()) return done(reply.error());
        if (auto error = reply->open()) return done(std::move(*error));
        done(std::move(*static_cast<typename Op::Output*>(reply->output.data())));
      },
      std::move(context));
}

}  // namespace medflow::inline v1
