// One open tenant: its data, its keys, its audit log and its group commit. The leader of the commit drives it batch by batch.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoints.hpp"
#include "audit/log.hpp"
#include "crypto/blind.hpp"
#include "crypto/token.hpp"
#include "kernel/keys_under_way.hpp"
#include "kernel/row_crypto.hpp"
#include "kernel/session_state.hpp"
#include "kernel/sums.hpp"
#include "keys/key_store.hpp"
#include "medflow/platform.hpp"
#include "medflow/storage/engine.hpp"
#include "medflow/tenants.hpp"
#include "patients/name_directory.hpp"
#include "patients/token_index.hpp"
#include "storage/committer.hpp"

namespace medflow::inline v1::codes {
class Indexes;
}

namespace medflow::kernel {

struct Facts;

/// The tables that this build has; tests give others.
struct Schemas {
  const storage::Schema* tenant = nullptr;
  const storage::Schema* platform = nullptr;
  const storage::Schema* keys = nullptr;

  static Schemas of_this_build();
  const storage::Schema& data(Realm realm) const { return realm == Realm::platform ? *platform : *tenant; }
};

/// What a store shares with the platform that opened it.
struct StoreOptions {
  Schemas schemas = Schemas::of_this_build();
  std::shared_ptr<storage::Engine> engine{};
  std::shared_ptr<RootKeyProvider> root_key{};
  std::shared_ptr<Rng> rng{};
  std::shared_ptr<Clock> clock{};
  std::shared_ptr<crypto::KeyArena> arena{};
  std::shared_ptr<OpenedRows> opened{};
  std::shared_ptr<Executor> executor{};
  std::shared_ptr<Executor> commits{};  ///< leads the batches for which nobody waits; `executor`, where there is none
  std::string deployment{};
  std::vector<std::shared_ptr<CheckpointSink>> sinks{};
};

/// Which tenant a store is, and where it stands in the directory.
struct StoreIdentity {
  TenantId id{};
  std::string slug{};
  Realm realm = Realm::tenant;
  TenantStatus status = TenantStatus::active;
  Zone zone{"UTC"};
  std::string name{};
  std::string locale{};
  Currency currency{};
  std::string placement = std::string(default_placement);
  std::uint32_t schema_version = 0;
};

/// Who is told of what another process has changed in the platform's own rows.
struct DirectoryFollower {
  std::function<void(const StoreIdentity&)> tenant{};  ///< a tenant's row
  std::function<void()> recovery{};                    ///< there is a recovery recipient now
};

class Store : private storage::BatchHooks, public std::enable_shared_from_this<Store> {
 public:
  /// Makes the databases and keys of a tenant, or the rest of them where that was broken off; what is whole stays. What it made before it
  /// failed is dropped again. Throws Failure `store.unavailable` where there is data without keys.
  static void create(const StoreOptions& options, const StoreIdentity& identity);
  static void drop(const StoreOptions& options, const StoreIdentity& identity);
  /// Applies the migrations that the databases of a tenant lack.
  static void migrate(const StoreOptions& options, const StoreIdentity& identity);

  /// Opens a tenant; one that is one migration behind to be read. Throws Failure `key.mismatch`, `integrity`, or a Fault of the engine.
  Store(const StoreOptions& options, StoreIdentity identity);
  ~Store() override;

  TenantId id() const { return identity_.id; }
  const std::string& slug() const { return identity_.slug; }
  Realm realm() const { return identity_.realm; }
  const Zone& zone() const { return identity_.zone; }
  const std::string& name() const { return identity_.name; }
  const std::string& locale() const { return identity_.locale; }
  const Currency& currency() const { return identity_.currency; }
  TenantStatus status() const { return status_.load(); }
  void set_status(TenantStatus status) { status_.store(status); }

  storage::Database& data() { return *data_; }
  storage::Committer& committer() { return *committer_; }
  keys::KeyStore& keys() { return *keys_; }
  const RowCrypto& rows() const { return *rows_; }
  const std::shared_ptr<OpenedRows>& opened() const { return options_.opened; }
  crypto::BlindIndex& blind() { return *blind_; }
  const crypto::AccessTokens& tokens() const { return *tokens_; }
  LiveSessions& sessions() { return sessions_; }
  patients::NameDirectory& names() { return names_; }
  const patients::NameDirectory& names() const { return names_; }
  codes::Indexes& code_indexes() const { return *code_indexes_; }
  KeysUnderWay& keys_under_way() { return keys_under_way_; }
  Rng& rng() { return *options_.rng; }
  Clock& clock() { return *options_.clock; }
  /// Whether the jobs that recur by the clock are known to have their rows; a note of `jobs::Runner`.
  std::atomic<bool>& has_cron_jobs() { return has_cron_jobs_; }

