#include "kernel/following.hpp"

#include <algorithm>
#include <utility>

#include "codes/following.hpp"
#include "jobs/facts.hpp"
#include "kernel/platform_state.hpp"
#include "kernel/tables.hpp"
#include "patients/following.hpp"
#include "tenants/following.hpp"
#include "users/following.hpp"
#include "waitlists/facts.hpp"

namespace medflow::kernel {
namespace {

using storage::Cell;
using storage::RowView;

constexpr std::size_t page_rows = 1'024;

/// Told of each row once a page, in order, before the members of the batch run. May read, but not write.
using Follower = void (*)(Store& store, storage::Transaction& transaction, std::span<const RowChange> changes);

constexpr Follower followers[] = {tenants::follow_rows, users::follow_rows,     patients::follow_rows,
                                  jobs::follow_rows,    waitlists::follow_rows, code_systems::follow_rows};

bool is_of_tokens(std::string_view counter) {
  return counter == patients::TokenIndex::rows_counter || counter == patients::TokenIndex::mark_counter;
}

}  // namespace

std::vector<Uuid> ids_of(std::span<const RowChange> changes, const storage::Layout& layout) {
  std::vector<Uuid> ids;
  for (const RowChange& change : changes)
    if (change.table == layout.table().id) ids.push_back(change.id);
  return ids;
}

// The log last: while it does not know the head, all of this is done again, which does no harm.
bool Store::follow(storage::Transaction& transaction) {
  const auto head = audit::read_head(transaction);
  const bool others = !log_.knows(head);
  if (others) {
    follow_counters(transaction);
    follow_changes(transaction);
    log_.follow(transaction, head);
  }
  lost_ = false;
  followed_us_.store(clock().now().us, std::memory_order_relaxed);
  return others;
}

/// Numbers that were lost here are not taken again, though others may: gaps are allowed, reuse is not.
void Store::follow_counters(storage::Transaction& transaction) {
  transaction.scan({.table = &counters_table}, [&](RowView row) {
    Counter& counter = counters_[std::string(row[0].data)];
    counter.revision = row[1].integer;
    counter.foreseen = 0;
    const std::int64_t stored = row[2].integer;
    if (stored == counter.stored) return true;
    if (is_of_tokens(row[0].data)) token_index_.merged_elsewhere();
    counter.stored = stored;
    counter.value = is_of_tokens(row[0].data) ? stored : std::max(counter.value, stored);
    return true;
  });
}

void Store::follow_changes(storage::Transaction& transaction) {
  std::vector<RowChange> page(page_rows);
  while (page.size() == page_rows) {
    page.clear();
    const storage::Scan scan{.table = &changes_table, .from = Cell::of(durable_change_ + 1), .limit = page_rows};
    transaction.scan(scan, [&](RowView row) {
      RowChange& change = page.emplace_back(RowChange{.table = static_cast<std::uint16_t>(row[1].integer)});
      if (row[2].data.size() == change.id.bytes.size())
        std::copy(row[2].data.begin(), row[2].data.end(), change.id.bytes.begin());
      return true;
    });
    const auto last = durable_change_ + static_cast<std::int64_t>(page.size());
    std::vector<RowChange> once = page;
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    for (const Follower follower : followers) follower(*this, transaction, once);
    change_ = durable_change_ = last;
  }
}

void Store::catch_up_each(Instant now) {
  const std::int64_t age_us = now.us - followed_us_.load(std::memory_order_relaxed);
  if (age_us < 0 || age_us >= followed_each_s * 1'000'000) catch_up();
}

/// Two processes may write the same event at the same microsecond: what decides whether a batch is there must be this one's alone.
void Store::tell_apart(audit::Event& event) { rng().fill(std::as_writable_bytes(std::span(event.request.bytes))); }

/// What the batch took may be in use: it is never given back.
void Store::lost() noexcept {
  batch_slot_ = keys_->mark();
  rolled_back();
  lost_ = true;
}

}  // namespace medflow::kernel
