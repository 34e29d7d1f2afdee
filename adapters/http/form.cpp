#include "adapters/http/form.hpp"

#include <algorithm>
#include <cstring>

#include "adapters/http/message.hpp"

namespace medflow::http {
namespace {

constexpr std::size_t piece_bytes = 64UL * 1024;
constexpr std::size_t head_bytes_max = 8UL * 1024;

Error broken(std::string detail) { return {.code = codes::malformed, .detail = std::move(detail)}; }

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// The value of a parameter, "; name=value" or "; name=\"value\"". Browsers escape quotes by per cent, older programs by a backslash.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at < header.size()) {
    std::string_view rest = trimmed(header.substr(at + 1));
    const std::size_t equals = rest.find_first_of("=;");
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view found = trimmed(rest.substr(0, equals));
    if (rest[equals] == ';') {
      at = static_cast<std::size_t>(rest.data() - header.data()) + equals;
      continue;
    }
    rest = trimmed(rest.substr(equals + 1));
    std::string value;
    std::size_t used = 0;
    if (rest.starts_with('"')) {
      used = 1;
      while (used < rest.size() && rest[used] != '"') {
        if (rest[used] == '\\' && used + 1 < rest.size() && rest[used + 1] == '"') ++used;
        value.push_back(rest[used++]);
      }
      if (used == rest.size()) return std::nullopt;
      ++used;
    } else {
      used = std::min(rest.find(';'), rest.size());
      value = trimmed(rest.substr(0, used));
    }
    if (equal_ignoring_case(found, name)) return value;
    at = header.find(';', static_cast<std::size_t>(rest.data() - header.data()) + used);
  }
  return std::nullopt;
}

/// What browsers escape in names: quotes and line ends (WHATWG HTML, 4.10.21.8).
std::string unescaped(std::string text) {
  for (const auto& [escape, plain] : {std::pair<std::string_view, char>{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}})
    for (std::size_t at = text.find(escape); at != std::string::npos; at = text.find(escape, at + 1))
      text.replace(at, escape.size(), 1, plain);
  return text;
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  const std::string_view media = trimmed(content_type.substr(0, content_type.find(';')));
  if (!equal_ignoring_case(media, "multipart/form-data")) return std::nullopt;
  auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70 || boundary->back() == ' ') return std::nullopt;
  constexpr std::string_view others = "'()+_,-./:=? ";
  const bool sound = std::all_of(boundary->begin(), boundary->end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
  });
  return sound ? boundary : std::nullopt;
}

// The first delimiter has no line end before it: one is put there.
Form::Form(Pull body, const std::string& boundary)
    : body_(std::move(body)), delimiter_("\r\n--" + boundary), buffer_("\r\n") {}

Result<bool> Form::fill() {
  if (body_ended_) return false;
  if (at_ >= piece_bytes) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  const std::size_t before = buffer_.size();
  buffer_.resize(before + piece_bytes);
  const auto count = body_(std::as_writable_bytes(std::span(buffer_).subspan(before)));
  buffer_.resize(before + (count.ok() ? *count : 0));
  if (!count.ok()) return count.error();
  body_ended_ = *count == 0;
  return !body_ended_;
}

Result<bool> Form::have(std::size_t bytes) {
  while (rest() < bytes) {
    const auto more = fill();
    if (!more.ok()) return more;
    if (!*more) return false;
  }
  return true;
}

Result<std::optional<Form::Part>> Form::next() {
  if (where_ == At::end) return std::optional<Part>{};
  if (where_ == At::begin) {
    const auto there = have(delimiter_.size());
    if (!there.ok()) return there.error();
    if (!*there || !view().starts_with(delimiter_)) return broken("The form does not begin with its boundary.");
    skip(delimiter_.size());
  }
  const auto there = have(2);
  if (!there.ok()) return there.error();
  if (!*there) return broken("The form has no end.");
  if (view().starts_with("--")) {
    where_ = At::end;
    return std::optional<Part>{};
  }
  if (!view().starts_with("\r\n")) return broken("A boundary does not end its line.");
  std::size_t end = view().find("\r\n\r\n");
  while (end == std::string_view::npos) {
    if (rest() > head_bytes_max) return broken("The head of a part is too long.");
    const auto more = fill();
    if (!more.ok()) return more.error();
    if (!*more) return broken("The form has no end.");
    end = view().find("\r\n\r\n");
  }
  Part part;
  bool has_disposition = false;
  std::string_view head = view().substr(2, end > 2 ? end - 2 : 0);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.find_first_of("\r\n") != std::string_view::npos ||
        line.find('\0') != std::string_view::npos)
      return broken("The head of a part cannot be read.");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equal_ignoring_case(name, "Content-Type")) part.content_type = value;
    if (equal_ignoring_case(name, "Content-Transfer-Encoding") && !equal_ignoring_case(value, "binary") &&
        !equal_ignoring_case(value, "8bit") && !equal_ignoring_case(value, "7bit"))
      return broken("A part is encoded (RFC 7578, 4.7).");
    if (!equal_ignoring_case(name, "Content-Disposition")) continue;
    const std::string_view kind = trimmed(value.substr(0, value.find(';')));
    auto field = parameter(value, "name");
    if (has_disposition || !equal_ignoring_case(kind, "form-data") || !field)
      return broken("A part does not say what it is.");
    has_disposition = true;
    part.name = unescaped(std::move(*field));
    if (auto file_name = parameter(value, "filename")) part.file_name = unescaped(std::move(*file_name));
  }
  if (!has_disposition) return broken("A part does not say what it is.");
  skip(end + 4);
  where_ = At::content;
  return std::optional<Part>(std::move(part));
}

Result<std::size_t> Form::pull(std::span<std::byte> out) {
  if (where_ != At::content || out.empty()) return std::size_t{0};
  while (true) {
    const std::size_t found = view().find(delimiter_);
    if (found == 0) {
      skip(delimiter_.size());
      where_ = At::between;
      return std::size_t{0};
    }
    // What may be the beginning of the delimiter waits for the rest of it.
    const std::size_t sure = found != std::string_view::npos ? found : rest() - std::min(rest(), delimiter_.size() - 1);
    if (sure > 0) {
      const std::size_t count = std::min(sure, out.size());
      std::memcpy(out.data(), view().data(), count);
      skip(count);
      return count;
    }
    const auto more = fill();
    if (!more.ok()) return more.error();
    if (!*more) return broken("The form has no end.");
  }
}

Result<std::string> Form::text(std::size_t limit) {
  std::string all;
  std::string piece(std::min<std::size_t>(limit + 1, 4096), '\0');
  while (true) {
    const auto count = pull(std::as_writable_bytes(std::span(piece)));
    if (!count.ok()) return count.error();
    if (*count == 0) return all;
    all.append(piece, 0, *count);
    if (all.size() > limit) return Error{.code = codes::too_large, .detail = "A field of the form is too long."};
  }
}

}  // namespace medflow::http
