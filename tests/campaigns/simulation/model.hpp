// What the hospital must answer, kept as simply as can be: a map that is looked through for every question.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/medflow.hpp"

namespace medflow::campaign {

struct Known {
  std::uint64_t revision = 1;
  std::string mrn{};
  std::string family{};
  std::string given{};
  std::string identifier{};  ///< empty for none
  bool deleted = false;
  friend bool operator==(const Known&, const Known&) = default;
};

class Model {
 public:
  std::map<PatientId, Known> patients{};
  std::map<UserId, bool> enabled{};
  std::set<std::string> dead_tokens{};  ///< access tokens whose session was ended

  const Known* visible(const PatientId& id) const {
    const auto found = patients.find(id);
    return found == patients.end() || found->second.deleted ? nullptr : &found->second;
  }
  /// Whether somebody else bears this identifier.
  bool taken(std::string_view identifier, const std::optional<PatientId>& but = {}) const {
    return !identifier.empty() && std::any_of(patients.begin(), patients.end(), [&](const auto& entry) {
      return !entry.second.deleted && entry.first != but && entry.second.identifier == identifier;
    });
  }
  bool mrn_taken(std::string_view mrn) const {
    return std::any_of(patients.begin(), patients.end(), [&](const auto& entry) { return entry.second.mrn == mrn; });
  }
  std::vector<PatientId> list() const {
    std::vector<PatientId> ids;
    for (const auto& [id, known] : patients)
      if (!known.deleted) ids.push_back(id);
    return ids;
  }
  /// Rule R5 for one word of plain letters: exact before the beginning of a name, then family, given, id.
  std::vector<PatientId> search(const std::string& word) const {
    using Place = std::tuple<bool, std::string, std::string, PatientId>;
    std::vector<Place> found;
    for (const auto& [id, known] : patients) {
      const std::string family = lower(known.family), given = lower(known.given);
      if (known.deleted || (!family.starts_with(word) && !given.starts_with(word))) continue;
      found.emplace_back(family != word && given != word, family, given, id);
    }
    std::sort(found.begin(), found.end());
    std::vector<PatientId> ids;
    for (const Place& place : found) ids.push_back(std::get<3>(place));
    return ids;
  }

 private:
  static std::string lower(std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
  }
};

}  // namespace medflow::campaign
