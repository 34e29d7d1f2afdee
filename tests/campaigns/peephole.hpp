// Where a campaign reads a hospital's rows as they are stored, beside the platform that has them open.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "medflow/testing/wrapped_engine.hpp"

namespace medflow::campaign {

/// Where the hospital's data are read as they are stored.
class Peephole {
 public:
  /// False while they are not open.
  bool read(storage::Body body) const {
    const std::lock_guard lock(mutex_);
    if (database_ == nullptr) return false;
    database_->read(body);
    return true;
  }
  void set(storage::Database* database) {
    const std::lock_guard lock(mutex_);
    database_ = database;
  }

 private:
  mutable std::mutex mutex_{};
  storage::Database* database_ = nullptr;
};

/// What the oracle looks into. Put it below the engines with a bug.
class OpenEngine final : public testing::WrappedEngine {
 public:
  OpenEngine(std::shared_ptr<storage::Engine> inner, Peephole& peephole)
      : WrappedEngine(std::move(inner)), peephole_(peephole) {}

 protected:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName& store) override {
    if (store.part != storage::Part::data || store.tenant == "platform") return database;
    return std::make_unique<Open>(std::move(database), peephole_);
  }

 private:
  class Open final : public testing::WrappedDatabase {
   public:
    Open(std::unique_ptr<storage::Database> inner, Peephole& peephole)
        : WrappedDatabase(std::move(inner)), peephole_(peephole) {
      peephole_.set(this);
    }
    ~Open() override { peephole_.set(nullptr); }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

   private:
    Peephole& peephole_;
  };

  Peephole& peephole_;
};

}  // namespace medflow::campaign
