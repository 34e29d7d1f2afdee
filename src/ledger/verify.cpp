// `ledger.verify`: the entries are the truth; their postings and the balances are reckoned from them again. Entries lie in the order of their
// ids and postings by account and day, so what either says is added up for each account, currency and day, with a sum of digests of rows. Only
// where two sums differ rows are compared one by one. All of it is read on one snapshot, beside the batches: what is posted meanwhile waits for
// nothing, and is verified the next time.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <unordered_map>

#include "crypto/hash.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "ledger/lines.hpp"
#include "ledger/posting.hpp"
#include "money/amounts.hpp"

namespace medflow::inline v1::ledger {
namespace {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using storage::Cell;
using storage::RowView;

constexpr std::size_t findings_max = 1'000;

/// A sum of digests, whatever their order.
struct DigestSum {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  void add(const crypto::Digest& digest) {
    std::uint64_t parts[2];
    std::memcpy(parts, digest.data(), sizeof parts);
    low += parts[0];
    high += parts[1];
  }
  friend bool operator==(const DigestSum&, const DigestSum&) = default;
};

/// What is said of one account, currency and day: by entries, by postings and by the balance.
struct Bucket {
  money::Wide debit = 0;
  money::Wide credit = 0;
  DigestSum entries{};
  DigestSum postings{};
  bool has_balance = false;
};

/// The accounts of one currency and day; all that are none of ours are the last one.
constexpr std::size_t account_count = std::size(Words<Account>::words);
using Buckets = std::array<Bucket, account_count + 1>;

class Verifier {
 public:
  // Nobody who wrote rows could know the key, so that none of them cancel out.
  explicit Verifier(Work& work) : work_(work), key_(work.new_id().view()) {}

  VerifyReport run() {
    add_entries();
    add_postings();
    check_balances();
    const auto differs = [](const Bucket& one) { return one.entries != one.postings; };
    const auto any_differs = [&](const auto& day) {
      return std::any_of(day.second.begin(), day.second.end(), differs);
    };
    if (std::any_of(days_.begin(), days_.end(), any_differs)) {
      find_missing();
      find_extra();
    }
    return std::move(report_);
  }

 private:
  void add(std::string_view problem, std::string where) {
    report_.sound = false;
    if (report_.findings.size() < findings_max)
      report_.findings.push_back({.problem = std::string(problem), .where = std::move(where)});
  }
  bool is_full() const { return report_.findings.size() >= findings_max; }

  /// Rows of one currency and day come together more often than not.
  Buckets& buckets(std::string_view currency, std::string_view day) {
    if (last_ == nullptr || !name_.ends_with(day) || !name_.starts_with(currency) ||
        name_.size() != currency.size() + 1 + day.size()) {
      name_.assign(currency).append(" ").append(day);
      last_ = &days_[name_];
    }
    return *last_;
  }
  Bucket& bucket(std::string_view account, std::string_view currency, std::string_view day) {
    if (account != account_name_) {
      const auto known = from_word<Account>(account);
      account_ = known ? static_cast<std::size_t>(*known) : account_count;
      account_name_ = account;
    }
    return buckets(currency, day)[account_];
  }
  Bucket& bucket_of(RowView row) {
    return bucket(row[posting_account].data, row[posting_currency].data, row[posting_day].data);
  }
  bool is_whole(RowView row) {
    const Bucket& one = bucket_of(row);
    return one.entries == one.postings;
  }

  /// Of what a row says beyond account and day, which its bucket tells.
  crypto::Digest digest(RowView row) {
    std::size_t size = key_.size();
    for (const Cell& cell : row) size += 10 + cell.data.size();
    if (bytes_.size() < size) bytes_.resize(size);
    char* to = bytes_.data();
    const auto put = [&](const void* from, std::size_t count) {
      if (count != 0) std::memcpy(to, from, count);
      to += count;
    };
    put(key_.data(), key_.size());
    for (std::size_t i = posting_entry; i < row.size(); ++i) {
      const Cell& cell = row[i];
      const std::uint64_t value =
          cell.kind == storage::CellKind::integer ? static_cast<std::uint64_t>(cell.integer) : cell.data.size();
      *to++ = static_cast<char>(cell.kind);
      *to++ = static_cast<char>(std::min<std::uint64_t>(value, 0xFF));
      if (value >= 0xFF) put(&value, sizeof value);
      put(cell.data.data(), cell.data.size());
    }
    return crypto::blake2b_256(std::string_view(bytes_.data(), static_cast<std::size_t>(to - bytes_.data())));
  }

