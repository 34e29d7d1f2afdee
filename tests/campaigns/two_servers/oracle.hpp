// Compares what is stored with what was acknowledged: asks both servers, and reads the tables as their administrator does.
#pragma once

#include <string>

#include "tests/campaigns/served.hpp"
#include "tests/campaigns/two_servers/record.hpp"

namespace medflow::campaign {

/// `admin_url` is that of the database's superuser, `admin` the access token of the hospital's administrator; `folder` takes files.
void check(const Ports& ports, const std::string& admin_url, const std::string& admin, const std::string& reader,
           const std::string& folder, Record& record);

}  // namespace medflow::campaign
