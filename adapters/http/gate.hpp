// The gate that every request's header passes before anything looks at what it asks for (`security.md`, "HTTP adapter").
//
// It is stricter than RFC 9112 wherever two readers could understand a header differently: what a proxy in front of us might
// read another way is refused here.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "adapters/http/message.hpp"
#include "adapters/http/problems.hpp"

namespace medflow::http {

/// A request's header as the parser saw it.
struct Head {
  std::string_view method{};
  std::string_view target{};
  int version = 11;  ///< 10 × major + minor
  std::span<const HeaderField> fields{};
};

struct GateOptions {
  std::size_t target_bytes_max = 8 * 1024;
  std::size_t fields_max = 64;
  std::span<const std::string_view> hosts{};  ///< the names that are served, without a port; empty: any
};

/// Why a request was refused. `close`: the connection must not be used again, since where the next request begins is in doubt.
struct Refusal {
  const Problem* problem = nullptr;
  std::string_view detail{};
  bool close = true;
};

/// The first reason to refuse, none where the request may go on.
std::optional<Refusal> gate(const Head& head, const GateOptions& options);

}  // namespace medflow::http
