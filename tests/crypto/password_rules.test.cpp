#include "crypto/password_rules.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "crypto/password_words.hpp"
#include "support.hpp"

using namespace medflow::crypto;
using namespace medflow::crypto::testing;

namespace {

const std::vector<std::string_view> words{"Okonkwo", "ngozi", "St-Brigid", "brigid", "medflow"};

std::string rule(std::string_view password, bool second_factor = false) {
  const auto broken = password_rule_broken(password, second_factor, words);
  return broken ? std::string(broken->name) : "";
}

}  // namespace

TEST_CASE("USR-2: at least 15 code points, 8 with a second factor, at most 128") {
  CHECK(rule("kx7Rw2mQvt9zBp") == "password.short");
  CHECK(rule("kx7Rw2mQvt9zBpa") == "");
  CHECK(rule("kx7Rw2m", true) == "password.short");
  CHECK(rule("kx7Rw2mQ", true) == "");
  SeededRng rng(1);
  std::string longest;
  while (longest.size() < 128) longest += static_cast<char>('a' + rng.next() % 26);
  CHECK(rule(longest) == "");
  CHECK(rule(longest + "x") == "password.long");
}

TEST_CASE("USR-2: length counts code points, not bytes") {
  CHECK(rule("пчелажужжитнад") == "password.short");
  CHECK(rule("пчелажужжитнады") == "");
  std::string many;
  for (int i = 0; i < 64; ++i) many += i % 3 == 0 ? "ж" : i % 3 == 1 ? "щ" : "ю";
  CHECK(rule("пароль дляпроверкидлины" + many) != "password.long");
}

TEST_CASE("USR-2: the first passwords that anybody tries are refused") {
  for (const std::string_view password :
       {"password12345678",   "qwertyuiopasdfgh",   "123456789012345",     "aaaaaaaaaaaaaaa",
        "Password12345678!",  "P@ssw0rd12345678",   "passwordpassword",    "abcdefghijklmnop",
        "abcabcabcabcabcabc", "1qaz2wsx3edc4rfv",   "qazwsxedcrfvtgb",     "000000000000000",
        "1234567890qwerty",   "qwerty1234567890",   "iloveyouiloveyou",    "administrator123",
        "Administrator2024",  "welcome123456789",   "letmeinletmein123",   "sunshine20202021",
        "0987654321098765",   "zyxwvutsrqponmlk",   "monkeymonkeymonkey",  "111111222222333333",
        "121212121212121212", "hospitalhospital1",  "Hospital!Hospital!",  "summer2024summer",
        "!@#$%^&*()_+!@#$",   "michaelmichael99",   "qwertzuiopasdfghjkl", "azertyuiopqsdfgh",
        "PASSWORD12345678",   "passw0rdpassw0rd",   "aaaaaaaabbbbbbbb",    "princessprincess",
        "1q1q1q1q1q1q1q1q",   "asdfghjklasdfghjkl", "football123456789",   "        password       "})
    CHECK_MESSAGE(rule(password) == "password.common", password);
  for (const std::string_view password :
       {"password",   "12345678", "qwertyui",  "Passw0rd", "P@ssw0rd1", "iloveyou", "sunshine",
        "abcd1234",   "11111111", "welcome1",  "football", "baseball",  "superman", "trustno1",
        "letmein1",   "dragon12", "monkey123", "1q2w3e4r", "qwerty123", "admin123", "abc12345",
        "password1!", "00000000", "princess1", "michael1", "19851985",  "summer24", "hospital1"})
    CHECK_MESSAGE(rule(password, true) == "password.common", password);
}

TEST_CASE("USR-2: every base word with the usual endings is refused: more than 10,000 forms") {
  std::size_t tried = 0, accepted = 0;
  std::string_view rest = common_password_words;
  while (!rest.empty()) {
    const std::string word(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(rest.find(' ') + 1);
    std::string capital = word;
    capital[0] = static_cast<char>(capital[0] - 'a' + 'A');
    for (const std::string& base : {word, capital, word + word})
      for (const std::string_view ending :
           {"", "1", "12", "123", "1234", "12345678", "123456789012", "1!", "2024", "2025!", "!!!", "007", "qwerty"}) {
        ++tried;
        std::string password = base + std::string(ending);
        if (password_guess_decibits(password, {}) >= password_guess_min) ++accepted;
      }
  }
  CHECK(tried > 10'000);
  CHECK(accepted == 0);
}

TEST_CASE("USR-2: words of the user, the tenant and the product do not make a password") {
  for (const std::string_view password :
       {"NgoziOkonkwo1985", "okonkwo.ngozi.1985", "st-brigid-medflow", "MedFlow123456789", "Brigid2024Brigid",
        "medflowmedflow!", "0k0nkw0Ng0z1123", "brigidhospital2025"})
    CHECK_MESSAGE(rule(password) == "password.common", password);
}

TEST_CASE("USR-2: real passphrases and random passwords are accepted, without rules of composition") {
  for (const std::string_view password :
       {"correct horse battery staple", "the heron walks at four", "vergissmeinnicht am zaun",
        "kaffee ohne milch bitte", "fjord lantern biscuit", "tangerine wobbles slowly", "nine-oblong-walruses",
        "xkvuwqzjhtrmpbn", "92740183650297461835", "мой сосед играет на трубе", "雨の日には本を読んで暮らす私です"})
    CHECK_MESSAGE(rule(password) == "", password);
  SeededRng rng(7);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string password;
    for (int n = 0; n < 15; ++n) password += static_cast<char>('a' + rng.next() % 26);
    if (!rule(password).empty()) ++refused;
    password.resize(10);
    if (!rule(password, true).empty()) ++refused;
  }
  CHECK(refused == 0);
}
