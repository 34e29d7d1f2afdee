// The Platform: one deployment of MedFlow in this process, with its engine, its keys and its tenants.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/ports.hpp"
#include "medflow/result.hpp"
#include "medflow/session.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::kernel {
class PlatformState;
}

namespace medflow::inline v1 {

/// The placement that is `PlatformOptions::engine`.
inline constexpr std::string_view default_placement = "default";

/// What a platform is made of. `engine` and `root_key` are needed; everything else has a default.
struct PlatformOptions {
  std::shared_ptr<storage::Engine> engine{};
  /// Further engines, to which tenants can be moved, by name: 1 to 40 lower-case letters, digits and '-'; not "default". Each keeps what
  /// it has in a place of its own.
  std::map<std::string, std::shared_ptr<storage::Engine>, std::less<>> placements{};
  std::shared_ptr<RootKeyProvider> root_key{};
  std::shared_ptr<Clock> clock{};        ///< the system's
  std::shared_ptr<Rng> rng{};            ///< the system's
  std::shared_ptr<Executor> executor{};  ///< a small pool of the library's own
  /// Commits what `submit` was given, for the engines that keep files in this process: each piece runs a batch, and now and then moves what is
  /// left of a long log; threads of the library's own wait for the batch's sync, and call back. `executor`, where there is none.
  std::shared_ptr<Executor> commits{};
  /// Names this deployment in the origin of its checkpoints: 1 to 63 lower-case letters, digits, '-' and '.'. Keep it.
  std::string deployment = "local";
  std::vector<std::shared_ptr<CheckpointSink>> checkpoint_sinks{};  ///< where signed checkpoints go; none by default
  std::shared_ptr<MessageSender> messages{};  ///< without one messages wait, and are given up when they are too old
  std::shared_ptr<TherapyChecker> therapy_checker{};  ///< asked before medication is signed
  std::shared_ptr<PdfPrinter> pdf_printer{};          ///< without one nothing is printed as PDF
  std::shared_ptr<DocumentScanner> scanner{};         ///< without one documents are not scanned, and are marked as such
  std::uint64_t max_file_size = 5 << 20;              ///< of a document, for tenants that set none; at most 1 GiB
  /// Endings of the files that are taken, for tenants that set none.
  std::vector<std::string> file_types{"jpg", "jpeg", "png", "pdf", "doc", "docx"};
  std::string link_base{};  ///< "https://clinic.example": where the links in messages lead
  bool create = false;      ///< make the platform's store where there is none
  bool migrate =
      false;  ///< apply the migrations that the platform's own store lacks; a tenant's takes `tenants.migrate`
  /// Tenants whose stores are kept open, at least 1; those that were used last. One in use stays open beyond that.
  std::size_t open_tenants_max = 64;
  std::uint32_t access_ttl_s = 15 * 60;            ///< term of an access token, 60 to 86,400
  std::uint32_t refresh_ttl_s = 7 * 24 * 60 * 60;  ///< term of a refresh token, up to 90 days
  std::uint32_t password_memory_kib = 64 * 1024;   ///< Argon2id's m; floor 19 MiB
  std::uint32_t password_passes = 3;               ///< Argon2id's t; floor 2
};

/// Background work that did not succeed. It is tried again with the next tick.
struct BackgroundTrouble {
  std::string task{};    ///< "checkpoints", …
  std::string tenant{};  ///< the slug; empty where it concerns none, or the platform itself
  Error error{};
};

/// A running platform. Thread-safe; cheap to move. Closing the last handle closes every store.
class MEDFLOW_API Platform {
 public:
  /// Opens a deployment. Fails with unavailable: `key.mismatch`, `store.in_use`, `schema.newer`, `schema.outdated`,
  /// `store.unavailable`. A store that is one version behind is opened for reading: a write in it is `schema.outdated`.
  static Result<Platform> open(PlatformOptions options);

  Platform(Platform&&) noexcept;
  Platform& operator=(Platform&&) noexcept;
  ~Platform();

  /// A session before signing in: its principal is `anonymous`, and only operations open to it answer. An unknown tenant gives
  /// a session too, in which every sign-in fails as with a wrong password.
  Session visit(std::string_view tenant) const;

  /// The session that an access token of `auth.login` stands for. Fails with unauthenticated, whatever is wrong with it.
  Result<Session> authenticate(std::string_view access_token) const;

  /// A session for an identity of the host's own. Fails, first match wins: not_found; forbidden `issuer.untrusted`; invalid.
  Result<Session> session(std::string_view tenant, const Principal& principal) const;

  /// A session on the platform for the process itself, which holds the root key; `label` (1 to 60 visible ASCII
  /// characters) names it in the audit log.
  Session local_operator(std::string_view label) const;

  /// Does the background work that is due at `now`: checkpoints of audit logs, and whatever else waits for its time. Call it about
  /// once a second; the bundled server does. Blocks while it works, callers do not wait for it; while another thread is at it, it
  /// returns at once. Answers what went wrong.
  std::vector<BackgroundTrouble> tick(Instant now) const;

  /// What this deployment runs without although it should not: short words for operators, empty where all is well.
  /// "checkpoint.refused": an audit log is no extension of its last checkpoint, so none is signed.
  /// "recovery.unset": nobody is named to whom copies of key stores are to be sealed (`platform.set_recovery`).
  /// "recovery.uncopied": somebody is, but this version makes no copies: a key store that is lost takes its data with it.
  /// "move.unfinished": what a move of a tenant left behind is still there.
  std::vector<std::string> degradations() const;

 private:
  explicit Platform(std::shared_ptr<kernel::PlatformState> state);
  std::shared_ptr<kernel::PlatformState> state_;
};

/// The version of the library ("0.1.0").
MEDFLOW_API std::string_view version();

}  // namespace medflow::inline v1
