// What a network address tells beside whose it is.
#pragma once

#include <string>
#include <string_view>

#include "medflow/users.hpp"

namespace medflow::inline v1::users {

/// How near an address is; `unknown` for what is none.
sessions::Network network_of(std::string_view address);

/// The block that an address lies in, as bytes: the first 24 bits of an IPv4 address (also of one in IPv6 form), the first 48 of an IPv6
/// one. Empty for what is no address.
std::string block_of(std::string_view address);

}  // namespace medflow::inline v1::users
