#include "adapters/http/intake.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "adapters/http/form.hpp"
#include "adapters/http/problems.hpp"
#include "adapters/http/uri.hpp"
#include "adapters/json/binding.hpp"
#include "adapters/json/codec.hpp"
#include "adapters/json/openapi.hpp"

namespace medflow::http {
namespace {

using Refused = std::optional<Response>;

class RequestReader {
 public:
  RequestReader(const Match& match, Request& request, const RequestId& id, Intake& intake)
      : match_(match), route_(*match.route), request_(request), id_(id), intake_(intake) {
    intake_.value = Value(*route_.row->request);
    intake_.context = context_of(request, id);
  }

  Refused read(std::string_view query) {
    if (auto refused = read_body()) return refused;
    if (auto refused = read_query(query)) return refused;
    if (auto refused = read_path()) return refused;
    read_range();
    if (auto refused = read_if_match()) return refused;
    if (auto refused = read_reason()) return refused;
    if (auto refused = read_idempotency_key()) return refused;
    if (json::require(request_type(), given_, error_) && error_.fields.empty()) return std::nullopt;
    return respond(error_, id_);
  }

 private:
  Refused refuse(const Problem& problem, std::string_view detail = {}) const { return respond(problem, id_, detail); }

  void contradiction(const Field& field) {
    error_.fields.push_back({.pointer = "/" + std::string(field.name),
                             .code = "member.contradiction",
                             .message = "It is given twice, with different values."});
  }

  const Type& request_type() const { return *route_.row->request; }
  Method method() const { return route_.is_search_form ? Method::post : route_.row->operation->method; }
  // Who has no session says where, by a member of the body or, where there is none, in the query (USR-4, APT-19).
  bool names_tenant() const { return route_.row->operation->permission == Permission::anonymous; }
  bool takes_content() const { return route_.row->content != nullptr; }

  Refused read_body() {
    const auto type = request_.header("Content-Type");
    if (route_.row->operation->form) return read_form(type.value_or(""));
    if (takes_content()) return read_content(type);
    if (method() == Method::get || method() == Method::del)
      return request_.body.empty() ? Refused{} : refuse(problems::malformed, "This method takes no content.");
    if (type ? !is_json(*type) && !is_merge_patch(*type) : !request_.body.empty())
      return refuse(problems::unsupported_media, "The content must be application/json in UTF-8.");
    if (request_.body.empty()) return std::nullopt;
    const json::Extra tenant = names_tenant() ? json::Extra{.name = "tenant", .text = &intake_.tenant} : json::Extra{};
    if (json::merge(request_.body, request_type(), intake_.value.data(), given_, error_, tenant)) return std::nullopt;
    // Members that break a rule are told together with all others; a text that cannot be read to its end is not gone on with.
    return error_.code == codes::invalid ? Refused{} : respond(error_, id_);
  }

  // Content of a type that a form of another site could send needs a reader of its own, and there is none.
  Refused read_content(std::optional<std::string_view> type) {
    constexpr std::string_view simple[] = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"};
    const std::string_view media = type ? media_type(*type) : std::string_view{};
    const bool refused = media.empty() || std::any_of(std::begin(simple), std::end(simple), [&](std::string_view one) {
                           return equal_ignoring_case(media, one);
                         });
    if (refused) return refuse(problems::unsupported_media, "The content's own type must be named.");
    auto* content = static_cast<Content*>(route_.row->content->at(intake_.value.data()));
    *content = Content::of(std::string(media), std::move(request_.body));
    given_.add(request_type(), *route_.row->content);
    return std::nullopt;
  }

  // A file that is short may stand anywhere; of a longer one what follows it comes too late.
  Refused read_form(std::string_view type) {
    const auto boundary = form_boundary(type);
    if (!boundary) return refuse(problems::unsupported_media, "The content must be a form (multipart/form-data).");
    Pull body = request_.stream;
    if (!body) body = Content::of({}, std::move(request_.body)).pull;
    auto form = std::make_shared<Form>(std::move(body), *boundary);
    std::vector<const Field*> seen;
    std::optional<std::string> file_name;
    for (std::size_t parts = 0; !(file_name && !file_is_whole_); ++parts) {
      const auto next = form->next();
      if (!next.ok()) return respond(next.error(), id_);
      if (!*next) break;
      const Form::Part& part = **next;
      if (parts == form_parts_max || (part.file_name && file_name))
        return refuse(problems::malformed, "The form has too many parts.");
      if (part.file_name) {
        file_name = part.file_name;
        if (auto refused = read_file(form, part)) return refused;
        continue;
      }
      const auto text = form->text(form_text_max);
      if (!text.ok()) return respond(text.error(), id_);
      const Field* field = json::find_field(request_type(), part.name);
      if (field == nullptr || field == route_.row->content) {
        unknown_part();
      } else if (field->type->kind != Kind::list && std::find(seen.begin(), seen.end(), field) != seen.end()) {
        return refuse(problems::malformed, "A field of the form is there twice.");
      } else if (!text->empty()) {  // what was left empty was not filled in
        seen.push_back(field);
        set(*field, *text);
      }
    }
    const Field* named = json::find_field(request_type(), "file_name");
    if (file_name && named != nullptr && std::find(seen.begin(), seen.end(), named) == seen.end()) {
      seen.push_back(named);
      set(*named, *file_name);
    }
    for (const Field* field : seen) given_.add(request_type(), *field);
    return std::nullopt;
  }

