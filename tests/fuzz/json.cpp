// The JSON codec: what is read and written again is read as the same, and a refusal says no more than it may.
//   input: type of an operation, 2 bytes | a JSON text
#include <algorithm>
#include <string>

#include "adapters/json/codec.hpp"
#include "adapters/json/examples.hpp"
#include "adapters/json/utf8.hpp"
#include "storage/block_codec.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/fuzz/types.hpp"

namespace medflow::fuzz {
namespace {

constexpr std::size_t answer_max = 16 * json::bytes_max;  // an escape is six bytes

/// The plant: a control character is lost on its way out.
std::string written(const Value& value) {
  std::string text;
  json::encode(value.type(), value.data(), text, json::Secrets::write);
  if (const std::size_t at = planted ? text.find("\\u001f") : std::string::npos; at != std::string::npos)
    text.replace(at, 6, " ");
  return text;
}

std::string stored(const Value& value) {
  std::string block;
  storage::encode_fields(value.type(), value.data(), 0, block);
  return block;
}

void check_refusal(const Error& error) {
  demand(error.code.name == codes::malformed.name || error.code.name == codes::too_large.name ||
             error.code.name == codes::invalid_utf8.name || error.code.name == codes::invalid.name,
         "a text is refused with one of four codes");
  demand((error.code.name == codes::invalid.name) != error.fields.empty(),
         "invalid names fields, and nothing else does");
  demand(error.fields.size() <= field_errors_max, "at most 100 fields are named");
  for (const FieldError& field : error.fields) {
    demand(json::valid_utf8(field.pointer), "a pointer is UTF-8");
    demand(!field.code.empty() && !field.message.empty(), "each field is told why");
  }
}

/// Nil ids and currencies that are not set are not written, so a required one may be missing in what we wrote; nothing else may be wrong.
bool lacks_required_only(const Error& error) {
  return error.code.name == codes::invalid.name &&
         std::all_of(error.fields.begin(), error.fields.end(),
                     [](const auto& field) { return field.code == "required"; });
}

void run(std::string_view bytes) {
  Input input(bytes);
  const Type& type = *operation_types()[input.number(2) % operation_types().size()];
  const std::string_view text = input.rest();

  Value first(type);
  Error error;
  if (!json::decode(text, type, first.data(), error)) return check_refusal(error);
  demand(json::valid_utf8(text), "what is read is UTF-8");

  const std::string once = written(first);
  demand(json::valid_utf8(once), "what is written is UTF-8");
  demand(once.find_first_of("<>&") == std::string::npos, "what is written is harmless in HTML");
  Value second(type);
  if (!json::decode(once, type, second.data(), error, answer_max)) {
    demand(lacks_required_only(error), "what was written is read");
    return;
  }
  demand(written(second) == once, "what is read from our own text is written as it was");
  if (is_all_told(type)) demand(stored(second) == stored(first), "an object survives the way to JSON and back");
}

std::string of_type(const Type& type, std::string_view text) {
  const auto& types = operation_types();
  const auto at = static_cast<std::size_t>(std::find(types.begin(), types.end(), &type) - types.begin());
  return std::string{static_cast<char>(at >> 8U), static_cast<char>(at)}.append(text);
}

std::vector<std::string> seeds() {
  constexpr std::string_view id = "\"0192f3a4-1111-7222-8333-444455556666\"";
  std::vector<std::string> all;
  for (const json::Example& example : json::examples()) {
    if (example.content_type != "application/json") continue;
    std::string text(example.body.empty() ? std::string_view("{}") : example.body);
    for (std::size_t at = text.find("\"{{"); at != std::string::npos; at = text.find("\"{{"))
      text.replace(at, text.find("}}\"", at) + 3 - at, id);
    all.push_back(of_type(*find_operation(example.operation)->request, text));
  }
  const Type& patient = *find_operation("patients.get")->output;
  for (
      const std::string_view text :
      {R"({"id":"0192f3a4-1111-7222-8333-444455556666","revision":7,"mrn":"MF-00000001-8","names":[{"family":"M\u00fcller \u2028","given":["Anna\n","\u674e"]}],"birth":{"date":"1980-05","estimated":true},"sex_admin":"other","zone":"Europe/London"})",
       R"({"names":[{"family":"\u001f \u0000 \ud83d\ude00 </script>&"}],"deceased":{"at":"2024-02-29"},"created_at":"2016-12-31T23:59:59.999999Z"})",
       R"({"extensions":[{"url":"https://example.org/a","value":"1"}],"revision":9223372036854775807})",
       R"({"names":null,"birth":null,"revision":-1,"revision":1e2,"x":{"y":[[[]]]}})", "{\"mrn\":\"a\xC0\xAF\"}"})
    all.push_back(of_type(patient, text));
  return all;
}

}  // namespace

const Target json_target{
    .name = "json", .plant = "the control character U+001F is written as a space", .run = run, .seeds = seeds};

}  // namespace medflow::fuzz
