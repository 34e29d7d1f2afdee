#include "text/name_key.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace medflow::text;

namespace {

using Strings = std::vector<std::string>;

Strings tokens(std::string_view name) {
  TokenList list;
  add_name_tokens(name, list);
  Strings out;
  for (std::size_t i = 0; i < list.size(); ++i) out.emplace_back(list[i]);
  return out;
}

/// The alternatives of a query of one word.
std::vector<Strings> alternatives(std::string_view query) {
  const auto words = query_tokens(query);
  REQUIRE(words.size() == 1);
  return words[0].alternatives;
}

}  // namespace

TEST_CASE("R5: letters fold to their plain lower-case forms (golden vectors)") {
  struct Row {
    const char* name;
    Strings tokens;
  };
  const Row rows[] = {
      {"Smith", {"smith"}},
      {"MÜLLER", {"muller", "mueller"}},
      {"Müller", {"muller", "mueller"}},
      {"Mu\u0308ller", {"muller", "mueller"}},
      {"Mueller", {"mueller"}},
      {"MÜL", {"mul", "muel"}},
      {"Åström", {"astrom", "aastroem"}},
      {"Łukasz", {"lukasz"}},
      {"O’Brien", {"obrien"}},
      {"O'Brien", {"obrien"}},
      {"O\u2018Brien", {"obrien"}},
      {"Nguyễn", {"nguyen"}},
      {"Straße", {"strasse"}},
      {"STRAẞE", {"strasse"}},
      {"Ægir", {"aegir"}},
      {"Œdipe", {"oedipe"}},
      {"Søren", {"soren"}},
      {"Đorđe", {"dorde"}},
      {"Guðrún", {"gudrun"}},
      {"Þór", {"thor"}},
      {"Iŋa", {"ina"}},
      {"İstanbul", {"istanbul"}},
      {"Işıl", {"isil"}},
      {"Garçon", {"garcon"}},
      {"\ufb01nn", {"finn"}},
      {"Νικόλαος", {"νικολαοσ"}},
      {"Фёдор", {"федор"}},
      {"Дем’яненко", {"демяненко"}},
      {"Демʼяненко", {"демяненко"}},
      {"Oʻktam", {"oktam"}},
      {"יַעֲקֹב", {"יעקב"}},
      {"王偉", {"王偉"}},
      {"ガブリエル", {"カフリエル"}},
      {"김", {"\u1100\u1175\u11b7"}},
      {"გიორგი", {"გიორგი"}},
      {"", {}},
      {" - . ' ", {}},
  };
  for (const Row& row : rows) CHECK_MESSAGE(tokens(row.name) == row.tokens, row.name);
}

TEST_CASE("R5: Arabic names lose vowel signs and tatweel, and their letter forms are one") {
  CHECK(tokens("مُحَمَّد") == tokens("محمد"));
  CHECK(tokens("محـــمد") == tokens("محمد"));
  CHECK(tokens("أحمد") == tokens("احمد"));
  CHECK(tokens("إبراهيم") == tokens("ابراهيم"));
  CHECK(tokens("آمنة") == tokens("امنه"));
  CHECK(tokens("\u0671حمد") == tokens("احمد"));
  CHECK(tokens("فاطمة") == tokens("فاطمه"));
  CHECK(tokens("ليلى") == tokens("ليلي"));
  CHECK(tokens("محمد") != tokens("محمود"));
}

TEST_CASE("R5: a hyphen gives the joined form and the parts; other punctuation and spaces split; ' and . vanish") {
  CHECK(tokens("Smith-Jones") == Strings{"smithjones", "smith", "jones"});
  CHECK(tokens("Smith\u2010Jones") == Strings{"smithjones", "smith", "jones"});
  CHECK(tokens("Smith\u2011Jones") == Strings{"smithjones", "smith", "jones"});
  CHECK(tokens("בן־גוריון") == Strings{"בןגוריון", "בן", "גוריון"});
  CHECK(tokens("Smith-Müller") == Strings{"smithmuller", "smith", "muller", "smithmueller", "mueller"});
  CHECK(tokens("-Smith--Jones-") == Strings{"smithjones", "smith", "jones"});
  CHECK(tokens("Smith-") == Strings{"smith"});
  CHECK(tokens("Anne-Marie-Luise") == Strings{"annemarieluise", "anne", "marie", "luise"});
  CHECK(tokens("Smith/Jones,Lee (Kim)") == Strings{"smith", "jones", "lee", "kim"});
  CHECK(tokens("Smith – Jones") == Strings{"smith", "jones"});
  CHECK(tokens("J. R. St.John") == Strings{"j", "r", "stjohn"});
  CHECK(tokens("de la Cruz de la Cruz") == Strings{"de", "la", "cruz"});
  CHECK(tokens("Mari\u00adanne") == Strings{"marianne"});
  CHECK(tokens("Henry 8th") == Strings{"henry", "8th"});
}

TEST_CASE("R5: what a user types finds the name however it is written") {
  CHECK(alternatives("mueller") == std::vector<Strings>{{"mueller"}});
  CHECK(alternatives("Müller") == std::vector<Strings>{{"muller"}, {"mueller"}});
  CHECK(alternatives("Smith-Jones") == std::vector<Strings>{{"smithjones"}, {"smith", "jones"}});
  CHECK(alternatives("Lee-Kühn") == std::vector<Strings>{{"leekuhn"}, {"lee", "kuhn"}, {"leekuehn"}, {"lee", "kuehn"}});
  CHECK(query_tokens("john smith").size() == 2);
  CHECK(query_tokens(" .-' ").empty());
}

TEST_CASE("R5: one letter alone is not searched for") {
  CHECK(!searchable(query_tokens("")));
  CHECK(!searchable(query_tokens("s")));
  CHECK(!searchable(query_tokens("é.")));
  CHECK(searchable(query_tokens("sm")));
  CHECK(searchable(query_tokens("é é")));
  CHECK(searchable(query_tokens("j smith")));
}

TEST_CASE("R5: names sort by their folded words") {
  CHECK(sort_key("  van der  BERG ") == "van der berg");
  CHECK(sort_key("Smith-Müller") == "smithmuller");
  CHECK(sort_key("...") == "");

  // Read once for both: the same tokens, and the keys of several names in one.
  TokenList tokens;
  std::string key;
  for (const std::string_view name : {"Anna-Lena", "...", "  van der  BERG "}) add_name_tokens(name, tokens, key);
  CHECK(key == "annalena van der berg");
  TokenList alone;
  for (const std::string_view name : {"Anna-Lena", "...", "  van der  BERG "}) add_name_tokens(name, alone);
  REQUIRE(tokens.size() == alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) CHECK(tokens[i] == alone[i]);
}

TEST_CASE("R5: a hostile name costs a bounded number of tokens") {
  std::string words;
  std::string parts = "x";
  for (int i = 0; i < 2'000; ++i) {
    words += std::to_string(i) + " ";
    parts += "-" + std::to_string(i);
  }
  CHECK(tokens(words).size() == tokens_max);
  CHECK(query_tokens(words).size() == query_tokens_max);
  CHECK(tokens(parts).size() == 17);
  CHECK(alternatives(parts)[1].size() == 16);
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "ü";
  CHECK(tokens(umlauts)[0] == std::string(200, 'u'));
  CHECK(tokens("M\xfcller").empty());
}