  void unknown_part() {
    error_.fields.push_back(
        {.pointer = "", .code = "member.unknown", .message = "A field of the form is none of this operation's."});
  }

  Refused read_file(const std::shared_ptr<Form>& form, const Form::Part& part) {
    auto front = std::make_shared<std::string>();
    std::string piece(form_front_max / 16, '\0');
    while (front->size() < form_front_max) {
      const auto count = form->pull(std::as_writable_bytes(std::span(piece)));
      if (!count.ok()) return respond(count.error(), id_);
      if (*count == 0) {
        file_is_whole_ = true;
        break;
      }
      front->append(piece, 0, *count);
    }
    auto* content = static_cast<Content*>(route_.row->content->at(intake_.value.data()));
    given_.add(request_type(), *route_.row->content);
    if (file_is_whole_) {
      *content = Content::of(part.content_type, std::move(*front));
      return std::nullopt;
    }
    content->media_type = part.content_type;
    content->pull = [form, front, at = std::size_t{0}](std::span<std::byte> out) mutable -> Result<std::size_t> {
      if (at < front->size()) {
        const std::size_t count = std::min(out.size(), front->size() - at);
        std::memcpy(out.data(), front->data() + at, count);
        at += count;
        return count;
      }
      auto count = form->pull(out);
      if (!count.ok() || *count > 0) return count;
      const auto next = form->next();
      if (!next.ok()) return next.error();
      if (*next) return Error{.code = codes::malformed, .detail = "Fields of a form go before a large file."};
      return std::size_t{0};
    };
    return std::nullopt;
  }

  static std::string_view media_type(std::string_view value) {
    value = value.substr(0, value.find(';'));
    while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
    return value;
  }

  static bool is_json(std::string_view value) {
    if (value == "application/json") return true;
    if (!equal_ignoring_case(media_type(value), "application/json")) return false;
    std::string rest;
    for (const char c : value.substr(std::min(value.find(';'), value.size())))
      if (c != ' ' && c != '\t' && c != '"') rest.push_back(c);
    return rest.empty() || equal_ignoring_case(rest, ";charset=utf-8");
  }

  // RFC 7396, 4.
  bool is_merge_patch(std::string_view value) const {
    return method() == Method::patch && equal_ignoring_case(media_type(value), "application/merge-patch+json");
  }

  const Field* query_field(std::string_view name) const {
    const Field* field = json::find_field(request_type(), name);
    const bool in_url = !route_.is_search_form;
    return in_url && field != nullptr && json::place_of(*route_.row, *field) == json::Place::query ? field : nullptr;
  }

  Refused read_query(std::string_view query) {
    if (query.empty()) return std::nullopt;
    const auto pairs = query_pairs(query);
    if (!pairs) return refuse(problems::target, "The query holds a broken escape.");
    std::vector<const Field*> seen;
    for (const auto& [name, value] : *pairs) {
      const Field* field = query_field(name);
      if (field == nullptr && name == "tenant" && method() == Method::get && names_tenant()) {
        if (!intake_.tenant.empty()) return refuse(problems::repeated_parameter);
        intake_.tenant = value;
        continue;
      }
      if (field == nullptr) return refuse(problems::unknown_parameter);
      if (field->type->kind != Kind::list && std::find(seen.begin(), seen.end(), field) != seen.end())
        return refuse(problems::repeated_parameter);
      if (seen.empty() || seen.back() != field) seen.push_back(field);
      set(*field, value);
    }
    for (const Field* field : seen) given_.add(request_type(), *field);
    return std::nullopt;
  }

  Refused read_path() {
    for (std::size_t i = 0; i < route_.parameters.size(); ++i) {
      const Field& field = *route_.parameters[i];
      const auto text = percent_decoded(match_.values[i]);
      if (!text) return refuse(problems::target, "The path holds a broken escape.");
      const std::string before = held(field);
      set(field, *text);
      given_.add(request_type(), field);
      if (!before.empty() && before != held(field)) contradiction(field);
    }
    return std::nullopt;
  }

