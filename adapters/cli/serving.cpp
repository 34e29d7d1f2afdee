#include "adapters/cli/serving.hpp"

#include <csignal>
#include <utility>

#include "medflow/operation.hpp"

namespace medflow::cli {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, signal);
  return set;
}

http::RouterOptions router_options(const config::Settings& settings) {
  return {.base_path = "/api/" + settings.text("api_version")};
}

http::ServerOptions server_options(const config::Settings& settings, std::uint32_t threads) {
  return {.address = settings.text("host"),
          .port = static_cast<std::uint16_t>(settings.number("port")),
          .threads = threads};
}

std::string url_of(const config::Settings& settings, std::uint16_t port) {
  const std::string& host = settings.text("host");
  const std::string shown = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return "http://" + shown + ':' + std::to_string(port);
}

}  // namespace

SignalWait::SignalWait() {
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set,
                    nullptr);  // threads started from here on inherit it: the signals come to `wait` alone
  std::signal(SIGPIPE, SIG_IGN);
}

void SignalWait::wait() const {
  const sigset_t set = ending_signals();
  int signal = 0;
  ::sigwait(&set, &signal);
}

Serving::Serving(Platform& platform, const config::Settings& settings, std::uint32_t threads, Log& log)
    : log_(log),
      router_(log.quiet() ? http::platform_backend(platform) : logging_backend(http::platform_backend(platform), log),
              operations(), router_options(settings)),
      server_(server_options(settings, threads), router_),
      url_(url_of(settings, server_.port())),
      thread_([this] { server_.run(); }),
      ticking_(platform, log) {
  log_.event("listening", url_);
}

Serving::~Serving() {
  log_.event("stopping");
  router_.set_ready(false);
  server_.stop();
  thread_.join();
  log_.event("stopped");
}

}  // namespace medflow::cli
