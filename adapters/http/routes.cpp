#include "adapters/http/routes.hpp"

#include <cassert>
#include <utility>

#include "adapters/json/binding.hpp"
#include "adapters/json/openapi.hpp"

namespace medflow::http {
namespace {

constexpr std::uint32_t nowhere = 0;  // the root is nobody's child

constexpr std::string_view method_names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

std::size_t method_index(std::string_view method) {
  if (method == "HEAD") return 0;
  for (std::size_t i = 0; i < std::size(method_names); ++i)
    if (method == method_names[i]) return i;
  return std::size(method_names);
}

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

const Field* find_field_of(const Type& type, std::string_view name, Kind kind) {
  const Field* field = json::find_field(type, name);
  return field != nullptr && field->type->kind == kind ? field : nullptr;
}

const Field* find_reason(const Type& request) {
  for (const Field& field : request.fields)
    if (field.is(FieldFlag::header) && field.type->kind == Kind::text) return &field;
  return nullptr;
}

// `revision` of an update is optional<uint64>: whether it was given is for the kernel to ask.
const Field* find_expected_revision(const Type& request) {
  const Field* field = find_field_of(request, "revision", Kind::optional);
  return field != nullptr && field->type->element->kind == Kind::integer ? field : nullptr;
}

// A thing that was made has a place of its own where "<path>/{id}" can be read.
bool can_be_read(std::string_view path, std::span<const OperationRow> rows) {
  for (const OperationRow& row : rows) {
    const std::string_view other = row.operation->path;
    if (row.operation->method == Method::get && other.size() == path.size() + 5 && other.starts_with(path) &&
        other.ends_with("/{id}"))
      return true;
  }
  return false;
}

/// The id of what was made, which not everything of its type needs to have.
const Field* find_id(const Type& output) {
  const Field* field = json::find_field(output, "id");
  const bool is_id =
      field != nullptr && (field->type->kind == Kind::uuid ||
                           (field->type->kind == Kind::optional && field->type->element->kind == Kind::uuid));
  return is_id ? field : nullptr;
}

}  // namespace

Routes::Routes(std::span<const OperationRow> rows) {
  for (const OperationRow& row : rows) add(row, rows);
  for (Node& node : nodes_) {
    for (std::size_t i = 0; i < node.by_method.size(); ++i) {
      if (node.by_method[i] == nullptr) continue;
      if (!node.allow.empty()) node.allow.append(", ");
      node.allow.append(method_names[i]);
      if (i == 0) node.allow.append(", HEAD");
    }
    if (!node.allow.empty()) node.allow.append(", OPTIONS");
  }
}

std::uint32_t Routes::child(std::uint32_t parent, std::string_view segment) {
  for (const std::uint32_t index : nodes_[parent].children)
    if (nodes_[index].segment == segment) return index;
  const auto made = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back().segment = segment;
  nodes_[parent].children.push_back(made);
  return made;
}

void Routes::add(const OperationRow& row, std::span<const OperationRow> rows) {
  auto route = std::make_unique<Route>();
  route->row = &row;
  route->expected_revision = find_expected_revision(*row.request);
  route->reason = find_reason(*row.request);
  if (row.shape == Shape::value) {
    route->output_revision = find_field_of(*row.output, "revision", Kind::integer);
    if (row.operation->status == 201 && can_be_read(row.operation->path, rows)) route->output_id = find_id(*row.output);
  }
  route->signs_out = row.operation->name == "auth.logout";
  route->takes_cookies = route->signs_out || row.operation->name == "auth.refresh";
  if (row.operation->name == "auth.refresh") {
    route->refresh_token = json::find_field(*row.request, "refresh_token");
    route->new_refresh_token = json::find_field(*row.output, "refresh_token");
  }
  place(std::move(route));

  if (!json::has_search_form(row, rows)) return;
  auto form = std::make_unique<Route>();
  form->row = &row;
  form->is_search_form = true;
  place(std::move(form));
}

void Routes::place(std::unique_ptr<Route> route) {
  const Operation& operation = *route->row->operation;
  std::uint32_t node = 0;
  for (std::string_view path = operation.path; !path.empty();) {
    const std::string_view segment = take_segment(path);
    const bool is_parameter = segment.starts_with('{');
    if (is_parameter) {
      const Field* field = json::find_field(*route->row->request, segment.substr(1, segment.size() - 2));
      assert(field != nullptr && "a path parameter that is no field of the request");
      route->parameters.push_back(field);
    }
    node = child(node, is_parameter ? std::string_view{} : segment);
  }
  assert(route->parameters.size() <= parameters_max);
  if (route->is_search_form) node = child(node, json::search_form_path.substr(1));
  const Method method = route->is_search_form ? Method::post : operation.method;
  nodes_[node].by_method[static_cast<std::size_t>(method)] = route.get();
  routes_.push_back(std::move(route));
}

Match Routes::find(std::string_view method, std::string_view path) const {
  Match match;
  std::size_t values = 0;
  std::uint32_t node = 0;
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    std::uint32_t fixed = nowhere;
    std::uint32_t parameter = nowhere;
    for (const std::uint32_t index : nodes_[node].children) {
      if (nodes_[index].segment.empty()) parameter = index;
      if (!segment.empty() && nodes_[index].segment == segment) fixed = index;
    }
    node = fixed != nowhere ? fixed : parameter;
    if (node == nowhere) return match;
    if (fixed == nowhere) match.values[values++] = segment;
  }
  const Node& found = nodes_[node];
  match.allow = found.allow;
  const std::size_t index = method_index(method);
  if (index < found.by_method.size()) match.route = found.by_method[index];
  return match;
}

}  // namespace medflow::http
