// Words that stand for a patient's data, and the search for them in every byte of a folder.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace medflow::testing {

/// Words that occur nowhere else, each in one kind of field.
/// (A staff member's display name is no secret: it stands in a plain column.)
inline const std::vector<std::string> canaries = {"Quetzalfam",
                                                  "Quetzalgiven",
                                                  "Quetzalprefix",
                                                  "Quetzalgender",
                                                  "QTZ-555-0199",
                                                  "+445550198765",
                                                  "quetzal@canary.example",
                                                  "77 Quetzal Lane",
                                                  "Quetzalville",
                                                  "Quetzalcounty",
                                                  "QZ9 9QZ",
                                                  "QuetzalExtension",
                                                  "QuetzalCause",
                                                  "QuetzalFlag",
                                                  "QuetzalReason",
                                                  "QuetzalDelete",
                                                  "QuetzalRestore",
                                                  "quetzalstaff@canary.example",
                                                  "+445550191111",
                                                  "QuetzalUpdate",
                                                  "QuetzalDevice",
                                                  "quetzal-agent",
                                                  "203.0.113.77",
                                                  "QuetzalLeave",
                                                  "QuetzalHost",
                                                  "QuetzalVisit",
                                                  "QuetzalNotes",
                                                  "QuetzalCancel",
                                                  "QuetzalInsist",
                                                  "QuetzalUndo",
                                                  "QuetzalReferral",
                                                  "QuetzalMember",
                                                  "QuetzalPolicy",
                                                  "QuetzalDressing",
                                                  "QuetzalRebate",
                                                  "QuetzalBill",
                                                  "QuetzalCredit",
                                                  "QuetzalGiveUp",
                                                  "QuetzalRefund",
                                                  "quetzal wistful 93 parsnip"};

inline std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// As written, in small letters, and without what is between digits: an index may have made it so.
inline std::vector<std::string> forms(const std::string& canary) {
  std::string bare;
  for (const char c : canary)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) bare += c;
  return {canary, lower(canary), bare, lower(bare)};
}

inline std::set<std::string> found_in(const std::string& bytes) {
  std::set<std::string> found;
  for (const std::string& canary : canaries)
    for (const std::string& form : forms(canary))
      if (bytes.find(form) != std::string::npos) found.insert(canary);
  return found;
}

struct Searched {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::set<std::string> found{};
};

inline Searched search(const std::string& folder) {
  Searched searched;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    searched.found.merge(found_in(entry.path().string()));
    if (!entry.is_regular_file()) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    ++searched.files;
    searched.bytes += text.str().size();
    for (const std::string& canary : found_in(text.str()))
      searched.found.insert(canary + " in " + entry.path().filename().string());
  }
  return searched;
}

inline std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + "; ";
  return text;
}

}  // namespace medflow::testing
