#include "adapters/http/router.hpp"

namespace medflow::http {
namespace {

class PlatformBackend final : public Backend {
 public:
  explicit PlatformBackend(Platform& platform) : platform_(platform) {}

  Session visit(std::string_view tenant) override { return platform_.visit(tenant); }
  Result<Session> authenticate(std::string_view access_token) override { return platform_.authenticate(access_token); }
  void submit(const Session& session, const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
              CallContext context) override {
    session.submit(row, std::move(request), std::move(done), std::move(context));
  }
  Result<Reply> call(const Session& session, const OperationRow& row, Value request, CallContext context) override {
    return session.call(row, std::move(request), context);
  }
  std::vector<std::string> degradations() override { return platform_.degradations(); }

 private:
  Platform& platform_;
};

}  // namespace

std::unique_ptr<Backend> platform_backend(Platform& platform) { return std::make_unique<PlatformBackend>(platform); }

Router::Router(Platform& platform, RouterOptions options)
    : Router(platform_backend(platform), operations(), std::move(options)) {}

}  // namespace medflow::http
