#include "adapters/http/loop.hpp"

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include "adapters/http/connection.hpp"
#include "adapters/http/wire.hpp"

namespace medflow::http {
namespace {

constexpr std::chrono::seconds look_interval{2};

thread_local const Loop* loop_here = nullptr;

}  // namespace

Shared::Shared(ServerOptions wanted, Router& to)
    : options(std::move(wanted)),
      router(to),
      request_bytes(std::make_shared<Budget>(options.limits.request_bytes_max_total)) {
  if (!options.clock) options.clock = system_clock();
  hosts.assign(options.hosts.begin(), options.hosts.end());
  reader = options.limits.reader;
  reader.gate.hosts = hosts;
  reader.streams = [this](const Head& head) { return router.streams(head.method, head.target); };
  fixed = security_headers(options.tls.has_value());
  if (options.tls) certificates = std::make_unique<Certificates>(*options.tls);
}

bool Shared::admit(const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (connections_ >= options.limits.connections_max) return false;
  std::size_t& count = by_address_[address];
  if (count >= options.limits.connections_per_address_max && !options.proxies.trusts(address)) return false;
  ++count;
  ++connections_;
  return true;
}

void Shared::leave(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return;
  if (--found->second == 0) by_address_.erase(found);
  --connections_;
}

void Shared::look_at_certificate(SteadyClock::time_point now, bool at_once) {
  if (!certificates) return;
  SteadyClock::rep next = next_look_;
  const SteadyClock::rep then = (now + look_interval).time_since_epoch().count();
  if (!at_once && (now.time_since_epoch().count() < next || !next_look_.compare_exchange_strong(next, then))) return;
  const auto change = at_once ? certificates->reload() : certificates->look();
  if (change == Certificates::Change::none || !options.notice) return;
  options.notice(change == Certificates::Change::taken ? "certificate renewed" : "new certificate cannot be used");
}

Loop::Loop(Shared& shared)
    : shared_(shared),
      work_(io_.get_executor()),
      timer_(io_),
      mailbox_(std::make_shared<Mailbox>([this] { net::post(io_, [this] { deliver(); }); })),
      now_(shared.steady_now()),
      date_(http_date(shared.options.clock->now())) {}

Loop::~Loop() { mailbox_->close(); }

const Loop* Loop::here() { return loop_here; }

void Loop::run() {
  loop_here = this;
  arm_timer();
  while (true) {
    try {
      io_.run();
      loop_here = nullptr;
      return;
    } catch (const std::exception&) {  // one connection's misfortune (no memory) is not the others'
      continue;
    }
  }
}

void Loop::stop() {
  net::post(io_, [this] { begin_stop(); });
}

void Loop::add(Socket socket, const std::string& address) {
  std::shared_ptr<Connection> connection;
  try {
    connection = std::make_shared<Connection>(*this, std::move(socket), address);
    connection->place = connections_.size();
    connections_.push_back(connection);
  } catch (...) {  // no memory: it never was one of the connections
    shared_.leave(address);
    throw;
  }
  connection->start();
  if (stopping_) connection->finish();
}

void Loop::remove(const Connection& connection) {
  const std::size_t place = connection.place;
  shared_.leave(connection.address());
  connections_[place].swap(connections_.back());
  connections_[place]->place = place;
  connections_.pop_back();
  end_if_idle();
}

void Loop::arm_timer() {
  timer_.expires_after(std::chrono::milliseconds(shared_.options.limits.tick_ms));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

void Loop::tick() {
  now_ = shared_.steady_now();
  shared_.look_at_certificate(now_);
  date_ = http_date(shared_.options.clock->now());
  const bool over = stopping_ && now_ > stop_by_;
  // From the end: one that goes is replaced by one that was looked at already.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const auto connection = connections_[i];
    over ? connection->abort() : connection->tick();
  }
  if (!stopping_ || !connections_.empty()) arm_timer();
}

void Loop::deliver() {
  mailbox_->take(letters_);
  for (Letter& letter : letters_)
    if (const auto connection = letter.to.lock()) connection->take(std::move(letter));
  letters_.clear();
}

void Loop::begin_stop() {
  stopping_ = true;
  stop_by_ = shared_.steady_now() + std::chrono::milliseconds(shared_.options.limits.stop_ms_max);
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const auto connection = connections_[i];
    connection->finish();
  }
  end_if_idle();
}

void Loop::end_if_idle() {
  if (!stopping_ || !connections_.empty()) return;
  timer_.cancel();
  work_.reset();
}

}  // namespace medflow::http
