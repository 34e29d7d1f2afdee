// Choosing a password (USR-1, USR-2): what an invitation, a registration and a reset have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/outside.hpp"
#include "medflow/secret.hpp"

namespace medflow::inline v1::users {

/// The words that somebody who knows the user would try first.
class KnownWords {
 public:
  /// A text counts whole and word by word.
  void add(std::string_view text);
  std::vector<std::string_view> views() const { return {words_.begin(), words_.end()}; }

 private:
  void add_word(std::string_view word);
  std::vector<std::string> words_{};
};

/// Throws Failure `password.…` for one that breaks the rules; the tenant's and the product's names are no good anywhere.
void require_good_password(kernel::Outside& outside, const Secret& password, KnownWords words);

/// Its hash at the platform's cost, once it is this caller's turn. Throws Failure `auth.busy`.
std::string hash_in_turn(kernel::Outside& outside, const Secret& password);

}  // namespace medflow::inline v1::users
