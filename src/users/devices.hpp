// A device that a user has signed in on shows a token at the next sign-in, so that strangers who fail elsewhere do not keep
// its user out (USR-3). The token says who and which device, sealed; nothing is stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/store.hpp"

namespace medflow::inline v1::users {

struct KnownDevice {
  UserId user{};
  Uuid device{};
};

std::string device_token(kernel::Store& store, const KnownDevice& known, Instant now);

/// Nothing for a token that is none of this tenant's, or is older than a year.
std::optional<KnownDevice> open_device_token(kernel::Store& store, std::string_view token, Instant now);

}  // namespace medflow::inline v1::users
