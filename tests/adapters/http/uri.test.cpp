#include "adapters/http/uri.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace medflow::http;

TEST_CASE("API-5: a query is names and values, decoded once, plus being a space") {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(query_pairs("") == Pairs{});
  CHECK(query_pairs("a=1&b=two+words&c=%2B49%26&d&=x&&e=a=b") ==
        Pairs{{"a", "1"}, {"b", "two words"}, {"c", "+49&"}, {"d", ""}, {"", "x"}, {"e", "a=b"}});
  CHECK(query_pairs("a=%252e") == Pairs{{"a", "%2e"}});
  for (const char* broken : {"a=%", "a=%4", "a=%zz", "%=1"}) CHECK_FALSE(query_pairs(broken));
}

TEST_CASE("API-1: a reason in a header is plain ASCII or RFC 8187") {
  CHECK(extended_value("entered twice") == "entered twice");
  CHECK(extended_value("UTF-8''doppelt%20angelegt%20%C3%BCber%20Nacht") ==
        "doppelt angelegt \xC3\xBC"
        "ber Nacht");
  CHECK(extended_value("utf-8'de'a%20b") == "a b");
  CHECK(extended_value("O'Neil's and O'Hara's") == "O'Neil's and O'Hara's");
  CHECK_FALSE(extended_value("UTF-8''%C3%B"));
  CHECK_FALSE(extended_value("caf\xC3\xA9"));
}

TEST_CASE("API-5: what is escaped comes back as it was") {
  std::string all;
  for (int c = 1; c < 256; ++c) all.push_back(static_cast<char>(c));
  CHECK(percent_decoded(percent_encoded(all)) == all);
  CHECK(percent_encoded("a-b_c.d~e f+/") == "a-b_c.d~e%20f%2B%2F");
}
