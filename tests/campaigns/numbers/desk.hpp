// The calls of those who issue: on a platform in this process, or over HTTP.
#pragma once

#include <memory>
#include <string>

#include "tests/campaigns/numbers/shared.hpp"

namespace medflow::campaign {

/// What a call was answered.
struct Reply {
  std::string code{};  ///< "ok", a code, or empty where nobody knows what became of it
  std::uint64_t revision = 0;
  std::string status{};
  std::string number{};
  std::uint64_t sequence = 0;

  bool ok() const { return code == "ok"; }
};

class Desk {
 public:
  virtual ~Desk() = default;
  /// One line over `amount` minor units.
  virtual Reply draft(const Uuid& id, const Uuid& patient, const Uuid& facility, std::int64_t amount) = 0;
  virtual Reply discard(const Uuid& id, std::uint64_t revision) = 0;
  /// Of yesterday where `early`.
  virtual Reply issue(const Uuid& id, std::uint64_t revision, const std::string& key, bool early) = 0;
  virtual Reply get(const Uuid& id) = 0;
};

std::unique_ptr<Desk> desk_in_process(Session session);
/// Of a server that takes "hand-N" for the token of hand N; its port is in `shared`, and changes when it is started anew.
std::unique_ptr<Desk> desk_over_http(const Shared& shared, std::size_t hand);

}  // namespace medflow::campaign
