// The rows of postings and balances: how they are written and read, here and nowhere else.
#pragma once

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/entities.hpp"
#include "ledger/words.hpp"

namespace medflow::inline v1::ledger {

/// Columns of `postings`.
enum PostingColumn : std::uint8_t {
  posting_account,
  posting_day,
  posting_entry,
  posting_line,
  posting_kind,
  posting_currency,
  posting_debit,
  posting_credit,
  posting_facility,
  posting_patient,
  posting_payer,
  posting_invoice,
  posting_practitioner,
  posting_item,
  posting_count,
};
static_assert(posting_count == posting_columns.size());

/// Columns of `balances`.
enum BalanceColumn : std::uint8_t {
  balance_account,
  balance_currency,
  balance_day,
  balance_revision,
  balance_debit,
  balance_credit,
  balance_count,
};
static_assert(balance_count == balance_columns.size());

/// Just behind all rows of a day in an index that goes on with other columns.
inline std::string end_of(Date day) { return day.text() + '~'; }

inline Uuid uuid_in(const storage::Cell& cell) {
  Uuid id;
  if (cell.data.size() == id.bytes.size()) std::memcpy(id.bytes.data(), cell.data.data(), id.bytes.size());
  return id;
}

/// None of an empty cell.
template <class I>
std::optional<I> id_in(const storage::Cell& cell) {
  if (cell.is_null()) return std::nullopt;
  return I{uuid_in(cell)};
}

template <class I>
storage::Cell id_cell(const std::optional<I>& id) {
  return id ? storage::Cell::bytes(id->uuid.view()) : storage::Cell::null();
}

/// The row of one side of an entry, which points into both and at `day`, the entry's.
inline std::array<storage::Cell, posting_count> row_of(const Entry& entry, std::string_view day, std::size_t line,
                                                       const Posting& posting) {
  using storage::Cell;
  return {Cell::text(word_of(posting.account)),
          Cell::text(day),
          Cell::bytes(entry.id.uuid.view()),
          Cell::of(static_cast<std::int64_t>(line)),
          Cell::text(word_of(entry.kind)),
          Cell::text(entry.currency.code()),
          Cell::of(posting.debit),
          Cell::of(posting.credit),
          Cell::bytes(entry.facility_id.uuid.view()),
          id_cell(posting.patient_id),
          id_cell(posting.payer_id),
          id_cell(posting.invoice_id),
          id_cell(posting.practitioner_id),
          id_cell(posting.item_id)};
}

}  // namespace medflow::inline v1::ledger
