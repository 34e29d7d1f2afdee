// To whom copies of key stores are sealed (SEC-6).
#include "crypto/recovery.hpp"

#include "crypto/codec.hpp"
#include "kernel/expected.hpp"
#include "kernel/handler.hpp"
#include "kernel/platform_state.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::platforms {

using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::size_t confirmation_size = 9;  // two groups and what stands between them

crypto::RecipientKey key_of(const std::string& hex) {
  crypto::RecipientKey key{};
  if (!crypto::from_hex(hex, key) || !crypto::usable(key))
    throw Failure(codes::invalid, "/public_key", "format.public_key", "must be a key of X25519 in hexadecimal digits");
  return key;
}

Recovery shown(const RecoveryRow& row) {
  return {.revision = row.revision,
          .public_key = row.public_key,
          .fingerprint = crypto::fingerprint_of(key_of(row.public_key)),
          .updated_at = row.updated_at};
}

void require_revision(const std::optional<std::uint64_t>& given, std::uint64_t there) {
  kernel::require_named(given);
  if (*given == there) return;
  Error error{.code = codes::revision};
  error.revision = there;
  throw Failure(std::move(error));
}

}  // namespace

std::optional<Recovery> recovery_in_force(Work& work) {
  const auto row = Rows<RecoveryRow>(work).find(recovery_id);
  return row ? std::optional(shown(*row)) : std::nullopt;
}

Recovery handle(Work& work, const SetRecovery& request) {
  Rows<RecoveryRow> rows(work);
  work.about(recovery_id.uuid);
  auto there = rows.find(recovery_id);
  const crypto::RecipientKey key = key_of(request.public_key);
  const bool same = there && there->public_key == crypto::hex(key);  // sent again: nothing is replaced
  if (there && (!same || request.revision)) require_revision(request.revision, there->revision);
  const std::string fingerprint = crypto::fingerprint_of(key);
  if (request.confirmation != std::string_view(fingerprint).substr(fingerprint.size() - confirmation_size))
    throw Failure(codes::invalid, "/confirmation", "recovery.unconfirmed",
                  "must be the last two groups of the fingerprint in the recovery file");
  if (same) return shown(*there);
  RecoveryRow row{.id = recovery_id, .public_key = crypto::hex(key)};
  if (there) {
    row.revision = there->revision;
    rows.update(row, row.revision);
  } else {
    rows.insert(row);
  }
  work.after_commit([platform = work.session().platform_handle()] { platform->set_recovery(true); });
  return shown(row);
}

}  // namespace medflow::inline v1::platforms

MEDFLOW_HANDLE(medflow::platforms::SetRecovery);
