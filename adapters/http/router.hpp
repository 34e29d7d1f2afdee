// From a request to an operation and back, without sockets: routes, credentials, headers and query parameters, bodies, and the
// headers of answers (R8 to R12, `security.md`).
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/message.hpp"
#include "adapters/http/problems.hpp"
#include "adapters/http/rates.hpp"
#include "adapters/http/uploads.hpp"
#include "medflow/operation.hpp"
#include "medflow/platform.hpp"
#include "medflow/session.hpp"

namespace medflow::http {

/// What the router needs of a platform. Thread-safe.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Session visit(std::string_view tenant) = 0;
  virtual Result<Session> authenticate(std::string_view access_token) = 0;
  /// As `Session::submit`.
  virtual void submit(const Session& session, const OperationRow& row, Value request,
                      std::function<void(Result<Reply>)> done, CallContext context) = 0;
  /// The same, at once and on this thread, which may wait: for requests whose content comes meanwhile.
  virtual Result<Reply> call(const Session& session, const OperationRow& row, Value request, CallContext context) {
    std::promise<Result<Reply>> answer;
    submit(
        session, row, std::move(request), [&](Result<Reply> result) { answer.set_value(std::move(result)); },
        std::move(context));
    return answer.get_future().get();
  }
  /// Whether this session may ask for the operation at all; what it may do to one object is the operation's to say.
  virtual bool may(const Session& session, const OperationRow& row) { return session.holds(row.operation->permission); }
  /// What /readyz says beside being ready: as `Platform::degradations`.
  virtual std::vector<std::string> degradations() { return {}; }
  /// Whose requests are counted together: the session's user.
  virtual RateKey principal(const Session& session) { return rate_key_of(session.user_id().uuid); }
};

/// The platform itself, which must outlive what is returned.
std::unique_ptr<Backend> platform_backend(Platform& platform);

struct RouterOptions {
  std::string base_path = "/api/v1";
  std::string only_tenant{};  ///< the slug of a single-tenant deployment (USR-4)
  std::vector<std::pair<std::string, std::string>>
      tenant_hosts{};                  ///< host name, without a port, and the slug it stands for
  bool docs = true;                    ///< whether /api/docs is there
  std::vector<std::string> origins{};  ///< whose pages may read answers (CORS), such as "https://clinic.example"
  std::optional<RateOptions> rates{};  ///< none: nobody is counted
  UploadLimits uploads{};              ///< of requests that `Router::streams`
  std::shared_ptr<Clock> clock{};      ///< the system's
  std::shared_ptr<Rng> rng{};          ///< the system's
};

struct Exchange;

/// An answer that may still have to be written out, so that the thread that completes a call does as little as it can.
class Answer {
 public:
  explicit Answer(Response response);
  explicit Answer(std::shared_ptr<Exchange> exchange);

  /// Once.
  Response render() &&;

 private:
  Response response_{};
  std::shared_ptr<Exchange> exchange_{};
};

/// Thread-safe.
class Router {
 public:
  Router(Platform& platform, RouterOptions options);
  Router(std::unique_ptr<Backend> backend, std::span<const OperationRow> rows, RouterOptions options);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Answers a request. `done` is called exactly once: before this returns where no operation is run, else on the thread on which
  /// the operation completes. It must not block.
  void handle(Request request, std::function<void(Answer)> done);

  /// Whether the body of such a request is read as it comes: it is handed over by `Request::stream`, before it is here.
  bool streams(std::string_view method, std::string_view target) const;

  /// An answer to what never became a request.
  Response refuse(const Problem& problem, std::string_view detail = {});

  /// What /readyz says; true to begin with.
  void set_ready(bool ready);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace medflow::http