  void add_entries() {
    Rows<Entry>(work_).scan({}, [&](const Entry& entry) {
      ++report_.entries;
      const std::string day = entry.day.text();
      money::Wide debit = 0;
      money::Wide credit = 0;
      std::size_t line = 0;
      Buckets& of_day = buckets(entry.currency.code(), day);
      for (const Posting& posting : entry.postings) {
        debit += posting.debit;
        credit += posting.credit;
        const auto row = row_of(entry, day, ++line, posting);
        Bucket& one = of_day[static_cast<std::size_t>(posting.account)];
        one.debit += posting.debit;
        one.credit += posting.credit;
        one.entries.add(digest(row));
      }
      if (debit != credit) add("unbalanced", entry.id.uuid.text());
      return true;
    });
  }

  void add_postings() {
    work_.transaction().scan({.table = &postings_table}, [&](RowView row) {
      ++report_.postings;
      bucket_of(row).postings.add(digest(row));
      return true;
    });
  }

  void check_balances() {
    work_.transaction().scan({.table = &balances_table}, [&](RowView row) {
      ++report_.balances;
      const std::string_view account = row[balance_account].data;
      Bucket& one = bucket(account, row[balance_currency].data, row[balance_day].data);
      one.has_balance = true;
      if (one.debit != row[balance_debit].integer || one.credit != row[balance_credit].integer)
        add("balance_differs", std::string(account) + " " + name_);
      return true;
    });
    std::vector<std::string> without;
    for (const auto& [name, accounts] : days_)
      for (std::size_t i = 0; i < account_count; ++i)
        if (!accounts[i].has_balance && (accounts[i].debit != 0 || accounts[i].credit != 0))
          without.push_back(std::string(word_of(static_cast<Account>(i))) + " " + name);
    std::sort(without.begin(), without.end());
    for (std::string& name : without) add("balance_differs", std::move(name));
  }

  /// Postings that an entry has and that are not there, or are others.
  void find_missing() {
    Rows<Entry>(work_).scan({}, [&](const Entry& entry) {
      const std::string day = entry.day.text();
      std::size_t line = 0;
      for (const Posting& posting : entry.postings) {
        const auto row = row_of(entry, day, ++line, posting);
        if (is_whole(row)) continue;
        const storage::Key keys[] = {RowView(row).first(postings_table.key_columns)};
        bool there = false;
        bool same = false;
        work_.transaction().get(postings_table, keys, [&](std::size_t, RowView found) {
          there = true;
          same = std::equal(found.begin(), found.end(), row.begin(), row.end());
        });
        if (!same) add(there ? "posting_differs" : "posting_missing", entry.id.uuid.text());
      }
      return !is_full();
    });
  }

  /// Postings that no entry has.
  void find_extra() {
    work_.transaction().scan({.table = &postings_table}, [&](RowView row) {
      if (is_whole(row)) return true;
      const JournalEntryId id{uuid_in(row[posting_entry])};
      const auto entry = Rows<Entry>(work_).find(id);
      const std::int64_t line = row[posting_line].integer;
      const bool has_line =
          entry && line >= 1 && line <= static_cast<std::int64_t>(entry->postings.size()) &&
          entry->day.text() == row[posting_day].data &&
          word_of(entry->postings[static_cast<std::size_t>(line - 1)].account) == row[posting_account].data;
      if (!has_line) add("posting_extra", id.uuid.text());
      return !is_full();
    });
  }

  Work& work_;
  std::string key_{};
  std::unordered_map<std::string, Buckets> days_{};  ///< by currency and day
  Buckets* last_ = nullptr;
  std::string name_{};  ///< of the last
  std::string account_name_{};
  std::size_t account_ = account_count;
  std::string bytes_{};
  VerifyReport report_{};
};

}  // namespace

VerifyReport prepare(Outside& outside, const Verify&) {
  VerifyReport report;
  outside.read([&](Work& work) { report = Verifier(work).run(); });
  return report;
}

constexpr kernel::Slow slow(const Verify*) { return kernel::Slow::long_work; }

VerifyReport handle(Work&, const Verify&, const VerifyReport& report) { return report; }

}  // namespace medflow::inline v1::ledger

MEDFLOW_HANDLE(medflow::ledger::Verify);