  // Other processes that write into the same store. Of an engine that is not shared there are none, and nothing is asked of it.

  bool shared() const noexcept override { return shared_; }
  /// Follows what others have committed by now, for whoever looks into what is kept in memory outside a batch. Waits as a caller
  /// does, but only where there is anything new. Not within a batch.
  void catch_up();
  /// The same where nobody has looked for `followed_each_s`: so old at most is what this process believes.
  void keep_up(Instant now) {
    if (shared_) catch_up_each(now);
  }
  /// The platform's store: who is told of the directory. Before anybody uses it.
  void follow_directory(DirectoryFollower follower) { directory_ = std::move(follower); }
  const DirectoryFollower& directory() const { return directory_; }

  // For members of a batch only.

  /// Appends the event, whose number it gives.
  void append(storage::Transaction& transaction, audit::Event& event) {
    event.clock_synchronised = clock_.synchronised;
    if (shared_ && event.request.is_nil()) tell_apart(event);
    log_.append(transaction, event);
  }
  /// How an event names an address (field 1) or a user agent (2): a blind token, zeros where there is none. The same callers come again and again.
  crypto::BlindToken caller_token(std::uint16_t field, std::string_view text);
  /// Adds a row to the change feed.
  void changed(storage::Transaction& transaction, std::uint16_t table, const Uuid& id, std::uint64_t revision);
  patients::TokenIndex& token_index() { return token_index_; }
  Sums& sums() { return sums_; }
  Facts& facts() { return *facts_; }
  /// The next number of a counter, from 1. Numbers of a call that fails are lost: gaps are allowed, reuse is not.
  std::int64_t next_number(std::string_view counter);
  /// The last one that was taken, 0 where none was; and how it comes to be at least `number`, which is not undone either.
  std::int64_t last_number(std::string_view counter) { return counter_of(counter).value; }
  void raise_number(std::string_view counter, std::int64_t number);
  /// How many of its numbers were looked up since the store was opened, and nobody had them: so it was not set back meanwhile.
  std::int64_t numbers_checked(std::string_view counter) { return counter_of(counter).checked; }
  void note_checked(std::string_view counter) { ++counter_of(counter).checked; }
  /// What it is likely to be for those who run next, a further one at each call.
  std::int64_t foreseen_number(std::string_view counter);
  /// Runs once the batch is committed, before anybody is answered; dropped with the member or batch that fails. Must not throw. In the
  /// platform's store the batch is durable by then; in a tenant's a power cut may take what the effect tells this process of.
  void after_commit(std::function<void()> effect) { effects_.push_back(std::move(effect)); }
  /// Forgets what the running member has done here, when it undoes itself and goes on.
  void undo() noexcept { undo_member(); }

  // Checkpoints of the audit log.

  /// Signs a checkpoint where events have come since the last one and a second is over, and gives the sinks what they have not got.
  /// Waits for the disk, as a caller does. Throws Failure `checkpoint.refused`, what a sink throws, or a Fault.
  void checkpoint(Instant now);
  /// The last event of this opening, and a checkpoint behind it. Where nothing was ever written, neither is this.
  void close();
  audit::Checkpoints& checkpoints() { return *checkpoints_; }
  /// Signs versions of medical records (REC-12).
  const crypto::Signer& record_signer() const { return *record_signer_; }

  /// Why nothing but events and checkpoints is written now: `tenant.moving` or `schema.outdated`; null where all is.
  const Code* refusal() const;
  /// Whether its tables are those of the version before.
  bool behind() const { return behind_; }
  const storage::Schema& schema(storage::Part part) const;

  // Moving to another placement (tenants/moving.cpp).

  const std::string& placement() const { return identity_.placement; }
  /// From now on only events and checkpoints are written; returns when writes that were under way are durable.
  void refuse_writes();
  bool refuses_writes() const { return refuses_writes_.load(); }
  /// The same as `close`, and nothing is written any more: every call answers `tenant.moving`.
  void leave();
  /// Everything is as before.
  void stay();
  /// Makes an empty database for this store's data or keys elsewhere.
  std::unique_ptr<storage::Database> make_empty(storage::Engine& engine, storage::Part part) const;

  const audit::Log& log() const { return log_; }
  /// Seals the head of the audit log, also for who checks it.
  audit::HeadSealer head_sealer();

