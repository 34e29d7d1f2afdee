// Word documents of old (MS-CFB): only where programs in them are allowed, so only their build is looked at.
#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view stream_name = "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"sv;

class Doc final : public Inspector {
 public:
  Doc() { header_.want(512); }

  void take(std::string_view bytes, std::string& out) override {
    out += bytes;
    std::string_view rest = bytes;
    if (!has_header_ && header_.take(rest)) read_header();
    held_.append(bytes);
    named_ = named_ || held_.find(stream_name) != std::string::npos;
    held_.erase(0, held_.size() - std::min(held_.size(), stream_name.size()));
    total_ += bytes.size();
  }

  void finish(std::string&) override {
    if (!has_header_) throw Failure(broken, "the document has no header");
    if (!named_) throw Failure(type_refused, "it is no document of this kind");
    if (total_ > size_max_ + trailing_max) throw Failure(polyglot, "more than 4 KiB follow where the document ends");
    if (total_ < 3 * sector_) throw Failure(broken, "the document is not whole");
  }

 private:
  void read_header() {
    has_header_ = true;
    const std::string& head = header_.bytes();
    const std::uint64_t version = little(head, 26, 2);
    const std::uint64_t shift = little(head, 30, 2);
    if (little(head, 28, 2) != 0xFFFE || !((version == 3 && shift == 9) || (version == 4 && shift == 12)))
      throw Failure(broken, "the document's header is wrong");
    sector_ = std::uint64_t{1} << shift;
    const std::uint64_t tables = little(head, 44, 4);
    if (tables == 0 || tables > (std::uint64_t{1} << 20)) throw Failure(broken, "the document's header is wrong");
    size_max_ = (tables * (sector_ / 4) + 1) * sector_;  // what its tables of sectors can tell of
  }

  Gather header_{};
  bool has_header_ = false;
  bool named_ = false;
  std::string held_{};
  std::uint64_t sector_ = 512;
  std::uint64_t size_max_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

std::unique_ptr<Inspector> inspect_doc() { return std::make_unique<Doc>(); }

}  // namespace medflow::inline v1::documents::types
