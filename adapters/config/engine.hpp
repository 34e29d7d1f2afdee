// What the settings name, opened: the engine and the root key.
#pragma once

#include <memory>
#include <string>

#include "adapters/config/settings.hpp"
#include "medflow/platform.hpp"

namespace medflow::config {

/// The engine of a URL. The file engines make their folder. Throws what the engine throws (storage::Fault), and Refused for one
/// that this build does not have.
std::shared_ptr<storage::Engine> open_engine(const EngineUrl& url);

/// Whether the root key file would lie inside the data folder, where a copy of the data would take the key along. Symbolic links
/// are followed as far as they exist.
bool inside_data(const std::string& file, const EngineUrl& url);
/// The same of any of the engines that the settings name.
bool inside_data(const std::string& file, const Settings& settings);

/// The root key that the settings name. Throws Refused for a path inside the data folder, and Failure `key.mismatch` for a file
/// that is none.
std::shared_ptr<RootKeyProvider> open_root_key(const Settings& settings);

/// Makes the root key file that the settings name, under a passphrase where they name one. Throws as the library does.
void make_root_key(const Settings& settings);

/// Where checkpoints are kept: what the setting says, else beside the data folder; empty for nowhere.
std::string checkpoint_folder(const Settings& settings);

/// Engine, root key, checkpoints and terms of tokens as the settings have them; every other option has its default.
PlatformOptions platform_options(const Settings& settings);

}  // namespace medflow::config
