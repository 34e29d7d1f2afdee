#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/cli/connection.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/config/engine.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/platform.hpp"
#include "medflow/storage/engine.hpp"
#include "medflow/stream.hpp"

namespace medflow::cli {
namespace {

Platform open_platform(const config::Settings& settings) {
  auto platform = Platform::open(config::platform_options(settings));
  if (!platform.ok()) throw Trouble(platform.error());
  return std::move(*platform);
}

void pump(const Stream& stream, const ByteSink& sink) {
  std::vector<std::byte> piece(std::size_t{64} * 1024);
  for (;;) {
    const auto count = stream.pull(piece);
    if (!count.ok()) throw Trouble(count.error());
    if (*count == 0) return;
    sink(std::span(piece).first(*count));
  }
}

class Local final : public Connection {
 public:
  explicit Local(const config::Settings& settings)
      : place_(local_place(settings)), platform_(open_platform(settings)) {}

  std::string call(const OperationRow& row, Value request, const Caller& caller, const ByteSink& sink) override {
    auto reply = session(caller).call(row, std::move(request), {.idempotency_key = caller.idempotency_key});
    if (!reply.ok()) throw Trouble(reply.error());
    if (row.shape == Shape::stream) {
      pump(*static_cast<const Stream*>(reply->output.data()), sink);
      return {};
    }
    std::string text;
    const bool silent = row.operation->status == 204 || row.output->fields.empty();
    if (!silent) json::encode(*row.output, reply->output.data(), text);
    return text;
  }

  const std::string& place() const override { return place_; }

 private:
  Session session(const Caller& caller) {
    if (caller.access_token.empty())
      return caller.holds_root_key ? platform_.local_operator("medflow-cli") : platform_.visit(caller.tenant);
    if (!session_ || token_ != caller.access_token) {
      auto session = platform_.authenticate(caller.access_token);
      if (!session.ok()) throw Trouble(session.error());
      session_ = *session;
      token_ = caller.access_token;
    }
    return *session_;
  }

  std::string place_;
  Platform platform_;
  std::optional<Session> session_{};
  std::string token_{};
};

}  // namespace

std::string local_place(const config::Settings& settings) {
  const config::EngineUrl engine = settings.engine();
  const auto& row = *settings.get("database_url").row;
  if (engine.folder.empty()) return config::masked(row, settings.text("database_url"));  // it is stored with sessions
  std::error_code error;
  const std::filesystem::path folder =
      std::filesystem::weakly_canonical(std::filesystem::absolute(engine.folder), error);
  const std::string scheme = engine.kind == config::EngineKind::sqlite ? "sqlite:" : "sqlcipher:";
  const std::filesystem::path plain = folder.has_filename() ? folder : folder.parent_path();
  return scheme + plain.string();
}

std::unique_ptr<Connection> connect_here(const config::Settings& settings) {
  const std::string& folder = settings.engine().folder;
  if (!folder.empty() && !std::filesystem::exists(folder))
    throw Trouble(exit_code::unavailable, folder + ": there is no data here; `medflow init` makes it");
  return std::make_unique<Local>(settings);
}

}  // namespace medflow::cli
