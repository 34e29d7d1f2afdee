#include "users/passwords.hpp"

#include <algorithm>

#include "crypto/password.hpp"
#include "crypto/password_rules.hpp"
#include "kernel/rows.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;

std::string tenant_name(Outside& outside) {
  std::string name;
  const auto& platform = outside.platform().platform();
  const auto system = outside.platform().system_session(platform, "register");
  kernel::CallFrame frame{
      .session = system.get(), .store = platform.get(), .row = find_operation("tenants.get"), .now = outside.now()};
  Outside(frame).read([&](Work& work) {
    if (const auto tenant = Rows<tenants::Tenant>(work).find(outside.store()->id())) name = tenant->name;
  });
  return name;
}

}  // namespace

void KnownWords::add(std::string_view text) {
  constexpr std::string_view between = " .,-_@+'";
  add_word(text);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(between), text.size());
    add_word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void KnownWords::add_word(std::string_view word) {
  if (!word.empty()) words_.emplace_back(word);
}

void require_good_password(Outside& outside, const Secret& password, KnownWords words) {
  words.add("medflow");
  if (outside.store() != nullptr) {
    words.add(outside.store()->slug());
    words.add(tenant_name(outside));
  } else {
    words.add(outside.session().actor().unknown_tenant);
  }
  const auto broken = crypto::password_rule_broken(password.reveal(), false, words.views());
  if (broken) throw Failure(*broken, "/password", std::string(broken->name), std::string(broken->text));
}

std::string hash_in_turn(Outside& outside, const Secret& password) {
  const auto pass = outside.platform().password_gate().enter();
  return crypto::hash_password(password.reveal(), outside.platform().password_cost(), outside.platform().rng());
}

}  // namespace medflow::inline v1::users
