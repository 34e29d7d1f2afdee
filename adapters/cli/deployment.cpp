#include "adapters/cli/deployment.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "adapters/cli/clamd.hpp"
#include "adapters/cli/message_sinks.hpp"
#include "adapters/config/engine.hpp"
#include "adapters/pdf/printer.hpp"
#include "medflow/money.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::cli {
namespace {

constexpr const char* label = "medflow-cli";

bool has_data(const config::Settings& settings) {
  const config::EngineUrl url = settings.engine();
  if (url.kind == config::EngineKind::memory) return false;
  if (!url.folder.empty() && !std::filesystem::exists(url.folder)) return false;
  const auto stores = config::open_engine(url)->list();
  return std::ranges::any_of(stores, [](const storage::StoreName& store) { return store.tenant == "platform"; });
}

}  // namespace

Platform open_deployment(const config::Settings& settings, bool create, std::uint32_t password_memory_kib,
                         std::shared_ptr<Executor> commits) {
  PlatformOptions options = config::platform_options(settings);
  options.create = create;
  options.commits = std::move(commits);
  options.messages = messages_to(settings.text("messages"));
  options.scanner = scanner_at(settings.text("clamd"));
  options.pdf_printer = pdf::printer();
  if (password_memory_kib != 0) options.password_memory_kib = password_memory_kib;
  return must(Platform::open(std::move(options)));
}

Platform open_to_migrate(const config::Settings& settings, bool migrate) {
  PlatformOptions options = config::platform_options(settings);
  options.migrate = migrate;
  return must(Platform::open(std::move(options)));
}

bool ensure_root_key(const config::Settings& settings) {
  const std::string& path = settings.text("root_key_file");
  if (path == "memory:" || path.empty()) return false;  // nothing to make; opening says what is wrong
  if (config::inside_data(path, settings))
    throw config::Refused(
        {"MEDFLOW_ROOT_KEY_FILE: " + path + " lies inside the data folder; keep the key apart from the data"});
  if (std::filesystem::exists(std::filesystem::symlink_status(path))) return false;
  if (has_data(settings))
    throw Trouble(exit_code::unavailable,
                  path + ": this root key file is missing, and the data that is there cannot be opened by a new key");
  if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder);
  config::make_root_key(settings);
  return true;
}

tenants::Tenant ensure_tenant(const Platform& platform, const Hospital& hospital) {
  const auto currency = Currency::parse(hospital.currency);
  if (!currency) throw usage("--currency takes a code of ISO 4217, such as EUR");
  return must(platform.local_operator(label).call(
      tenants::Provision{.slug = hospital.slug,
                         .name = hospital.name.empty() ? hospital.slug : hospital.name,
                         .default_zone = {hospital.zone},
                         .currency = *currency,
                         .locale = hospital.locale,
                         .facility_name = hospital.facility}));
}

std::optional<users::Invitation> invite_administrator(const Platform& platform, const tenants::Tenant& tenant,
                                                      const std::string& email, const std::string& display_name) {
  auto invitation = platform.local_operator(label).call(users::InviteFirstAdmin{
      .id = tenant.id, .email = email, .display_name = display_name.empty() ? email : display_name});
  if (invitation.ok()) return std::move(*invitation);
  if (invitation.error().code.name == "user.exists") return std::nullopt;
  throw Trouble(invitation.error());
}

}  // namespace medflow::cli
