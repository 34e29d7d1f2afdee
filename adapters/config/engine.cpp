#include "adapters/config/engine.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>

#include "medflow/secret.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::config {
namespace {

namespace fs = std::filesystem;

fs::path resolved(const fs::path& path) {
  std::error_code error;
  fs::path whole = fs::weakly_canonical(fs::absolute(path), error);
  if (error) whole = fs::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();  // without a slash at the end
}

}  // namespace

std::shared_ptr<storage::Engine> open_engine(const EngineUrl& url) {
  switch (url.kind) {
    case EngineKind::memory:
      return storage::memory_engine();
    case EngineKind::sqlite:
      return storage::sqlite_engine(url.folder);
    case EngineKind::sqlcipher:
      return storage::sqlcipher_engine(url.folder);
    case EngineKind::postgresql:
      break;
  }
  if (!url.direct_url.empty() && parse_engine(url.direct_url)->kind != EngineKind::postgresql)
    throw Refused({"DIRECT_URL: must be postgresql://…, as DATABASE_URL is"});
  try {
    return storage::postgres_engine(
        url.url, url.direct_url, url.connections_max,
        url.tenant_database ? storage::Isolation::tenant_database : storage::Isolation::shared);
  } catch (const storage::Fault& fault) {
    if (fault.kind != storage::FaultKind::misuse) throw;
    throw Refused({"DATABASE_URL: " + fault.name + ' ' + fault.detail});
  }
}

bool inside_data(const std::string& file, const EngineUrl& url) {
  if (url.folder.empty()) return false;
  const fs::path folder = resolved(url.folder);
  const fs::path path = resolved(file);
  const auto [end, unused] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end() || (std::next(end) == folder.end() && end->empty());
}

bool inside_data(const std::string& file, const Settings& settings) {
  const auto placements = settings.placements();
  return inside_data(file, settings.engine()) ||
         std::ranges::any_of(placements, [&](const auto& one) { return inside_data(file, one.second); });
}

std::string passphrase_of(const Settings& settings) {
  const std::string& path = settings.text("passphrase_file");
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) throw Refused({"MEDFLOW_PASSPHRASE_FILE: " + path + " cannot be read"});
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::string checkpoint_folder(const Settings& settings) {
  const std::string& given = settings.text("checkpoint_dir");
  if (given == "none") return {};
  const EngineUrl engine = settings.engine();
  if (!given.empty()) {
    if (inside_data(given, settings))
      throw Refused(
          {"MEDFLOW_CHECKPOINT_DIR: " + given + " lies inside the data folder; keep checkpoints apart from it"});
    return given;
  }
  if (engine.folder.empty()) return {};
  return resolved(engine.folder).string() + ".checkpoints";
}

std::shared_ptr<RootKeyProvider> open_root_key(const Settings& settings) {
  const std::string& path = settings.text("root_key_file");
  if (path == "memory:") {
    std::array<std::byte, 32> key{};
    system_rng()->fill(key);
    auto provider = memory_root_key(std::span<const std::byte, 32>(key));
    volatile std::byte* p = key.data();  // volatile: the compiler may not drop stores to memory that is about to go
    for (std::size_t i = 0; i < key.size(); ++i) p[i] = std::byte{0};
    return provider;
  }
  if (path.empty()) throw Refused({"MEDFLOW_ROOT_KEY_FILE: is not set, and there is no home folder to look in"});
  if (inside_data(path, settings))
    throw Refused(
        {"MEDFLOW_ROOT_KEY_FILE: " + path + " lies inside the data folder; keep the key apart from the data"});
  if (settings.text("passphrase_file").empty()) return file_root_key(path);
  const Secret passphrase(passphrase_of(settings));
  return passphrase_root_key(path, passphrase.reveal());
}

void make_root_key(const Settings& settings) {
  const std::string& path = settings.text("root_key_file");
  if (settings.text("passphrase_file").empty()) return create_root_key_file(path, *system_rng());
  const Secret passphrase(passphrase_of(settings));
  create_passphrase_root_key_file(path, passphrase.reveal(), *system_rng());
}

PlatformOptions platform_options(const Settings& settings) {
  PlatformOptions options;
  options.root_key = open_root_key(settings);  // first: a wrong key must not leave a new data folder behind
  options.engine = open_engine(settings.engine());
  for (const auto& [name, url] : settings.placements()) options.placements[name] = open_engine(url);
  options.open_tenants_max = static_cast<std::size_t>(settings.number("open_tenants"));
  options.deployment = settings.text("deployment");
  if (const std::string folder = checkpoint_folder(settings); !folder.empty())
    options.checkpoint_sinks = {file_checkpoint_sink(folder)};
  options.access_ttl_s = static_cast<std::uint32_t>(settings.number("jwt_expires_in"));
  options.refresh_ttl_s = static_cast<std::uint32_t>(settings.number("jwt_refresh_expires_in"));
  options.max_file_size = static_cast<std::uint64_t>(settings.number("max_file_size"));
  options.file_types = settings.list("allowed_file_types");
  if (const auto origins = settings.list("frontend_url"); !origins.empty()) options.link_base = origins.front();
  return options;
}

}  // namespace medflow::config
