// Steps from one state of an object to another.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "medflow/error.hpp"
#include "medflow/fields.hpp"

namespace medflow::kernel {

/// Throws Failure `transition.illegal`, which names both and what may follow instead.
template <class S>
[[noreturn]] void refuse_step(S from, std::string_view to, std::span<const std::type_identity_t<S>> legal) {
  const auto word = [](S state) { return Words<S>::words[static_cast<std::size_t>(state)]; };
  std::string detail("from ");
  detail.append(word(from)).append(" to ").append(to).append("; possible: ");
  if (legal.empty()) detail.append("nothing");
  for (const S& state : legal) detail.append(&state == legal.data() ? "" : ", ").append(word(state));
  throw Failure(codes::illegal_transition, std::move(detail));
}

/// The same, unless it is one that may follow.
template <class S>
void require_step(S from, S to, std::span<const std::type_identity_t<S>> legal) {
  if (std::find(legal.begin(), legal.end(), to) != legal.end()) return;
  refuse_step(from, Words<S>::words[static_cast<std::size_t>(to)], legal);
}

}  // namespace medflow::kernel
