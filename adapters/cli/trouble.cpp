#include "adapters/cli/trouble.hpp"

#include <algorithm>

#include "adapters/cli/text.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/fields.hpp"

namespace medflow::cli {
namespace {

/// RFC 9457, with our members.
struct Problem {
  std::string type{};
  std::string title{};
  std::int32_t status = 0;
  std::string detail{};
  std::string instance{};
  std::string code{};
  std::string kind{};
  bool retryable = false;
  std::vector<FieldError> errors{};
  std::optional<std::uint64_t> revision{};
  std::optional<std::uint32_t> retry_after{};
  std::vector<std::string> ids{};
};

std::string sentence(std::string_view text, std::string_view detail, const std::optional<std::uint64_t>& revision,
                     const std::optional<std::uint32_t>& wait_s, const std::vector<std::string>& ids) {
  std::string line(text);
  if (!detail.empty() && detail != text) line.append(line.empty() ? "" : " ").append(detail);
  if (revision) line += " It is at revision " + std::to_string(*revision) + '.';
  if (wait_s) line += " Wait " + std::to_string(*wait_s) + " s.";
  for (std::size_t i = 0; i < ids.size(); ++i) line += (i == 0 ? " See " : ", ") + ids[i];
  return line;
}

/// The kind that the problem names; what never became an operation names none, and has the kind of its status.
const ErrcRow& kind_of(int status, std::string_view name) {
  const auto kinds = error_kinds();
  const auto named = std::ranges::find(kinds, name, &ErrcRow::name);
  if (named != kinds.end()) return *named;
  const auto it = std::ranges::find(kinds, status, &ErrcRow::http_status);
  if (status != 500 && it != kinds.end()) return *it;
  if (status == 408 || status >= 502) return describe(Errc::unavailable);
  return describe(status >= 500 ? Errc::internal : Errc::malformed);
}

}  // namespace
}  // namespace medflow::cli

namespace medflow::inline v1 {

template <>
struct Described<FieldError> {
  static constexpr std::string_view name = "FieldError";
  static constexpr Field fields[] = {field<&FieldError::pointer>(1, "pointer"), field<&FieldError::code>(2, "code"),
                                     field<&FieldError::message>(3, "message")};
};

template <>
struct Described<cli::Problem> {
  using T = cli::Problem;
  static constexpr std::string_view name = "Problem";
  static constexpr Field fields[] = {field<&T::type>(1, "type"),         field<&T::title>(2, "title"),
                                     field<&T::status>(3, "status"),     field<&T::detail>(4, "detail"),
                                     field<&T::instance>(5, "instance"), field<&T::code>(6, "code"),
                                     field<&T::kind>(11, "kind"),        field<&T::retryable>(12, "retryable"),
                                     field<&T::errors>(7, "errors"),     field<&T::revision>(8, "revision"),
                                     field<&T::ids>(9, "ids"),           field<&T::retry_after>(10, "retry_after")};
};

}  // namespace medflow::inline v1

namespace medflow::cli {

Trouble::Trouble(const Error& error)
    : text_(sentence(error.code.text, error.detail, error.revision, error.retry_after_s, error.ids)),
      exit_(describe(error.kind()).exit_code),
      code_(error.code.name),
      fields_(error.fields) {}

Trouble Trouble::of_answer(int status, const std::string& body) {
  Problem problem;
  Error unreadable{.code = codes::malformed};
  Trouble trouble;
  if (!json::decode(body, type_of<Problem>, &problem, unreadable)) {
    trouble.exit_ = kind_of(status, {}).exit_code;
    trouble.text_ = "The server answered " + std::to_string(status) + '.';
    return trouble;
  }
  trouble.exit_ = kind_of(status, problem.kind).exit_code;
  trouble.text_ = sentence(problem.title, problem.detail, problem.revision, problem.retry_after, problem.ids);
  trouble.code_ = problem.code;
  trouble.fields_ = problem.errors;
  return trouble;
}

void Trouble::print(std::FILE* to) const {
  const auto put = [&](const std::string& line, const std::string& code) {
    const std::string end = code.empty() ? "\n" : " [" + harmless(code) + "]\n";
    std::fputs(("medflow: " + harmless(line) + end).c_str(), to);
  };
  for (const FieldError& field : fields_)
    put((field.pointer.empty() ? std::string("the request") : field.pointer.substr(1)) + ": " + field.message,
        field.code);
  if (fields_.empty()) put(text_, code_);
}

}  // namespace medflow::cli
