// Pages of rows in the order of their ids, by sealed cursors in both directions (R10).
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/rows.hpp"
#include "medflow/page.hpp"

namespace medflow::kernel {

/// The page of T's rows that `cursor` names, the first one where it is empty, of rows for which `keep` holds. A cursor is valid for the same
/// `query` only. With `backwards` the order is that of falling ids.
template <class T, class Keep>
Page<T> page_by_id(Work& work, std::uint32_t limit, std::string_view cursor, std::string_view query, Keep&& keep,
                   bool with_hidden = false, bool backwards = false) {
  constexpr char to_next = 'n';
  constexpr char to_prev = 'p';
  const std::string position = cursor.empty() ? std::string() : work.open_cursor(query, cursor);
  if (!cursor.empty() && position.size() != 17) throw Failure(codes::cursor_invalid);
  const bool to_front = !position.empty() && position.front() == to_prev;

  storage::Scan scan{.backwards = backwards != to_front};
  const storage::Cell after[] = {storage::Cell::bytes(std::string_view(position).substr(position.empty() ? 0 : 1))};
  if (!position.empty()) scan.after = after;

  Page<T> page{.page = {.limit = limit}};
  bool more = false;
  Rows<T>(work).scan(
      scan,
      [&](T row) {
        if (!keep(row)) return true;
        if (page.data.size() == limit) {
          more = true;
          return false;
        }
        page.data.push_back(std::move(row));
        return true;
      },
      with_hidden);
  if (to_front) std::reverse(page.data.begin(), page.data.end());

  const auto seal = [&](char direction, const T& row) {
    return work.seal_cursor(query, direction + std::string(row.id.uuid.view()));
  };
  if (!page.data.empty()) {
    if (to_front || more) page.page.next = seal(to_next, page.data.back());
    if (to_front ? more : !position.empty()) page.page.prev = seal(to_prev, page.data.front());
  }
  work.event().count = static_cast<std::uint32_t>(page.data.size());
  return page;
}

}  // namespace medflow::kernel
