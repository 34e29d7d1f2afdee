// The engines that the worker works on: one that tells the parent when a transaction is open, and the planted bugs.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "medflow/testing/wrapped_engine.hpp"
#include "storage/sqlite/options.hpp"
#include "tests/support/planted_engines.hpp"
#include "tests/support/power_cut_vfs.hpp"

namespace medflow::campaign {

/// Shared by the parent and the worker, in a file that both map: as the worker leaves it, so the parent finds it after
/// the kill.
struct Shared {
  enum State : std::uint32_t { idle, open, committing };
  std::atomic<std::uint32_t> state{idle};
  std::atomic<std::uint64_t> commits{0};

  static Shared& map(const std::string& file, bool fresh) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::ftruncate(fd, sizeof(Shared)) != 0) throw std::runtime_error("cannot make " + file);
    void* place = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (place == MAP_FAILED) throw std::runtime_error("cannot map " + file);
    return fresh ? *new (place) Shared{} : *static_cast<Shared*>(place);
  }
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free);

/// The bugs that a worker can be given.
struct Planted {
  bool audit_outside = false;
  bool sync_skipped = false;  ///< what commits ahead is never synced
};

/// Flags the time from the first statement of a transaction to the return of its commit, and that of a sync where no transaction is open.
class WatchedDatabase final : public testing::WrappedDatabase {
 public:
  WatchedDatabase(std::unique_ptr<storage::Database> inner, Shared& shared, bool sync_skipped)
      : WrappedDatabase(std::move(inner)), shared_(shared), sync_skipped_(sync_skipped) {}
  void write(storage::Body body) override {
    watched(body, [&](storage::Body flagging) { WrappedDatabase::write(flagging); });
  }
  bool write_ahead(storage::Body body) override {
    bool ahead = false;
    watched(body, [&](storage::Body flagging) { ahead = inner_write_ahead(flagging); });
    return ahead;
  }
  void sync() override {
    if (sync_skipped_) return;
    std::uint32_t state = Shared::idle;
    shared_.state.compare_exchange_strong(state, Shared::committing);
    inner_sync();
    state = Shared::committing;
    shared_.state.compare_exchange_strong(state, Shared::idle);
  }

 private:
  struct Idle {
    Shared& shared;
    ~Idle() { shared.state = Shared::idle; }
  };
  template <class Write>
  void watched(storage::Body body, Write write) {
    const Idle idle{shared_};
    write([&](storage::Transaction& transaction) {
      shared_.state = Shared::open;
      body(transaction);
      shared_.state = Shared::committing;
    });
    ++shared_.commits;
  }

  Shared& shared_;
  bool sync_skipped_;
};

/// Wraps the data of tenants, not the platform's.
class WatchedEngine final : public testing::WrappedEngine {
 public:
  WatchedEngine(std::shared_ptr<storage::Engine> inner, Shared& shared, Planted planted)
      : WrappedEngine(std::move(inner)), shared_(shared), planted_(planted) {}

 protected:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName& store) override {
    if (store.part != storage::Part::data || store.tenant == "platform") return database;
    if (planted_.audit_outside) database = std::make_unique<testing::AuditOutside>(std::move(database));
    return std::make_unique<WatchedDatabase>(std::move(database), shared_, planted_.sync_skipped);
  }

 private:
  Shared& shared_;
  Planted planted_;
};

}  // namespace medflow::campaign
