#include "kernel/awaited.hpp"

#include <algorithm>

#include "jobs/runner.hpp"
#include "kernel/platform_state.hpp"
#include "messages/sending.hpp"

namespace medflow::kernel {
namespace {

constexpr std::size_t opened_at_once_max = 8;  ///< tenants in one tick
constexpr std::int64_t retry_s = 30;
constexpr std::int64_t looked_each_s = 60 * 60;

}  // namespace

std::optional<Instant> next_due(PlatformState& platform, Store& store) {
  const auto message = messages::next_due(platform, store);
  const auto job = jobs::next_due(platform, store);
  return message && job ? std::min(*message, *job) : message ? message : job;
}

void open_awaited(PlatformState& platform, Instant now, const Trouble& trouble) {
  // So few that none of them is closed for the next one before its work is done.
  const std::size_t room = std::max<std::size_t>(1, platform.options().open_tenants_max / 2);
  const std::size_t max = std::min(room, opened_at_once_max);
  const auto open = [&](const TenantId& id) {
    try {
      static_cast<void>(platform.store(id));
    } catch (...) {
      platform.set_awaited(id, now.plus_s(retry_s));
      trouble(*platform.platform(), std::current_exception());
    }
  };
  const auto awaited = platform.take_awaited(now, max);
  for (const TenantId& id : awaited) open(id);
  for (const TenantId& id : platform.take_unseen(now, looked_each_s, max - awaited.size())) {
    open(id);
    platform.set_unused(id);  // whoever works in another one is not to wait for that; closing notes what waits
  }
}

}  // namespace medflow::kernel
