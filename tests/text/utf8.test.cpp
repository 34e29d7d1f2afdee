#include "text/utf8.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace medflow::text;

TEST_CASE("R4: valid UTF-8 of every length passes") {
  for (const char* text : {"", "plain", "\x7f", "ß", "\u07ff", "\u0800", "\uffff", "\ue000", "\ud55c", "\U00010000",
                           "\U0010ffff", "日本語 and more"})
    CHECK(valid_utf8(text));
  CHECK(valid_utf8(std::string_view("a\0b", 3)));
}

TEST_CASE("R4: overlong forms, surrogates, stray and missing bytes are refused") {
  for (const char* text : {"\x80",
                           "\xbf",
                           "\xc0\x80",
                           "\xc1\xbf",
                           "\xc3",
                           "\xe0\x80\x80",
                           "\xe0\x9f\xbf",
                           "\xed\xa0\x80",
                           "\xed\xbf\xbf",
                           "\xe2\x82",
                           "\xf0\x80\x80\x80",
                           "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80",
                           "\xff",
                           "\xfe",
                           "12345678\xc3",
                           "abc\xe4\xf6\xfc",
                           "\xf0\x9f\x98",
                           "\xc3\x28"})
    CHECK(!valid_utf8(text));
  CHECK(check("M\xfcller", Use::name) == TextFault::invalid_utf8);
}

TEST_CASE("R4: length is in code points") {
  CHECK(code_points("") == 0);
  CHECK(code_points("Müller") == 6);
  CHECK(code_points("日本") == 2);
  CHECK(code_points("\U0001F600") == 1);
  CHECK(code_points("u\u0308") == 2);
}

TEST_CASE("R4: text is stored in NFC") {
  const auto nfc = [](std::string text) {
    make_nfc(text);
    return text;
  };
  CHECK(nfc("Mu\u0308ller") == "M\u00fcller");
  CHECK(nfc("A\u030angstro\u0308m") == "\u00c5ngstr\u00f6m");
  CHECK(nfc("\u212b") == "\u00c5");
  CHECK(nfc("q\u0307\u0323") == "q\u0323\u0307");
  CHECK(nfc("\u1112\u1161\u11ab") == "\ud55c");
  CHECK(nfc("\u0958") == "\u0915\u093c");
  CHECK(nfc("\ufb01") == "\ufb01");
  CHECK(nfc("M\u00fcller") == "M\u00fcller");
  CHECK(nfc("plain") == "plain");
  const std::string many(1000, 'a');
  CHECK(nfc(many + "e\u0301") == many + "\u00e9");
}

TEST_CASE("R4: control characters are refused, but lines and tabs belong into notes") {
  CHECK(check("one line", Use::line) == TextFault::none);
  CHECK(check("two\nlines\tand a tab", Use::notes) == TextFault::none);
  CHECK(check("two\nlines", Use::line) == TextFault::control_character);
  CHECK(check("a\ttab", Use::name) == TextFault::control_character);
  CHECK(check("a\rb", Use::notes) == TextFault::control_character);
  CHECK(check(std::string_view("a\0b", 3), Use::notes) == TextFault::control_character);
  CHECK(check("\x1b[31m", Use::notes) == TextFault::control_character);
  CHECK(check("\x7f", Use::notes) == TextFault::control_character);
  CHECK(check("\u0080", Use::notes) == TextFault::control_character);
  CHECK(check("\u009f", Use::line) == TextFault::control_character);
  CHECK(check("\u00a0", Use::name) == TextFault::none);
}

TEST_CASE("R4: a name cannot turn the text around it") {
  for (const char* text : {"\u202a", "\u202e", "\u2066", "\u2069", "a\u202bb"}) {
    CHECK(check(text, Use::name) == TextFault::bidi_override);
    CHECK(check(text, Use::line) == TextFault::none);
  }
  for (const char* text : {"\u2029", "\u202f", "\u2065", "\u206a", "יעל", "\u200fאב"})
    CHECK(check(text, Use::name) == TextFault::none);
  CHECK(check("\u202e\x01", Use::name) == TextFault::control_character);
}
