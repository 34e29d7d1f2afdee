// The engines that numbers are given on: one whose rows the oracle reads beside the platform, faults at commits, and the planted bugs.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "kernel/tables.hpp"
#include "medflow/testing/storage_steps.hpp"
#include "tests/campaigns/numbers/shared.hpp"
#include "tests/campaigns/peephole.hpp"
#include "tests/support/planted_engines.hpp"

namespace medflow::campaign {

/// Commits of the hospital's data fail now and then: before they are durable, or after that, when nobody knows.
class FailingCommits final : public testing::SteppedEngine {
 public:
  FailingCommits(std::shared_ptr<storage::Engine> inner, Shared& shared, std::uint64_t one_in)
      : SteppedEngine(std::move(inner), [&shared, one_in](const testing::StorageStep& step) {
          using testing::StorageCall;
          const bool before = step.call == StorageCall::commit, behind = step.call == StorageCall::committed;
          if (!before && !behind) return;
          if (step.store == nullptr || step.store->part != storage::Part::data || step.store->tenant == "platform")
            return;
          if (!shared.failing || ++shared.counters.commits % one_in != 0) return;
          ++shared.counters.faults;
          throw storage::Fault{before ? storage::FaultKind::unavailable : storage::FaultKind::unknown_outcome, "",
                               "made to fail"};
        }) {}
};

/// Answers are not kept for who asks again.
class ForgetsKeys final : public testing::WrappedDatabase {
 public:
  using WrappedDatabase::WrappedDatabase;
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) {
      Forgetting transaction(inner);
      body(transaction);
    });
  }

 private:
  class Forgetting final : public testing::WrappedTransaction {
   public:
    using WrappedTransaction::WrappedTransaction;
    void insert(const storage::Table& table, storage::RowView row) override {
      if (table.id != kernel::answers_table.id) WrappedTransaction::insert(table, row);
    }
  };
};

/// The engine with a bug, and with the oracle's view below it: "gap" (every third change of an invoice is acknowledged and forgotten, so its
/// number is nobody's) or "forgotten-key". Anything else is no bug.
inline std::shared_ptr<storage::Engine> with_bug(std::shared_ptr<storage::Engine> inner, Peephole& peephole,
                                                 const std::string& bug) {
  using Database = std::unique_ptr<storage::Database>;
  auto open = std::make_shared<OpenEngine>(std::move(inner), peephole);
  const auto with = [&]<class Make>(Make make) -> std::shared_ptr<storage::Engine> {
    return std::make_shared<testing::PlantedEngine<Make>>(std::move(open), std::move(make));
  };
  if (bug == "gap")
    return with(
        [](Database data) -> Database { return std::make_unique<testing::LosesUpdates>(std::move(data), "invoices"); });
  if (bug == "forgotten-key")
    return with([](Database data) -> Database { return std::make_unique<ForgetsKeys>(std::move(data)); });
  return open;
}

}  // namespace medflow::campaign
