#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

#include "documents/types/inspector.hpp"
#include "medflow/error.hpp"
#include "tests/documents/files.hpp"

using namespace medflow;
using namespace medflow::testing::files;
namespace types = medflow::documents::types;

namespace {

constexpr std::size_t size = std::size_t{5} * 1024 * 1024;

/// The document is looked at in pieces, as it comes; what it took of the processor.
double work_of(const std::string& document) {
  const std::clock_t begin = std::clock();
  const auto inspector = types::inspect(types::Family::pdf, {});
  std::string out;
  for (std::size_t at = 0; at < document.size(); at += 65536) {
    out.clear();
    inspector->take(std::string_view(document).substr(at, 65536), out);
  }
  inspector->finish(out);
  return static_cast<double>(std::clock() - begin);
}

std::string repeated(std::string_view part, std::string_view every_4_kib = {}) {
  std::string body;
  while (body.size() < size) {
    body += every_4_kib;
    for (std::size_t i = 0; i < 4000; i += part.size()) body += part;
  }
  return pdf(body);
}

}  // namespace

TEST_CASE("DOC-2 DOC-3: a hostile PDF takes hardly more work than a harmless one of its size") {
  const std::string letter = repeated("a letter to you\n");
  const double harmless = std::max({work_of(letter), work_of(letter), 1000.0});
  // What was read again for each beginning of a stream took hundreds of times as much.
  struct Body {
    std::string what;
    std::string_view part;
    std::string_view every_4_kib;
  };
  for (const Body& body : {Body{"streams", "stream\n", "/ObjStm "},
                           {"streams of objects", "stream\n", "/ObjStm/FlateDecode "},
                           {"packed streams of objects", "stream\nx\x9C!", "/ObjStm/FlateDecode "},
                           {"their names again and again", "/ObjStm/FlateDecode stream\nx\x9C!", ""},
                           {"objects", " obj", ""},
                           {"names", "/#41", ""},
                           {"open texts", "(", "\nendstream "},
                           {"texts", "\nendstream ( ) ", ""}}) {
    const double hostile = work_of(repeated(body.part, body.every_4_kib));
    MESSAGE(body.what << ": " << hostile / harmless << " times");
    CHECK(hostile < 40 * harmless);
  }
}
