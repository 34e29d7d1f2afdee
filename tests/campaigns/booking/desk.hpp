// The calls of those who book: on a platform in this process, or over HTTP.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/campaigns/booking/shared.hpp"

namespace medflow::campaign {

/// What a call was answered.
struct Reply {
  std::string code{};  ///< "ok", a code, or empty where no answer came
  Uuid id{};
  std::uint64_t revision = 0;
  std::int64_t start = 0;
  std::string status{};
  std::int64_t expires = 0;
  std::string token{};
  std::vector<std::int64_t> alternatives{};

  bool ok() const { return code == "ok"; }
};

struct Wanted {
  const Group* group = nullptr;
  std::size_t way = 0;
  Uuid patient{};
  std::int64_t start = 0;
  bool overbook = false;
};

inline constexpr std::string_view overbook_reason = "the doctor agreed to it";

class Desk {
 public:
  virtual ~Desk() = default;
  virtual Reply book(const Uuid& id, const Wanted& wanted) = 0;
  virtual Reply hold(const Wanted& wanted) = 0;
  virtual Reply confirm(const Uuid& id, const std::string& token) = 0;
  virtual Reply move(const Uuid& id, std::uint64_t revision, std::int64_t start) = 0;
  virtual Reply cancel(const Uuid& id, std::uint64_t revision) = 0;
  virtual Reply get(const Uuid& id) = 0;
};

std::unique_ptr<Desk> desk_in_process(Session session);
/// Of a server that takes "hand-N" for the token of hand N; its port is in `shared`, and changes when it is started anew.
std::unique_ptr<Desk> desk_over_http(const Shared& shared, std::size_t hand);

}  // namespace medflow::campaign
