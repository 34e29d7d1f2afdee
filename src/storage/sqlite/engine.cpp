// The engines of one SQLite file per database, in plain and encrypted by SQLCipher.
#include "medflow/storage/engine.hpp"

#include <algorithm>
#include <utility>

#include "storage/sqlite/database.hpp"
#include "storage/sqlite/home.hpp"
#include "storage/sqlite/migrate.hpp"

namespace medflow::inline v1::storage {
namespace sqlite {
namespace {

class SqliteEngine final : public Engine {
 public:
  explicit SqliteEngine(SqliteOptions options) : home_(std::make_shared<Home>(std::move(options))) {}

  std::string_view name() const override { return home_->options.encrypted ? "sqlcipher" : "sqlite"; }

  std::unique_ptr<Database> create(const StoreName& name, const OpenOptions& options) override {
    auto place = std::make_unique<Place>(home_, name);
    const auto source = source_of(name, options);
    home_->folder.make(name);
    try {
      fill(source, *options.schema);
      return std::make_unique<SqliteDatabase>(std::move(place), source, options);
    } catch (...) {
      discard(name);
      throw;
    }
  }

  std::unique_ptr<Database> open(const StoreName& name, const OpenOptions& options) override {
    auto place = std::make_unique<Place>(home_, name);
    auto source = source_of(name, options);
    if (home_->folder.presence(name) != Presence::there) throw Fault{FaultKind::missing, source.file};
    refuse_plain(source);
    return std::make_unique<SqliteDatabase>(std::move(place), std::move(source), options);
  }

  void drop(const StoreName& name) override {
    const Place place{home_, name};
    home_->folder.remove(name);
  }

  std::vector<StoreName> list() override { return home_->folder.list(); }

 private:
  Source source_of(const StoreName& name, const OpenOptions& options) const {
    Source source{.library = &home_->library,
                  .options = &home_->options,
                  .file = home_->folder.file_of(name),
                  .part = name.part,
                  .key = {}};
    if (!home_->options.encrypted) return source;
    const bool has_key = options.page_key.size() == Secret::size;
    if (!has_key && (name.part == Part::data || !options.page_key.empty())) {
      throw Fault{FaultKind::misuse, source.file, "needs a page key of 48 bytes"};
    }
    if (has_key) source.key = Secret{options.page_key.first<Secret::size>()};
    return source;
  }

  // Closed again at the end: that moves all of it into the file, and its first bytes can be looked at.
  static void fill(const Source& source, const Schema& schema) {
    const Tables tables{schema};
    const std::vector<TableSql> no_statements;
    {
      Connection connection{source, tables, no_statements, Connection::Mode::writing};
      for (const auto& migration : schema.migrations) apply(connection, schema, migration);
      if (const int code = connection.checkpoint(SQLITE_CHECKPOINT_TRUNCATE); code != SQLITE_OK)
        throw connection.fault_of(code);
    }
    refuse_plain(source);
  }

  static void refuse_plain(const Source& source) {
    if (!source.key.empty() && Folder::is_plain(source.file)) {
      throw Fault{FaultKind::wrong_key, source.file, "the file is not encrypted"};
    }
  }

  void discard(const StoreName& name) const noexcept {
    try {
      home_->folder.remove(name);
    } catch (const std::exception&) {
      // It stays half-made: listed, and removed by drop.
    }
  }

  std::shared_ptr<Home> home_;
};

}  // namespace
}  // namespace sqlite

std::unique_ptr<Engine> make_sqlite_engine(SqliteOptions options) {
  return std::make_unique<sqlite::SqliteEngine>(std::move(options));
}

std::unique_ptr<Engine> sqlite_engine(std::string folder) { return make_sqlite_engine({.folder = std::move(folder)}); }

std::unique_ptr<Engine> sqlcipher_engine(std::string folder) {
  return make_sqlite_engine({.folder = std::move(folder), .encrypted = true});
}

}  // namespace medflow::inline v1::storage
