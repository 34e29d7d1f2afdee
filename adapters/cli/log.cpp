#include "adapters/cli/log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <utility>

namespace medflow::cli {
namespace {

constexpr std::size_t queue_lines = 8192;

constexpr std::string_view method_name(Method method) {
  constexpr std::string_view names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  return names[static_cast<std::size_t>(method)];
}

std::uint64_t microseconds_since(std::chrono::steady_clock::time_point start) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count());
}

class LoggingBackend final : public http::Backend {
 public:
  LoggingBackend(std::unique_ptr<http::Backend> inner, Log& log) : inner_(std::move(inner)), log_(log) {}

  Session visit(std::string_view tenant) override { return inner_->visit(tenant); }
  Result<Session> authenticate(std::string_view access_token) override { return inner_->authenticate(access_token); }

  std::vector<std::string> degradations() override { return inner_->degradations(); }

  void submit(const Session& session, const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
              CallContext context) override {
    const Timed timed = begin(row, context);
    inner_->submit(
        session, row, std::move(request),
        [this, timed, done = std::move(done)](Result<Reply> result) {
          const int status = status_of(timed, result);
          done(std::move(result));
          note(timed, status);
        },
        std::move(context));
  }

  // Not by way of `submit`, whose threads are not for waiting: what is called comes as fast as its client sends it.
  Result<Reply> call(const Session& session, const OperationRow& row, Value request, CallContext context) override {
    const Timed timed = begin(row, context);
    Result<Reply> result = inner_->call(session, row, std::move(request), std::move(context));
    note(timed, status_of(timed, result));
    return result;
  }

 private:
  struct Timed {
    const Operation* operation = nullptr;
    std::chrono::steady_clock::time_point start{};
    RequestId id{};
  };

  static Timed begin(const OperationRow& row, const CallContext& context) {
    return {.operation = row.operation,
            .start = std::chrono::steady_clock::now(),
            .id = context.request_id.value_or(RequestId{})};
  }
  static int status_of(const Timed& timed, const Result<Reply>& result) {
    return result.ok() ? timed.operation->status : describe(result.error().kind()).http_status;
  }
  void note(const Timed& timed, int status) {
    log_.request(method_name(timed.operation->method), timed.operation->path, status, microseconds_since(timed.start),
                 timed.id.text());
  }

  std::unique_ptr<http::Backend> inner_;
  Log& log_;
};

}  // namespace

struct Log::State {
  // A thread of its own writes: a full pipe on standard error holds nobody up until the queue is full.
  std::shared_ptr<spdlog::details::thread_pool> pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
  std::shared_ptr<spdlog::async_logger> logger = std::make_shared<spdlog::async_logger>(
      "medflow", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool, spdlog::async_overflow_policy::block);
};

Log::Log(bool quiet) : state_(quiet ? nullptr : std::make_unique<State>()) {
  if (!state_) return;
  auto formatter = std::make_unique<spdlog::pattern_formatter>(R"({"at":"%Y-%m-%dT%H:%M:%S.%fZ",%v})",
                                                               spdlog::pattern_time_type::utc);
  state_->logger->set_formatter(std::move(formatter));
}

Log::~Log() {
  if (state_) state_->logger->flush();
}

void Log::event(std::string_view text, std::string_view address) {
  if (!state_) return;
  if (address.empty()) return state_->logger->info(R"("event":"{}")", text);
  state_->logger->info(R"("event":"{}","address":"{}")", text, address);
}

void Log::request(std::string_view method, std::string_view route, int status, std::uint64_t us,
                  const std::string& request_id) {
  if (!state_) return;
  state_->logger->info(R"("method":"{}","route":"{}","status":{},"us":{},"request_id":"{}")", method, route, status, us,
                       request_id);
}

std::unique_ptr<http::Backend> logging_backend(std::unique_ptr<http::Backend> inner, Log& log) {
  return std::make_unique<LoggingBackend>(std::move(inner), log);
}

}  // namespace medflow::cli
