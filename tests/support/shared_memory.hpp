// A memory engine that several platforms have open at once, as several processes have the same databases of a server.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::testing {

/// What lies on the server. `process()` is the engine of one process; all of them see the same databases. Thread-safe.
class SharedMemory : public std::enable_shared_from_this<SharedMemory> {
 public:
  static std::shared_ptr<SharedMemory> make() { return std::make_shared<SharedMemory>(); }

  std::shared_ptr<storage::Engine> process() { return std::make_shared<Process>(shared_from_this()); }

 private:
  using Inner = std::shared_ptr<storage::Database>;

  static std::string text_of(const storage::StoreName& name) {
    return name.tenant + (name.part == storage::Part::data ? "/data" : "/keys");
  }

  /// One process's connection; the inner database is closed with the last of them.
  class Connection final : public storage::Database {
   public:
    explicit Connection(Inner inner) : inner_(std::move(inner)) {}
    void read(storage::Body body) override { inner_->read(body); }
    void write(storage::Body body) override { inner_->write(body); }
    void maintain(bool idle) override { inner_->maintain(idle); }
    void scrub() override { inner_->scrub(); }

   private:
    Inner inner_;
  };

  class Process final : public storage::Engine {
   public:
    explicit Process(std::shared_ptr<SharedMemory> server) : server_(std::move(server)) {}
    std::string_view name() const override { return "shared memory"; }
    bool shared() const override { return true; }
    std::unique_ptr<storage::Database> create(const storage::StoreName& name,
                                              const storage::OpenOptions& options) override {
      const std::lock_guard lock(server_->mutex_);
      return connect(name, server_->engine_->create(name, options));
    }
    std::unique_ptr<storage::Database> open(const storage::StoreName& name,
                                            const storage::OpenOptions& options) override {
      const std::lock_guard lock(server_->mutex_);
      if (auto there = server_->open_[text_of(name)].lock()) return std::make_unique<Connection>(std::move(there));
      return connect(name, server_->engine_->open(name, options));
    }
    void drop(const storage::StoreName& name) override {
      const std::lock_guard lock(server_->mutex_);
      server_->engine_->drop(name);
    }
    std::vector<storage::StoreName> list() override { return server_->engine_->list(); }

   private:
    std::unique_ptr<storage::Database> connect(const storage::StoreName& name, Inner database) {
      server_->open_[text_of(name)] = database;
      return std::make_unique<Connection>(std::move(database));
    }

    std::shared_ptr<SharedMemory> server_;
  };

  std::unique_ptr<storage::Engine> engine_ = storage::memory_engine();
  std::mutex mutex_{};
  std::map<std::string, std::weak_ptr<storage::Database>> open_{};
};

}  // namespace medflow::testing
