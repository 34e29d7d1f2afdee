// Which operation a method and a path mean: a tree of path segments, built once from the operations' rows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::http {

/// An operation's route, with what would otherwise be looked for on every request.
struct Route {
  const OperationRow* row = nullptr;
  std::vector<const Field*> parameters{};    ///< the path's, in the path's order
  const Field* expected_revision = nullptr;  ///< the request's `revision`
  const Field* reason = nullptr;             ///< the request's member that Medflow-Reason fills
  const Field* output_revision = nullptr;    ///< what the ETag tells
  const Field* output_id = nullptr;          ///< where there is a route to what was made: its id, for Location
  bool signs_out = false;
  bool takes_cookies = false;                ///< whether a page of another origin may send credentials along
  const Field* refresh_token = nullptr;      ///< of a renewal: the secret that names its session
  const Field* new_refresh_token = nullptr;  ///< and the one that its answer puts into its place
  bool is_search_form = false;  ///< the second way to a list: POST `…/search`, its members in the body (R12)
};

inline constexpr std::size_t parameters_max = 4;

/// What a path led to.
struct Match {
  const Route* route = nullptr;                           ///< none where the path or the method is not known
  std::array<std::string_view, parameters_max> values{};  ///< still encoded, in the order of `route->parameters`
  std::string_view allow{};  ///< the methods known on this path; empty: the path is not known
};

class Routes {
 public:
  /// Fixed segments are preferred to parameters. Asserts that each parameter of a path is a field of its request.
  explicit Routes(std::span<const OperationRow> rows);

  /// `path` is relative to the base path and begins with a slash. HEAD is answered by the route of GET.
  Match find(std::string_view method, std::string_view path) const;

  std::size_t size() const { return routes_.size(); }

 private:
  struct Node {
    std::string_view segment{};  ///< empty: a parameter
    std::vector<std::uint32_t> children{};
    std::array<const Route*, 5> by_method{};
    std::string allow{};
  };

  std::uint32_t child(std::uint32_t parent, std::string_view segment);
  void add(const OperationRow& row, std::span<const OperationRow> rows);
  void place(std::unique_ptr<Route> route);

  std::vector<Node> nodes_{1};
  std::vector<std::unique_ptr<Route>> routes_{};
};

}  // namespace medflow::http
