#include "kernel/store.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <utility>

#include "codes/indexes.hpp"
#include "jobs/facts.hpp"
#include "kernel/codes.hpp"
#include "kernel/facts.hpp"
#include "kernel/tables.hpp"
#include "storage/earlier.hpp"
#include "waitlists/facts.hpp"

namespace medflow::kernel {
namespace {

using storage::Cell;
using storage::RowView;

storage::StoreName name_of(const StoreIdentity& identity, storage::Part part) {
  return {.tenant = identity.realm == Realm::platform ? std::string("platform") : identity.id.text(), .part = part};
}

storage::OpenOptions key_options(const StoreOptions& options) { return {.schema = options.schemas.keys}; }

storage::OpenOptions data_options(const StoreOptions& options, const StoreIdentity& identity,
                                  const keys::KeyStore& keys) {
  return {.schema = &options.schemas.data(identity.realm), .page_key = keys.tenant().page_key()};
}

/// Null where there is none, or one that was left half-made.
std::unique_ptr<storage::Database> found(storage::Engine& engine, const storage::StoreName& name,
                                         const storage::OpenOptions& options) {
  try {
    return engine.open(name, options);
  } catch (const storage::Fault& fault) {
    if (fault.kind != storage::FaultKind::missing) throw;
    return nullptr;
  }
}

/// Whether there is data, be it readable or not.
bool has_data(const StoreOptions& options, const StoreIdentity& identity) {
  constexpr std::array<std::byte, 48> no_key{};
  try {
    return found(*options.engine, name_of(identity, storage::Part::data),
                 {.schema = &options.schemas.data(identity.realm), .page_key = no_key, .migrate = false}) != nullptr;
  } catch (const storage::Fault& fault) {
    using enum storage::FaultKind;
    if (fault.kind != wrong_key && fault.kind != schema_newer && fault.kind != schema_outdated && fault.kind != corrupt)
      throw;
    return true;
  }
}

/// The keys of a store, which may be whole, or what a creation that was broken off has left; null where there are none. Throws where
/// there are none beside data.
std::unique_ptr<storage::Database> begun_keys(const StoreOptions& options, const StoreIdentity& identity) {
  const auto name = name_of(identity, storage::Part::keys);
  storage::OpenOptions how = key_options(options);
  how.migrate = false;
  try {
    if (auto database = found(*options.engine, name, how)) return database;
  } catch (const storage::Fault& fault) {
    // Nobody has given leave to migrate what is at work. Of a new one not all may have been made.
    if (fault.kind != storage::FaultKind::schema_outdated || has_data(options, identity)) throw;
    return options.engine->open(name, key_options(options));
  }
  if (!has_data(options, identity)) return nullptr;
  if (auto database = found(*options.engine, name, how)) return database;  // another process has made both meanwhile
  throw Failure(codes::store_unavailable, "the key store of " + name.tenant + " is missing beside its data");
}

/// A new database, in the place of one that was left half-made. Of a shared engine also the one that another process makes at this moment.
std::unique_ptr<storage::Database> made(storage::Engine& engine, const storage::StoreName& name,
                                        const storage::OpenOptions& options) {
  if (!engine.shared()) engine.drop(name);
  try {
    return engine.create(name, options);
  } catch (const storage::Fault& fault) {
    if (fault.kind != storage::FaultKind::exists || !engine.shared()) throw;
  }
  return engine.open(name, options);
}

constexpr std::int64_t checkpoint_every_us = 1'000'000;
constexpr std::size_t merge_slice = 128;           // rows, that a batch brings into the table of tokens at least
constexpr std::int64_t clock_step_us = 2'000'000;  // what no drift explains, from one batch to the next

/// What the system itself does in a store's batch.
class OwnMember final : public storage::Member {
 public:
  explicit OwnMember(FunctionRef<void(storage::Transaction&)> body) : body_(body) {}
  void run(storage::Transaction& transaction, bool) override { body_(transaction); }
  bool wrote() const override { return true; }
  void done(std::exception_ptr failure) noexcept override { failure_ = failure; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  FunctionRef<void(storage::Transaction&)> body_;
  std::exception_ptr failure_{};
};

constexpr std::string_view token_issuer = "medflow";
constexpr std::string_view token_audience = "medflow";

}  // namespace

// The own keys come last: where they are, the data was there, and what is missing was taken away. Without them nothing was ever kept.
void Store::create(const StoreOptions& options, const StoreIdentity& identity) {
  storage::Engine& engine = *options.engine;
  const auto keys_name = name_of(identity, storage::Part::keys);
  const auto data_name = name_of(identity, storage::Part::data);
  std::unique_ptr<storage::Database> database;
  try {
    database = begun_keys(options, identity);
  } catch (const storage::Fault& fault) {
    if (fault.kind != storage::FaultKind::schema_outdated) throw;
    return;  // made by an earlier version, and whole
  }
  const bool anew = !database;
  try {
    if (anew) database = made(engine, keys_name, key_options(options));
    keys::KeyStore::begin(*database, *options.root_key, identity.id.uuid, *options.rng);
    keys::KeyStore keys(std::move(database), *options.root_key, identity.id.uuid, options.arena, *options.rng);
    if (keys.is_complete()) return;
    const auto how = data_options(options, identity, keys);
    if (!found(engine, data_name, how)) made(engine, data_name, how);
    keys.complete();
  } catch (...) {
    database.reset();
    // Another process may have made the same, and be at work in it: the rest is completed by who opens it next.
    if (anew && (!engine.shared() || identity.realm != Realm::platform)) drop(options, identity);
    throw;
  }
}

void Store::drop(const StoreOptions& options, const StoreIdentity& identity) {
  options.engine->drop(name_of(identity, storage::Part::data));
  options.engine->drop(name_of(identity, storage::Part::keys));
}

void Store::migrate(const StoreOptions& options, const StoreIdentity& identity) {
  const keys::KeyStore keys(options.engine->open(name_of(identity, storage::Part::keys), key_options(options)),
                            *options.root_key, identity.id.uuid, options.arena, *options.rng, options.engine->shared());
  options.engine->open(name_of(identity, storage::Part::data), data_options(options, identity, keys));
}

Store::Store(const StoreOptions& options, StoreIdentity identity)
    : options_(options),
      shared_(options_.engine->shared()),
      identity_(std::move(identity)),
      status_(identity_.status),
      code_indexes_(std::make_unique<codes::Indexes>()),
      facts_(std::make_unique<Facts>()),
      log_(head_sealer()) {
  auto keys = open_unmigrated(*options_.engine, name_of(identity_, storage::Part::keys), key_options(options_));
  keys_ = std::make_unique<keys::KeyStore>(std::move(keys.database), *options_.root_key, identity_.id.uuid,
                                           options_.arena, *options_.rng, shared_, options_.executor);
  rows_ = std::make_unique<RowCrypto>(*keys_, identity_.id.uuid, *options_.rng);
  blind_ = std::make_unique<crypto::BlindIndex>(options_.arena, keys_->tenant().blind_root());
  const crypto::SecureKey token_key = keys_->own(crypto::purpose_access_tokens);
  tokens_ = std::make_unique<crypto::AccessTokens>(
      identity_.id, token_issuer, token_audience,
      std::vector<crypto::AccessTokens::Key>{{.version = 1, .key = token_key.view()}});
  auto data = open_unmigrated(*options_.engine, name_of(identity_, storage::Part::data),
                              data_options(options_, identity_, *keys_));
  data_ = std::move(data.database);
  behind_ = keys.behind || data.behind;
  checkpoints_ = std::make_unique<audit::Checkpoints>(
      crypto::Signer(keys_->own(crypto::purpose_audit_seed)),
      "medflow/" + options_.deployment + '/' + name_of(identity_, storage::Part::data).tenant, options_.sinks);
  record_signer_ = std::make_unique<crypto::Signer>(keys_->own(crypto::purpose_record_seed));
  batch_slot_ = keys_->mark();
  data_->read([&](storage::Transaction& transaction) {
    log_.open(transaction);
    checkpoints_->open(transaction);
    follow_counters(transaction);
    read_change(transaction);
  });
  if (shared_) {
    options_.rng->fill(std::as_writable_bytes(std::span(instance_.bytes)));
    followed_us_ = clock().now().us;
  }
  try {
    checkpoints_->ask_sinks();
  } catch (...) {
    // Nothing is signed until they have answered: each tick asks them again, and says what is wrong.
  }
  committer_ = std::make_unique<storage::Committer>(
      *data_, static_cast<storage::BatchHooks&>(*this), *(options_.commits ? options_.commits : options_.executor),
      storage::BatchLimits{}, options_.commits ? options_.executor.get() : nullptr);
}

Store::~Store() = default;

audit::HeadSealer Store::head_sealer() {
  return [this](std::uint64_t size, const audit::Digest& root, std::optional<std::uint16_t> version) {
    if (version && *version != keys_->tenant().version()) throw Failure(codes::integrity);
    crypto::RowSealer sealer(keys_->tenant().row_mac(), keys_->tenant().version(),
                             {.tenant = identity_.id.uuid, .table_id = 3});
    std::string covered(sizeof size, '\0');
    for (unsigned i = 0; i < sizeof size; ++i) covered[i] = static_cast<char>(size >> (8 * i));
    covered.append(reinterpret_cast<const char*>(root.data()), root.size());
    sealer.plain(covered);
    return sealer.finish();
  };
}

void Store::read_change(storage::Transaction& transaction) {
  transaction.scan({.table = &changes_table, .backwards = true, .limit = 1}, [&](RowView row) {
    change_ = row[0].integer;
    return false;
  });
  durable_change_ = change_;
}

void Store::changed(storage::Transaction& transaction, std::uint16_t table, const Uuid& id, std::uint64_t revision) {
  const Cell row[] = {Cell::of(++change_), Cell::of(table), Cell::bytes(id.view()),
                      Cell::of(static_cast<std::int64_t>(revision))};
  transaction.insert(changes_table, row);
  if (is_fact(table)) *facts_ = {};
  if (jobs::is_job(table)) facts_->sweeps.clear();
  if (waitlists::is_entry(table)) facts_->anyone_waits.reset();
}

crypto::BlindToken Store::caller_token(std::uint16_t field, std::string_view text) {
  constexpr std::size_t text_max = 512;
  if (text.empty()) return {};
  KnownCaller& known = known_callers_[(std::hash<std::string_view>{}(text) + field) % known_callers_.size()];
  if (known.field == field && known.text == text) return known.token;
  const crypto::BlindToken token =
      blind_->token({.table = 1, .field = field, .index = 1, .normaliser_version = 1}, 0, 0, text);
  if (text.size() <= text_max) known = {.field = field, .text = std::string(text), .token = token};
  return token;
}

Store::Counter& Store::counter_of(std::string_view name) {
  auto found = counters_.find(name);
  if (found == counters_.end()) found = counters_.emplace(std::string(name), Counter{}).first;
  return found->second;
}

std::int64_t Store::next_number(std::string_view counter) { return ++counter_of(counter).value; }

void Store::raise_number(std::string_view counter, std::int64_t number) {
  Counter& found = counter_of(counter);
  found.value = std::max(found.value, number);
}

std::int64_t Store::foreseen_number(std::string_view counter) {
  Counter& found = counter_of(counter);
  found.foreseen = std::max(found.foreseen, found.value) + 1;
  return found.foreseen;
}

void Store::append_own(storage::Transaction& transaction, std::string_view action) {
  audit::Event event{
      .at = clock().now(), .actor_kind = audit::ActorKind::system, .action = action, .object = instance_};
  append(transaction, event);
}

/// A clock that was set shows as another distance between the two times.
void Store::look_at_clock(storage::Transaction& transaction) {
  batch_offset_us_ = clock().now().us - clock().steady_us();
  clock_.synchronised = clock().synchronised();
  if (!clock_.offset_us) return;
  const std::int64_t step = batch_offset_us_ - *clock_.offset_us;
  if (step > clock_step_us || step < -clock_step_us) append_own(transaction, "clock.step");
}

void Store::foresee(storage::Foresight& foresight) noexcept {
  try {
    if (shared_ || lost_) audit::foresee_head(foresight);
  } catch (...) {
    // It is asked for then when it is read.
  }
}

// `rolled_back` may come without it, where the transaction could not even begin: so the mark of the batch is set when the one before
// has ended.
bool Store::begin(storage::Transaction& transaction) {
  const bool others = (shared_ || lost_) && follow(transaction);
  for (auto& [name, counter] : counters_) counter.written = false;
  sums_.clear();
  look_at_clock(transaction);
  if (!opened_.load(std::memory_order_relaxed)) append_own(transaction, "tenants.open");
  return others;
}

void Store::sign(storage::Transaction& transaction) {
  const audit::LogState log = log_.running();
  checkpoints_->make(transaction, {.size = log.size, .root = log.root}, clock().now());
}

void Store::checkpoint(Instant now) {
  checkpoints_->ask_sinks();
  const bool dirty = log_.size() > checkpoints_->size();
  const std::int64_t since_us = now.us - checkpoints_->at().us;
  if (dirty && (since_us >= checkpoint_every_us || since_us < 0)) {
    wanted_.store(true);
    run_own([](storage::Transaction&) {});
  }
  checkpoints_->send();
  if (const auto refused = checkpoints_->refused()) throw Failure(*refused);
}

void Store::catch_up() {
  if (!shared_) return;
  std::optional<audit::Head> head;
  data_->read([&](storage::Transaction& transaction) { head = audit::read_head(transaction); });
  if (!head || head->size <= log_.size()) {
    followed_us_.store(clock().now().us, std::memory_order_relaxed);
    return;
  }
  run_own([](storage::Transaction&) {});  // its batch begins with following
}

/// Runs a batch of which this store is the only member that is sure to be there.
void Store::run_own(FunctionRef<void(storage::Transaction&)> body) {
  OwnMember member(body);
  committer_->run(member);
  member.rethrow();
}

/// The last event and the checkpoint behind it, by whichever way to the committer is open.
void Store::write_end(FunctionRef<void(FunctionRef<void(storage::Transaction&)>)> run) {
  if (!opened_.load()) return;
  wanted_.store(true);
  run([this](storage::Transaction& transaction) { append_own(transaction, "tenants.close"); });
  opened_.store(false);
  checkpoints_->send();
}

void Store::close() {
  if (!opened_.load()) return;
  std::exception_ptr failure;
  try {
    checkpoints_->ask_sinks();
  } catch (...) {
    failure = std::current_exception();  // the last event is written all the same, and is not signed
  }
  write_end([this](FunctionRef<void(storage::Transaction&)> body) { run_own(body); });
  if (failure) std::rethrow_exception(failure);
}

const Code* Store::refusal() const {
  if (refuses_writes()) return &tenant_moving;
  return behind_ ? &codes::schema_outdated : nullptr;
}

const storage::Schema& Store::schema(storage::Part part) const {
  return part == storage::Part::keys ? *options_.schemas.keys : options_.schemas.data(identity_.realm);
}

void Store::refuse_writes() {
  refuses_writes_.store(true);
  run_own([](storage::Transaction&) {});  // behind everything that was under way
}

void Store::leave() {
  checkpoints_->ask_sinks();
  committer_->stop(std::make_exception_ptr(Failure(tenant_moving)));
  write_end([this](FunctionRef<void(storage::Transaction&)> body) {
    OwnMember last(body);
    committer_->run_stopped(last);
  });
}

void Store::stay() {
  refuses_writes_.store(false);
  committer_->resume();
}

std::unique_ptr<storage::Database> Store::make_empty(storage::Engine& engine, storage::Part part) const {
  const storage::StoreName name = name_of(identity_, part);
  return engine.create(name,
                       part == storage::Part::keys ? key_options(options_) : data_options(options_, identity_, *keys_));
}

void Store::before_member() noexcept {
  mark_ = {.log = log_.mark(),
           .change = change_,
           .slot = keys_->mark(),
           .effects = effects_.size(),
           .tokens = token_index_.position(),
           .sums = sums_.mark()};
}

void Store::undo_member() noexcept {
  log_.undo(mark_.log);
  change_ = mark_.change;
  keys_->undo(mark_.slot);
  effects_.resize(mark_.effects);
  token_index_.undo(mark_.tokens);
  sums_.undo(mark_.sums);
  *facts_ = {};  // it may be of a row that is undone
}

void Store::merge_tokens(storage::Transaction& transaction) {
  if (token_index_.merged() || refuses_writes_.load()) return;  // while it is copied nothing moves between its tables
  Counter& rows = counters_[std::string(patients::TokenIndex::rows_counter)];
  if (!token_index_.merges(rows.stored, shared_)) return;
  // A slice a batch, or who is in it would wait for them all; other processes start anew after a merge, so there it is one.
  const std::size_t most =
      shared_ ? std::numeric_limits<std::size_t>::max() : std::max(merge_slice, 2 * token_index_.added_since());
  const auto merged = token_index_.merge(transaction, change_, most);
  rows.value = rows.stored + static_cast<std::int64_t>(merged.rows);
  if (merged.mark) counters_[std::string(patients::TokenIndex::mark_counter)].value = *merged.mark;
}

void Store::write_first(storage::Transaction& transaction) {
  merges_late_ = !token_index_.loaded();
  merge_tokens(transaction);
}

void Store::end(storage::Transaction& transaction) {
  if (merges_late_) merge_tokens(transaction);
  sums_.write(transaction);
  bool wrote = token_index_.merged();
  for (auto& [name, counter] : counters_) {
    if (counter.value == counter.stored) continue;
    const Cell row[] = {Cell::text(name), Cell::of(counter.revision + 1), Cell::of(counter.value)};
    if (counter.revision == 0) {
      transaction.insert(counters_table, row);
    } else {
      transaction.update(counters_table, row, static_cast<std::uint64_t>(counter.revision));
    }
    counter.written = true;
    wrote = true;
  }
  // By the log alone other processes see that there is something to read, and this one whether a commit that was lost took place.
  if (wrote && log_.last_seq() == log_.size()) append_own(transaction, "tenants.upkeep");
  log_.finish(transaction);
  took_wish_ = wanted_.exchange(false);
  if (took_wish_ || checkpoints_->due(log_.last_seq())) sign(transaction);
}

/// Sinks hear of a checkpoint. What the platform's rows say, tenants are led by, whose writes lie in databases of their own: where a tenant
/// lies has to be durable before anybody writes there.
bool Store::tells_others() const noexcept { return identity_.realm == Realm::platform || checkpoints_->made(); }

void Store::committed() noexcept {
  log_.committed();
  checkpoints_->committed();
  clock_.offset_us = batch_offset_us_;
  opened_.store(true, std::memory_order_relaxed);
  took_wish_ = false;
  durable_change_ = change_;
  batch_slot_ = keys_->mark();
  token_index_.committed();
  for (auto& [name, counter] : counters_) {
    counter.foreseen = 0;
    if (!std::exchange(counter.written, false)) continue;
    ++counter.revision;
    counter.stored = counter.value;
  }
  for (auto& effect : effects_) effect();
  effects_.clear();
}

void Store::rolled_back() noexcept {
  merges_late_ = false;
  log_.rolled_back();
  checkpoints_->rolled_back();
  if (std::exchange(took_wish_, false)) wanted_.store(true);
  change_ = durable_change_;
  keys_->undo(batch_slot_);
  effects_.clear();
  token_index_.rolled_back();
  *facts_ = {};
  for (const std::string_view name : {patients::TokenIndex::rows_counter, patients::TokenIndex::mark_counter})
    if (const auto found = counters_.find(name); found != counters_.end()) found->second.value = found->second.stored;
  for (auto& [name, counter] : counters_) counter.foreseen = 0;
}

/// By its last event, which no other process can have written; by that alone, since others may have gone on from there.
bool Store::settle(storage::Transaction& transaction) noexcept {
  try {
    return log_.is_stored(transaction) && checkpoints_->is_stored(transaction);
  } catch (...) {
    return false;  // nothing can be read: the batch is not acknowledged
  }
}

}  // namespace medflow::kernel
