#include <doctest/doctest.h>

#include <algorithm>
#include <iostream>
#include <string>

#include "documents/types/inspector.hpp"
#include "medflow/error.hpp"
#include "tests/documents/families.hpp"
#include "tests/documents/files.hpp"

using namespace medflow;
using namespace medflow::testing::files;
using namespace std::string_literals;
namespace types = medflow::documents::types;

namespace {

/// What becomes of a file that comes in pieces of this size; what is kept of it goes into `kept`.
std::string outcome(const Case& one, std::size_t piece, std::string* kept = nullptr) {
  const auto family = types::family_of_ending(types::ending_of(one.file_name));
  if (!family || (*family == types::Family::doc && !one.macros_allowed)) return "document.type";
  if (!types::declared_fits(*family, one.media_type)) return "document.type";
  if (one.bytes.empty()) return "document.broken";
  const std::string_view head = std::string_view(one.bytes).substr(0, 65536);
  if (!types::begins_as(*family, head) || !types::libmagic_agrees(*family, head)) return "document.type";
  try {
    const auto inspector = types::inspect(*family, {.macros_allowed = one.macros_allowed});
    std::string out;
    for (std::size_t at = 0; at < one.bytes.size(); at += piece)
      inspector->take(std::string_view(one.bytes).substr(at, piece), out);
    inspector->finish(out);
    if (kept != nullptr) *kept = std::move(out);
    return "";
  } catch (const Failure& failure) {
    return std::string(failure.error.code.name);
  }
}

bool is_among(const std::string& code, const std::string& expected) {
  std::size_t at = 0;
  while (true) {
    const std::size_t bar = std::min(expected.find('|', at), expected.size());
    if (expected.substr(at, bar - at) == code) return true;
    if (bar == expected.size()) return false;
    at = bar + 1;
  }
}

std::string cleaned(const std::string& file_name, const std::string& bytes, std::size_t piece = 100) {
  std::string kept;
  REQUIRE(outcome({.file_name = file_name, .bytes = bytes}, piece, &kept).empty());
  return kept;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE(
    "DOC-2 DOC-3: good files of every family are taken, and no hostile one slips through, in pieces of any size") {
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (const FamilyCases& family : families()) {
    CHECK(family.cases.size() >= 20);
    std::size_t good = 0;
    for (const Case& one : family.cases) {
      const std::string what = family.family + ": " + one.what;
      CAPTURE(what);
      for (const std::size_t piece : {std::size_t{65536}, std::size_t{4093}, std::size_t{7}, std::size_t{1}}) {
        if (piece < 100 && one.bytes.size() > 100'000) continue;
        CAPTURE(piece);
        const std::string code = outcome(one, piece);
        CAPTURE(code);
        CHECK(is_among(code, one.code));
      }
      one.code.empty() ? ++good : ++refused;
    }
    taken += good;
    MESSAGE(family.family << ": " << good << " taken, " << family.cases.size() - good << " refused");
  }
  MESSAGE(taken << " taken, " << refused << " refused");
}

TEST_CASE("DOC-2: what cameras say about place and owner is not kept, and pictures keep their orientation") {
  const std::string from_camera = jpeg(
      {.before_frame = jpeg_segment(0xE1, exif(6)) + jpeg_segment(0xE1, "http://ns.adobe.com/xap/1.0/\0<x:gps/>"s) +
                       jpeg_segment(0xED, "Photoshop 3.0 by Jane") + jpeg_segment(0xFE, "Jane's phone")});
  const std::string kept = cleaned("a.jpg", from_camera);
  CHECK_FALSE(holds(kept, "51.5074N"));
  CHECK_FALSE(holds(kept, "x:gps"));
  CHECK_FALSE(holds(kept, "Jane"));
  CHECK(holds(kept, "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06"s));
  CHECK(cleaned("a.jpg", kept) == kept);  // and what is kept is a good picture
  CHECK(cleaned("a.jpg", jpeg()) == jpeg());
  CHECK(cleaned("a.jpg", jpeg() + "left over") == jpeg());

  const std::string chunks = png_chunk("eXIf", exif(1).substr(6)) + png_chunk("tEXt", "Author\0Jane"s) +
                             png_chunk("iTXt", "XML:com.adobe.xmp");
  CHECK(cleaned("a.png", png(16, 16, chunks)) == png());

  const std::string webp_kept =
      cleaned("a.webp", webp(16, 16, webp_chunk("EXIF", exif(1)) + webp_chunk("XMP ", "<x:gps/>")));
  CHECK(webp_kept.size() == webp(16, 16, webp_chunk("EXIF", exif(1)) + webp_chunk("XMP ", "<x:gps/>")).size());
  CHECK_FALSE(holds(webp_kept, "51.5074N"));
  CHECK_FALSE(holds(webp_kept, "x:gps"));
  CHECK(webp_kept[20] == '\0');  // that there is any
}

TEST_CASE("DOC-2: files that were cut anywhere are refused, or are a text") {
  for (const auto& [name, bytes] : {std::pair{"a.jpg"s, jpeg()},
                                    {"a.png"s, png()},
                                    {"a.pdf"s, pdf()},
                                    {"a.docx"s, docx()},
                                    {"a.webp"s, webp()},
                                    {"a.xml"s, "<a><b/></a>"s},
                                    {"a.json"s, "[1,{\"a\":\"b\"}]"s}}) {
    const std::string& file = name;
    CAPTURE(file);
    // A PDF may do without its last line break.
    const std::size_t end = file == "a.pdf" ? bytes.size() - 1 : bytes.size();
    for (std::size_t size = 0; size < end; ++size) {
      CAPTURE(size);
      CHECK_FALSE(outcome({.file_name = name, .bytes = bytes.substr(0, size)}, 4096).empty());
    }
  }
}
