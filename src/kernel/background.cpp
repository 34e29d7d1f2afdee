#include "kernel/background.hpp"

#include <algorithm>
#include <exception>

#include "documents/due.hpp"
#include "jobs/runner.hpp"
#include "kernel/awaited.hpp"
#include "kernel/platform_state.hpp"
#include "messages/sending.hpp"
#include "tenants/migrating.hpp"
#include "tenants/moving.hpp"
#include "users/background.hpp"

namespace medflow::kernel {

namespace {

void checkpoints(PlatformState& platform, Instant now, const Trouble& trouble) {
  for_each_open_store(platform, trouble, [&](Store& store) { store.checkpoint(now); });
}

/// What one process ends, such as a session, has ended in all of them within a tick.
void follow_others(PlatformState& platform, Instant, const Trouble& trouble) {
  for_each_open_store(platform, trouble, [](Store& store) { store.catch_up(); });
}

/// What was opened or unwrapped longer ago than anybody may be given it.
void expire_opened(PlatformState& platform, Instant now, const Trouble& trouble) {
  platform.opened().expire(now);
  for_each_open_store(platform, trouble, [&](Store& store) { store.keys().forget_expired(now); });
}

// Checkpoints cover the events of what was done before them. Last is what waits for somebody outside: nothing else waits for it.
constexpr BackgroundTask tasks[] = {{.name = "following", .run = follow_others},
                                    {.name = "awaited", .run = open_awaited},
                                    {.name = "jobs", .run = jobs::run_jobs},
                                    {.name = "last uses", .run = users::store_last_uses},
                                    {.name = "expiry", .run = users::expire_rows},
                                    {.name = "moves", .run = tenants::clear_leftovers},
                                    {.name = "migrations", .run = tenants::reopen_migrated},
                                    {.name = "opened rows", .run = expire_opened},
                                    {.name = "checkpoints", .run = checkpoints},
                                    {.name = "messages", .run = messages::send_messages},
                                    {.name = "scanning", .run = documents::scan_documents}};

}  // namespace

Instant TickTime::now() const { return {began_.us + std::max<std::int64_t>(0, clock_.steady_us() - began_steady_us_)}; }

std::span<const BackgroundTask> background_tasks() { return tasks; }

std::vector<BackgroundTrouble> run_background(PlatformState& platform, Instant now) {
  const TickTime time(platform.clock(), now);
  std::vector<BackgroundTrouble> troubles;
  for (const BackgroundTask& task : background_tasks()) {
    const auto trouble = [&](const Store& store, std::exception_ptr failure) {
      const bool own = store.realm() == Realm::platform;
      troubles.push_back({.task = std::string(task.name),
                          .tenant = own ? std::string() : store.slug(),
                          .error = error_of(std::move(failure))});
    };
    try {
      task.run(platform, time.now(), trouble);
    } catch (...) {
      troubles.push_back({.task = std::string(task.name), .error = error_of(std::current_exception())});
    }
  }
  return troubles;
}

void for_each_writable_store(PlatformState& platform, const Trouble& trouble, const std::function<void(Store&)>& body) {
  for_each_open_store(platform, trouble, [&](Store& store) {
    if (store.refusal() == nullptr) body(store);
  });
}

void for_each_open_store(PlatformState& platform, const Trouble& trouble, const std::function<void(Store&)>& body) {
  for (const auto& store : platform.open_stores()) {
    if (store->refuses_writes()) continue;  // it is being moved: what is due is done where it comes to
    try {
      body(*store);
    } catch (...) {
      trouble(*store, std::current_exception());
    }
  }
}

}  // namespace medflow::kernel
