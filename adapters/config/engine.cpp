#include "adapters/config/engine.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <system_error>

#include "medflow/storage/engine.hpp"

namespace medflow::config {
namespace {

namespace fs = std::filesystem;

fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(path), error);
  return error ? fs::absolute(path).lexically_normal() : whole;
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
  throw Refused({"DATABASE_URL: names PostgreSQL, which this build does not have"});
}

bool inside_data(const std::string& file, const EngineUrl& url) {
  if (url.folder.empty()) return false;
  const fs::path folder = resolved(url.folder);
  const fs::path path = resolved(file);
  const auto [end, unused] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end() || (std::next(end) == folder.end() && end->empty());
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
  if (inside_data(path, settings.engine()))
    throw Refused(
        {"MEDFLOW_ROOT_KEY_FILE: " + path + " lies inside the data folder; keep the key apart from the data"});
  return file_root_key(path);
}

PlatformOptions platform_options(const Settings& settings) {
  PlatformOptions options;
  options.root_key = open_root_key(settings);  // first: a wrong key must not leave a new data folder behind
  options.engine = open_engine(settings.engine());
  options.access_ttl_s = static_cast<std::uint32_t>(settings.number("jwt_expires_in"));
  options.refresh_ttl_s = static_cast<std::uint32_t>(settings.number("jwt_refresh_expires_in"));
  return options;
}

}  // namespace medflow::config