 private:
  struct Counter {
    std::int64_t value = 0;
    std::int64_t stored = 0;
    std::int64_t revision = 0;  ///< of its row; 0 where there is none
    std::int64_t foreseen = 0;  ///< the last number that was foreseen in this batch
    std::int64_t checked = 0;
    bool written = false;  ///< by this batch
  };

  struct KnownCaller {
    std::uint16_t field = 0;
    std::string text{};
    crypto::BlindToken token{};
  };

  void foresee(storage::Foresight& foresight) noexcept override;
  bool begin(storage::Transaction& transaction) override;
  void write_first(storage::Transaction& transaction) override;
  void before_member() noexcept override;
  void undo_member() noexcept override;
  void end(storage::Transaction& transaction) override;
  void committed() noexcept override;
  bool tells_others() const noexcept override;
  void rolled_back() noexcept override;
  bool settle(storage::Transaction& transaction) noexcept override;
  void lost() noexcept override;

  void run_own(FunctionRef<void(storage::Transaction&)> body);
  void write_end(FunctionRef<void(FunctionRef<void(storage::Transaction&)>)> run);
  bool follow(storage::Transaction& transaction);
  void follow_counters(storage::Transaction& transaction);
  void follow_changes(storage::Transaction& transaction);
  void catch_up_each(Instant now);
  void tell_apart(audit::Event& event);
  void read_change(storage::Transaction& transaction);
  void append_own(storage::Transaction& transaction, std::string_view action);
  void look_at_clock(storage::Transaction& transaction);
  void sign(storage::Transaction& transaction);
  void merge_tokens(storage::Transaction& transaction);
  Counter& counter_of(std::string_view name);

  StoreOptions options_;
  const bool shared_;
  bool behind_ = false;
  StoreIdentity identity_;
  DirectoryFollower directory_{};
  std::atomic<TenantStatus> status_;
  std::unique_ptr<keys::KeyStore> keys_{};
  std::unique_ptr<storage::Database> data_{};
  std::unique_ptr<RowCrypto> rows_{};
  std::unique_ptr<crypto::BlindIndex> blind_{};
  std::array<KnownCaller, 64> known_callers_{};
  std::unique_ptr<crypto::AccessTokens> tokens_{};
  LiveSessions sessions_{};
  patients::NameDirectory names_{};
  std::unique_ptr<codes::Indexes> code_indexes_;
  KeysUnderWay keys_under_way_{};
  patients::TokenIndex token_index_{};
  Sums sums_{};
  std::unique_ptr<Facts> facts_;
  std::atomic<bool> has_cron_jobs_{false};
  audit::Log log_;
  std::unique_ptr<audit::Checkpoints> checkpoints_{};
  std::unique_ptr<crypto::Signer> record_signer_{};

  /// What the clocks said when the last batch began; `offset_us` shows that the wall clock was set.
  struct ClockState {
    std::optional<std::int64_t> offset_us{};
    bool synchronised = false;
  };
  ClockState clock_{};
  std::atomic<bool> refuses_writes_{false};
  std::atomic<bool> opened_{false};  ///< the opening event is durable
  std::atomic<bool> wanted_{false};  ///< the batch that ends next makes a checkpoint
  bool took_wish_ = false;           ///< the running batch does
  bool merges_late_ = false;  ///< the running batch brings tokens in at its end: others' patients had to be read first
  std::int64_t batch_offset_us_ = 0;

  struct Mark {
    audit::Log::Mark log = 0;
    std::int64_t change = 0;
    std::uint64_t slot = 0;
    std::size_t effects = 0;
    std::size_t tokens = 0;
    std::size_t sums = 0;
  };
  std::map<std::string, Counter, std::less<>> counters_{};
  std::int64_t change_ = 0;  ///< last change number, the running batch's included
  std::int64_t durable_change_ = 0;
  Mark mark_{};
  std::uint64_t batch_slot_ = 0;
  bool lost_ = false;                         ///< a batch may be there or not: the next one looks
  Uuid instance_{};                           ///< tells this opening of a shared store from others
  std::atomic<std::int64_t> followed_us_{0};  ///< when this process last knew all that was committed
  std::vector<std::function<void()>> effects_{};

  std::unique_ptr<storage::Committer> committer_{};  // last: it is drained before anything else goes
};

/// Seconds after which what a process believes of a shared store is looked up again, if no batch and no tick has done so.
inline constexpr std::int64_t followed_each_s = 30;

/// The schema of a tenant's data, or of the platform's: that one has no table of patients.
const storage::Schema& data_schema(Realm realm);

}  // namespace medflow::kernel
