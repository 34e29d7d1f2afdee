// The virus scanner ClamAV, by its daemon's protocol over TCP.
#pragma once

#include <memory>
#include <string>

#include "medflow/ports.hpp"

namespace medflow::cli {

/// What `MEDFLOW_CLAMD` names: "host:port", or a host alone, whose port is 3310; null where it is empty. Throws config::Refused for anything else. The
/// network between must be trusted: the protocol encrypts nothing. What a scanner says of a file beyond its limits is `failed`.
std::shared_ptr<DocumentScanner> scanner_at(const std::string& place, int timeout_s = 60);

}  // namespace medflow::cli
