#include "doctors/licences.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "doctors/entities.hpp"
#include "kernel/paging.hpp"
#include "messages/outbox.hpp"
#include "users/accounts.hpp"

namespace medflow::inline v1::doctors {

using jobs::JobKind;
using jobs::Next;
using jobs::Progress;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t at_once_max = 100;           ///< in one step
constexpr std::int32_t days_ahead[] = {1, 7, 30};  ///< the nearest that holds is told

constexpr Operation alert_operation{.name = "doctors.alert_licences",
                                    .permission = Permission::job_manage,
                                    .effect = Effect::write,
                                    .summary = "Tell of licences that expire",
                                    .object = "doctor"};
constexpr OperationRow alert_row{.operation = &alert_operation};

/// Whether the same authority has given another one that is valid for longer.
bool is_renewed(const Doctor& doctor, const Registration& licence) {
  return std::any_of(doctor.registrations.begin(), doctor.registrations.end(), [&](const Registration& other) {
    return other.authority == licence.authority && (!other.valid_to || *licence.valid_to < *other.valid_to);
  });
}

/// One message says all that ends on a day: which those are makes it another one.
void tell(Work& work, const Doctor& doctor, Date day, std::int32_t days, const std::vector<UserId>& whom) {
  std::string key = doctor.id.text() + '\n' + std::to_string(days);
  for (const Registration& one : doctor.registrations)
    if (one.valid_to == day) key += '\n' + one.authority + '\n' + one.number;
  const Instant last_day{day.days() * std::int64_t{86'400'000'000}};
  for (const UserId& user : whom)
    messages::queue_once(work,
                         {.kind = messages::MessageKind::licence,
                          .user_id = user,
                          .expires_at = last_day.plus_s(2 * 86'400),
                          .about = last_day,
                          .practitioner_id = doctor.id},
                         work.now(), key);
}

void look_at(Work& work, const Doctor& doctor, Date today, const std::vector<UserId>& admins) {
  std::vector<UserId> whom = admins;
  if (doctor.user_id && std::find(whom.begin(), whom.end(), *doctor.user_id) == whom.end())
    whom.push_back(*doctor.user_id);
  for (const Registration& licence : doctor.registrations) {
    if (!licence.valid_to || is_renewed(doctor, licence)) continue;
    const std::int32_t left = licence.valid_to->days() - today.days();
    const auto* const near = std::find_if(std::begin(days_ahead), std::end(days_ahead),
                                          [&](std::int32_t days) { return left >= 0 && left <= days; });
    if (near != std::end(days_ahead)) tell(work, doctor, *licence.valid_to, *near, whom);
  }
}

Next step(Work& work, Progress& progress) {
  std::vector<Doctor> some;
  storage::Scan scan{.limit = at_once_max};
  const Cell after[] = {Cell::bytes(progress.position.view())};
  if (!progress.position.is_nil()) scan.after = after;
  Rows<Doctor>(work).scan(scan, [&](Doctor doctor) {
    some.push_back(std::move(doctor));
    return true;
  });
  const Date today = date_in(work.store().zone(), work.now());
  const std::vector<UserId> admins = users::admins(work).active;
  for (const Doctor& doctor : some) look_at(work, doctor, today, admins);
  progress.done += some.size();
  if (some.size() < at_once_max) return Next::done();
  progress.position = some.back().id.uuid;
  return Next::again();
}

}  // namespace

const JobKind licence_sweep{.row = &alert_row, .step = step, .recurs = jobs::Recurs::by_cron, .cron = "0 6 * * *"};

}  // namespace medflow::inline v1::doctors