  void set(const Field& field, std::string_view text) {
    json::set_from_text(field, intake_.value.data(), text, error_);
  }

  // What a path parameter holds, as something to compare; empty where it was not given.
  std::string held(const Field& field) {
    const void* at = field.at(intake_.value.data());
    if (field.type->kind == Kind::uuid) {
      Uuid id;
      std::memcpy(id.bytes.data(), at, id.bytes.size());
      return id.is_nil() ? std::string{} : std::string(id.view());
    }
    return field.type->kind == Kind::text ? *static_cast<const std::string*>(at) : std::string{};
  }

  // One strong entity tag of ours, or `*`, which any revision satisfies (RFC 9110, 13.1.1).
  Refused read_if_match() {
    if (method() == Method::get) return std::nullopt;  // weighed when the answer is there
    if (request_.header("If-None-Match")) return refuse(problems::if_none_match);
    const auto value = request_.header("If-Match");
    if (!value || *value == "*") return std::nullopt;
    if (route_.expected_revision == nullptr) return refuse(problems::if_match, "This operation knows no revisions.");
    std::string_view tag = *value;
    const bool is_weak = tag.starts_with("W/");
    if (is_weak) tag.remove_prefix(2);
    if (tag.size() < 2 || !tag.starts_with('"') || !tag.ends_with('"') || tag.find('"', 1) != tag.size() - 1)
      return refuse(problems::if_match);
    const auto revision = number(tag.substr(1, tag.size() - 2));
    if (is_weak || !revision) return respond(Error{.code = codes::if_match}, id_);
    expect_revision(*revision);
    return std::nullopt;
  }

  static std::optional<std::int64_t> number(std::string_view digits) {
    if (digits.empty() || digits.size() > 18) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return value;
  }

  void expect_revision(std::int64_t revision) {
    const Field& field = *route_.expected_revision;
    const Type& type = *field.type;
    void* at = field.at(intake_.value.data());
    if (type.has(at) && type.element->get_integer(type.get(at)) != revision) contradiction(field);
    type.element->set_integer(type.emplace(at), revision);
    given_.add(request_type(), field);
    intake_.if_match = true;
  }

  Refused read_reason() {
    const auto value = request_.header("Medflow-Reason");
    if (!value || route_.reason == nullptr) return std::nullopt;
    auto reason = extended_value(*value);
    if (!reason) return refuse(problems::reason);
    auto& text = *static_cast<std::string*>(route_.reason->at(intake_.value.data()));
    if (!text.empty() && text != *reason) contradiction(*route_.reason);
    set(*route_.reason, *reason);
    given_.add(request_type(), *route_.reason);
    return std::nullopt;
  }

  // One range of bytes (RFC 9110, 14.2); what else the header may say is left out, as if it were not there.
  void read_range() {
    const Field* field = json::find_field(request_type(), "range");
    const auto value = request_.header("Range");
    if (field == nullptr || !field->is(FieldFlag::header) || !value || request_.header("If-Range")) return;
    constexpr std::string_view unit = "bytes=";
    if (!equal_ignoring_case(value->substr(0, unit.size()), unit)) return;
    const std::string_view range = value->substr(unit.size());
    const bool one = std::all_of(range.begin(), range.end(), [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
    if (!one || range.size() > static_cast<std::size_t>(field->rules.max)) return;
    static_cast<std::string*>(field->at(intake_.value.data()))->assign(range);
    given_.add(request_type(), *field);
  }

  // Without meaning beside other methods, which are safe to send again by themselves (RFC 9110, 9.2.2).
  Refused read_idempotency_key() {
    const auto key = request_.header("Idempotency-Key");
    if (!key || method() != Method::post) return std::nullopt;
    if (key->empty()) return refuse(problems::malformed, "The Idempotency-Key is empty.");
    intake_.context.idempotency_key = *key;
    return std::nullopt;
  }

  static constexpr std::size_t form_parts_max = 64;
  static constexpr std::size_t form_text_max = 64UL * 1024;
  static constexpr std::size_t form_front_max = 1024UL * 1024;  ///< of a file, until it is known whether it is longer

  const Match& match_;
  const Route& route_;
  Request& request_;
  RequestId id_;
  Intake& intake_;
  json::Given given_{};
  Error error_{.code = codes::invalid};
  bool file_is_whole_ = false;
};

}  // namespace

CallContext context_of(const Request& request, const RequestId& id) {
  CallContext context{.request_id = id, .address = std::string(request.address)};
  if (const auto agent = request.header("User-Agent")) context.user_agent = *agent;
  return context;
}

std::optional<Response> take_in(const Match& match, std::string_view query, Request& request, const RequestId& id,
                                Intake& intake) {
  return RequestReader(match, request, id, intake).read(query);
}

}  // namespace medflow::http
