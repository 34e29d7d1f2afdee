// PDF (ISO 32000): its end is looked at as its readers do, from behind.
#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {
namespace {

constexpr std::size_t tail_bytes = 8 * 1024;

class Pdf final : public Inspector {
 public:
  void take(std::string_view bytes, std::string& out) override {
    tail_.add(bytes);
    out += bytes;
  }

  void finish(std::string&) override {
    const std::string& tail = tail_.bytes();
    const std::size_t end = tail.rfind("%%EOF");
    if (end == std::string::npos)
      throw tail_.total() > tail_bytes ? Failure(polyglot, "the document does not end within its last 4 KiB")
                                       : Failure(broken, "the document has no end");
    if (tail.size() - end - 5 > trailing_max) throw Failure(polyglot, "more than 4 KiB follow where the document ends");
    if (tail.substr(0, end).rfind("startxref") == std::string::npos)
      throw Failure(broken, "the document does not say where its parts are");
    if (ends_as_archive(std::string_view(tail).substr(end))) throw Failure(polyglot, "it is an archive too");
  }

 private:
  Tail tail_{tail_bytes};
};

}  // namespace

std::unique_ptr<Inspector> inspect_pdf() { return std::make_unique<Pdf>(); }

}  // namespace medflow::inline v1::documents::types
