#include "adapters/cli/serving.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
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

std::uint32_t count_of(const config::Settings& settings, std::string_view name) {
  return static_cast<std::uint32_t>(settings.number(name));
}

// `share`: the part of a window's count that may come at once.
http::Rate rate_of(const config::Settings& settings, std::string_view name, std::uint32_t window_s,
                   std::uint32_t share) {
  const std::uint32_t count = count_of(settings, name);
  return {.count = count, .window_s = window_s, .burst = std::max(count / share, 1U)};
}

std::optional<http::RateOptions> rates_of(const config::Settings& settings) {
  if (settings.text("rate_limits") == "off") return std::nullopt;
  return http::RateOptions{.address = rate_of(settings, "rate_address", 60, 1),
                           .user = rate_of(settings, "rate_user", 60, 10),
                           .search = rate_of(settings, "rate_search", 60, 5),
                           .refresh = rate_of(settings, "rate_refresh", 60, 1),
                           .exports = rate_of(settings, "rate_export", 3600, 1)};
}

http::RouterOptions router_options(const config::Settings& settings) {
  return {.base_path = "/api/" + settings.text("api_version"),
          .only_tenant = settings.text("only_tenant"),
          .tenant_hosts = settings.tenants("tenant_hosts"),
          .docs = settings.text("docs") == "true",
          .origins = settings.list("frontend_url"),
          .rates = rates_of(settings)};
}

http::ServerOptions server_options(const config::Settings& settings, std::uint32_t threads, Log& log,
                                   std::shared_ptr<http::ServingThreads> commits) {
  http::ServerOptions options{.address = settings.text("host"),
                              .port = static_cast<std::uint16_t>(settings.number("port")),
                              .threads = threads,
                              .keeps_processors = true,
                              .commits = std::move(commits),
                              .hosts = settings.list("allowed_hosts")};
  const bool by_rfc = settings.text("forwarded_header") == "forwarded";
  options.proxies = http::Proxies(settings.list("trusted_proxies"),
                                  by_rfc ? http::ForwardedBy::forwarded : http::ForwardedBy::x_forwarded_for);
  options.limits.connections_max = count_of(settings, "connections");
  options.limits.connections_per_address_max = count_of(settings, "connections_per_address");
  if (const std::string& file = settings.text("tls_certificate"); !file.empty())
    options.tls = http::TlsFiles{.certificate = file, .key = settings.text("tls_key")};
  options.notice = [&log](std::string_view what) { log.event(what); };
  return options;
}

std::string url_of(const config::Settings& settings, std::uint16_t port) {
  const std::string& host = settings.text("host");
  const std::string shown = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return (settings.text("tls_certificate").empty() ? "http://" : "https://") + shown + ':' + std::to_string(port);
}

}  // namespace

SignalWait::SignalWait() {
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set,
                    nullptr);  // threads started from here on inherit it: the signals come to `wait` alone
  std::signal(SIGPIPE, SIG_IGN);
}

void SignalWait::wait(const std::function<void()>& reload) const {
  const sigset_t set = ending_signals();
  for (int signal = 0; ::sigwait(&set, &signal) != 0 || (signal == SIGHUP && reload);)
    if (signal == SIGHUP) reload();
}

Serving::Serving(Platform& platform, const config::Settings& settings, std::uint32_t threads, Log& log,
                 std::shared_ptr<http::ServingThreads> commits)
    : log_(log),
      router_(log.quiet() ? http::platform_backend(platform) : logging_backend(http::platform_backend(platform), log),
              operations(), router_options(settings)),
      server_(server_options(settings, threads, log, std::move(commits)), router_),
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
