// What an engine and its databases share: the options, the statements, the connections and which stores are open.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "storage/postgres/databases.hpp"
#include "storage/postgres/options.hpp"
#include "storage/postgres/pool.hpp"
#include "storage/postgres/transaction.hpp"

namespace medflow::inline v1::storage::postgres {

class Home {
 public:
  /// Prepares the database where there is a migrator, and looks whether the role that works is a fit one.
  explicit Home(PostgresOptions its_options);

  const PostgresOptions options;
  const std::string own{};  ///< the database of the URL, as the pool names it
  Book book{};
  const Frame frame;
  Pool pool;

  /// Fault `in_use` where the store is open.
  void take(const std::string& store) {
    const std::lock_guard lock{mutex_};
    if (!taken_.insert(store).second) throw Fault{FaultKind::in_use, store};
  }

  void give_back(const std::string& store) noexcept {
    const std::lock_guard lock{mutex_};
    taken_.erase(store);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> taken_;
};

/// A store's place in its engine, taken for as long as this lives.
class Place {
 public:
  Place(std::shared_ptr<Home> home, const StoreName& name)
      : home_(std::move(home)), store_(text_of(name)), database_(database_of(home_->options, name)) {
    home_->take(store_);
  }
  ~Place() { home_->give_back(store_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  Home& home() const { return *home_; }
  const std::string& store() const { return store_; }
  /// Where its rows lie; empty for the database of the URL.
  const std::string& database() const { return database_; }

 private:
  std::shared_ptr<Home> home_;
  std::string store_;
  std::string database_;
};

}  // namespace medflow::inline v1::storage::postgres
