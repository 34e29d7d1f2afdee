// An audit log as it lies in a database file, with the keys that only its tenant has, and what somebody outside holds of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "audit/checkpoints.hpp"
#include "audit/verify.hpp"
#include "medflow/storage/engine.hpp"
#include "storage/sqlite/library.hpp"
#include "tests/support/raw_sqlite.hpp"

namespace medflow::campaign {

/// Which checks a verification makes: a campaign that leaves one out has to fail.
enum class Plant : std::uint8_t { none, seal, signature, outside };

/// The engine, and the same files behind its back.
class Bench {
 public:
  Bench(std::string folder, bool encrypted);

  std::unique_ptr<storage::Database> make(const std::string& name);
  std::unique_ptr<storage::Database> open(const std::string& name);
  testing::RawSqlite raw(const std::string& name) const;
  std::string file(const std::string& name) const { return folder_ + "/" + name + "/data.db"; }
  void copy(const std::string& from, const std::string& to) const;

 private:
  std::string folder_;
  bool encrypted_;
  storage::sqlite::Library library_;
  std::unique_ptr<storage::Engine> engine_;
};

struct StoredLog {
  std::string name{};
  std::string older{};  ///< the name of a copy of its files at an earlier commit
  std::uint8_t key = 0;
  std::vector<std::string> events{};  ///< by number, from 1 at 0
  std::map<std::pair<std::int64_t, std::int64_t>, std::string> hashes{};
  std::vector<std::pair<std::uint64_t, std::string>> checkpoints{};  ///< size and note, by number
  std::string held{};                                                ///< what a sink has of it: its newest checkpoint

  std::uint64_t size() const { return events.size(); }
  std::string origin() const { return "medflow/campaign/" + name; }
  audit::HeadSealer sealer() const;
  crypto::Signer signer() const;
};

/// Makes a log of about this many events in batches of random size, closes it, and takes its guards off, as somebody with the file in
/// hand would.
StoredLog make_log(Bench& bench, const std::string& name, std::uint8_t key, std::uint64_t size, std::uint64_t seed);

/// Whether anything is found wrong with what lies under `name`, which should be `log`.
bool found_wrong(Bench& bench, const std::string& name, const StoredLog& log, Plant plant);

}  // namespace medflow::campaign
