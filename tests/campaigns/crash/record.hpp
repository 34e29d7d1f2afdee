// What the worker acknowledges and the parent keeps: one line for each call that returned.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "medflow/medflow.hpp"

namespace medflow::campaign {

/// What was acknowledged: a register, an update, a read (get) or a login. `text` is the content's tag or the access
/// token.
enum class Did : char { registered = 'R', updated = 'U', read = 'G', signed_in = 'L' };

struct Ack {
  Did did = Did::read;
  Uuid request{};  ///< the call's request id, which its audit event carries
  Uuid patient{};
  std::uint64_t revision = 0;
  std::string text{};

  std::string line() const {
    return std::string(1, static_cast<char>(did)) + " " + request.text() + " " + patient.text() + " " +
           std::to_string(revision) + " " + (text.empty() ? "-" : text) + "\n";
  }
  /// False where the line is cut off or something else.
  static bool parse(const std::string& line, Ack& out) {
    std::istringstream words(line);
    char did = 0;
    std::string request, patient;
    if (!(words >> did >> request >> patient >> out.revision >> out.text)) return false;
    out.did = static_cast<Did>(did);
    const auto parsed = Uuid::parse(request);
    if (!parsed) return false;
    out.request = *parsed;
    out.patient = Uuid::parse(patient).value_or(Uuid{});
    return true;
  }
};

/// Everything of a patient follows from a tag (small letters), so that a mixture of two writes is seen.
inline patients::Register content_of(const std::string& tag) {
  std::uint64_t hash = 1469598103934665603U;
  for (const char c : tag) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  patients::Register content{.names = {{.family = "Crash" + tag, .given = {"Given" + tag, "Second"}}},
                             .birth = patients::Birth{.date = {static_cast<std::int16_t>(1930 + hash % 80), 3, 7}},
                             .sex_admin = hash % 2 == 0 ? patients::Sex::male : patients::Sex::female};
  content.identifiers = {{.system = "urn:test:crash", .value = tag, .type = "NI"}};
  content.phones = {{.e164 = "+44" + std::to_string(1'000'000'000 + hash % 1'000'000'000)}};
  content.emails = {tag + "@example.org"};
  content.addresses = {{.lines = {"1 " + tag + " Street"}, .city = "Town" + tag, .country = "GB"}};
  content.extensions = {{.url = "urn:test:tag", .value = tag}};
  return content;
}

/// How many rows of `patient_tokens` such a patient has: the record number, the identifier, a phone, an address.
inline constexpr int tokens_of_patient = 4;

/// The tag of a patient that is whole, nothing where its parts do not fit together.
inline std::string tag_of(const patients::Patient& patient) {
  if (patient.extensions.size() != 1) return {};
  const std::string tag = patient.extensions[0].value;
  const patients::Register content = content_of(tag);
  const bool whole = patient.names == content.names && patient.birth == content.birth &&
                     patient.sex_admin == content.sex_admin && patient.identifiers == content.identifiers &&
                     patient.phones == content.phones && patient.emails == content.emails &&
                     patient.addresses == content.addresses && patient.facilities.size() == 1;
  return whole ? tag : std::string();
}

}  // namespace medflow::campaign
