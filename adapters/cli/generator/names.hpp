// Names that people have, by language: what the generator draws from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace medflow::generator {

/// How a second surname or a woman's surname is made.
enum class Surnames : std::uint8_t {
  plain,
  hyphenated,  ///< one in twelve has two, with a hyphen
  two,         ///< father's and mother's
  slavic,      ///< a feminine form by its ending
  patronymic,  ///< the father's given name with -sson or -sdóttir
};

/// One language. Lists are words with spaces between them, the commonest first; `_` stands for a space within a name.
struct Language {
  std::string_view name{};
  std::uint32_t weight = 1;  ///< how many in a hundred or so
  Surnames surnames = Surnames::plain;
  std::string_view race{};  ///< in the words of the layout
  std::string_view ethnicity{};
  std::string_view birthplace{};  ///< "City  Region  CC"
  std::string_view family{};
  std::string_view male{};
  std::string_view female{};
};

std::span<const Language> languages();

}  // namespace medflow::generator
